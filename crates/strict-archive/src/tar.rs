//! A strict streaming reader of tar: POSIX ustar and pax (IEEE Std 1003.1, "pax Interchange
//! Format"), and the long names and large numbers of GNU tar.
//!
//! A tar has no directory to compare with, so what is checked is that each header is whole (its
//! checksum), that it is of a kind that a package can hold, that what extends it is unambiguous,
//! and that the archive ends where it says. Names are exact, save one spelling: `tar -C dir .`
//! writes `./bin/codex`, and that leading `./` is taken away. A reader may be asked to take more.
//!
//! Why not the crate `tar`: it stops at the first block of zeros whatever follows, hands out two
//! entries of one name, and takes a size or a name that two headers of an entry give differently.

mod bounds;
mod entry;
mod extension;
pub(crate) mod fault;
mod header;
mod reader;
#[cfg(test)]
mod testing;

pub use entry::{Entry, EntryKind, Spelling};
pub use fault::TarFault;
pub use reader::Reader;
