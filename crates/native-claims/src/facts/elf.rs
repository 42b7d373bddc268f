//! ELF (System V ABI, chapters 4 and 5; the GNU extensions as the Linux Standard Base has them).
//!
//! Only what a loader follows is read: the segments, the dynamic table that one of them holds and
//! the tables that it points to. Section headers are not; they can be missing or lie.

mod arm;
mod dynamic;
mod head;
mod identity;
mod kind;
mod layout;
mod notes;
pub(super) mod origin;
mod read;
mod segments;
mod symbols;
mod system;
#[cfg(test)]
mod testing;
mod versions;

pub(super) use head::head;
pub use kind::{Elf, ElfKind, Libc, Stack};
pub use notes::IsaLevel;
pub(super) use read::read;
pub use segments::Segments;
pub use system::UnixSystem;
pub use versions::{SymbolVersion, VersionNeed};
