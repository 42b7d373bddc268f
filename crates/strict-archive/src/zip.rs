//! A strict reader of zip (PKWARE APPNOTE.TXT 6.3.10).
//!
//! The file is read from its end: the end record and its zip64 companion (`end`), the central
//! directory (`central`), then the local header of every entry (`local`), which must say the
//! same. The entries, laid end to end, and the directory must cover the file exactly: no two
//! entries share a byte, and no byte belongs to none. Only then are entries handed out, and
//! [`Content`] checks sizes and CRC as it inflates.
//!
//! Why not the crate `zip`: it reads the central directory and ignores what the local headers say
//! otherwise, passes over bytes that belong to no entry, and keeps one of two entries of a name.

mod archive;
mod central;
mod content;
mod end;
pub(crate) mod fault;
mod fields;
mod local;
mod record;
#[cfg(test)]
pub(crate) mod testing;

pub use archive::Archive;
pub use central::{Entry, EntryKind, Method};
pub use content::Content;
pub use fault::ZipFault;
