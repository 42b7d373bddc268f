//! A strict reader of zip (PKWARE APPNOTE.TXT 6.3.10).
//!
//! The file is read from its end: the end record and its zip64 companion (`end`), the central
//! directory (`central`), then the local header of every entry (`local`), which must say the
//! same. The entries, laid end to end, and the directory must cover the file exactly: no two
//! entries share a byte, and no byte belongs to none. Only then are entries handed out, and
//! [`Content`] checks sizes and CRC as it inflates.

mod archive;
mod central;
mod content;
mod end;
mod fault;
mod fields;
mod local;
#[cfg(test)]
pub(crate) mod testing;

pub use archive::Archive;
pub use central::{Entry, Kind, Method};
pub use content::Content;
pub use fault::Fault;
