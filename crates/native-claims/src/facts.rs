//! What an executable, a library or a script says of itself.
//!
//! The formats are read with the structures of the `object` crate, and not with its readers of
//! whole files: these take what they are given for honest, want the file in memory (one of ours
//! has 297 MB) and look for names in tables that a loader never reads. Here the tables are those
//! that the loader of the format follows, so that nothing can hide behind a stripped or a forged
//! section table, and every read is counted: tables that overlap, form a ring or claim
//! 2³² entries cost no more than honest ones may.
//!
//! A file that begins as an executable and is not one is an error, since a loader refuses it too.
//! Decided against: relocatable objects and archives of them, whose contents are no claim before
//! they are linked (they are facts of kind `other`, or none); and the names of symbols, but for those
//! that a policy of manylinux or musllinux forbids: the versions of symbols say all else that a tag
//! promises.
//!
//! Texts (names of libraries, paths) are as the file has them, with U+FFFD for what is not UTF-8.
//! They may hold any character: quote them before a terminal sees them.

mod cpu;
mod elf;
mod error;
mod head;
mod identity;
mod image;
mod kind;
mod mach_o;
mod origin;
mod pe;
mod read;
mod script;
#[cfg(test)]
pub(crate) mod testing;
mod xcoff;

#[cfg(test)]
pub(crate) use mach_o::SliceLayout;
pub(crate) use mach_o::platform::name as name_of_platform;

pub use cpu::Cpu;
pub use elf::origin::{ElfOrigin, FloatAbi, Linkage};
pub use elf::{
    Elf, ElfKind, IsaLevel, Libc, Segments, Stack, SymbolVersion, UnixSystem, VersionNeed,
};
pub use error::FactsError;
pub use head::{Head, Program};
pub use identity::Identity;
pub use image::Damage;
pub use kind::Facts;
pub use mach_o::origin::{MachOOrigin, SliceOrigin};
pub use mach_o::{
    AppleSystem, AppleVersion, Dylib, MachO, MachOKind, MachOSlice, PageHasher, PageHashes,
    Signature, SignatureFault,
};
pub use origin::{Origin, PeOrigin, XcoffOrigin};
pub use pe::{Pe, WindowsVersion};
pub use read::{begins_like_an_object, head, origin, read, read_signed};
pub use script::Script;
pub use xcoff::Xcoff;
