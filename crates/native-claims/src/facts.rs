//! What an executable, a library or a script says of itself.
//!
//! The formats are read with the structures of the `object` crate, and not with its readers of
//! whole files: these take what they are given for honest, want the file in memory (one of ours
//! has 297 MB) and look for names in tables that a loader never reads. Here the tables are those
//! that the loader of the format follows, so that nothing can hide behind a stripped or a forged
//! section table, and every read is counted: tables that overlap, form a ring or claim
//! 2³² entries cost no more than honest ones may.
//!
//! A file that begins as an executable and is none is an error, since a loader refuses it too.
//! Decided against: relocatable objects and archives of them, whose contents are no claim before
//! they are linked (they are facts of kind `other`, or none); and symbol tables, whose versions
//! say all that a tag promises.
//!
//! Texts (names of libraries, paths) are as the file has them, with U+FFFD for what is not UTF-8.
//! They may hold any character: quote them before a terminal sees them.

mod cpu;
mod elf;
mod head;
mod image;
mod mach_o;
mod pe;
mod script;
#[cfg(test)]
pub(crate) mod testing;

use std::io::{self, Read, Seek};

use serde::Serialize;

pub use cpu::Cpu;
#[cfg(test)]
pub(crate) use elf::numbers;
pub use elf::{Elf, ElfKind, IsaLevel, Libc, Stack, SymbolVersion, VersionNeed};
pub use head::{Head, Program, head};
pub use image::Fault;
use image::{Image, Source, Stop};
pub use mach_o::{AppleVersion, Dylib, MachO, MachOKind, MachOSlice};
pub use pe::{Pe, WindowsVersion};
pub use script::Script;

use crate::ObjectFormat;

/// What a file is that a system can run or load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "format", rename_all = "snake_case")]
pub enum Facts {
    /// Linux, and most other Unix systems.
    Elf(Elf),
    /// macOS and its relatives, for one CPU or for several.
    MachO(MachO),
    /// Windows.
    Pe(Pe),
    /// A text that names its interpreter.
    Script(Script),
}

/// Why a file that begins as an executable has no facts.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be read.
    #[error("it could not be read")]
    Io(#[source] io::Error),
    /// No loader would take it.
    #[error("it begins as {} and is damaged: {fault}", article(*format))]
    Damaged {
        /// What it begins as.
        format: ObjectFormat,
        /// What is wrong with it.
        fault: Fault,
    },
}

impl Error {
    /// Returns what to do about it: one sentence, in the imperative, without a full stop.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Io(_) => "check the disk and the permissions of the file",
            Self::Damaged { .. } => {
                "build the file again, or fetch it again: it was cut short or changed on the way"
            }
        }
    }
}

impl Stop {
    fn of(self, format: ObjectFormat) -> Error {
        match self {
            Self::Io(error) => Error::Io(error),
            Self::Fault(fault) => Error::Damaged { format, fault },
        }
    }
}

fn article(format: ObjectFormat) -> &'static str {
    match format {
        ObjectFormat::Elf => "an ELF file",
        ObjectFormat::MachO => "a Mach-O file",
        ObjectFormat::Pe => "a PE file",
    }
}

/// Whether a file with these first bytes may have facts that are read from all over it.
#[must_use]
pub fn begins_like_an_object(head: &[u8]) -> bool {
    matches!(head, [0x7f, b'E', b'L', b'F', ..] | [b'M', b'Z', ..]) || mach_o::begins(head)
}

/// Reads what `source` says of itself; nothing when it is neither executable, library nor script.
///
/// Reads at most 16 MiB of it, whatever it holds.
pub fn read(source: &mut (impl Read + Seek)) -> Result<Option<Facts>, Error> {
    let source = Source::new(source).map_err(Error::Io)?;
    let image = Image::whole(&source);
    let head = image.head().map_err(Error::Io)?;
    let (format, facts) = match head[..] {
        [0x7f, b'E', b'L', b'F', ..] => (
            ObjectFormat::Elf,
            elf::read(&image).map(|elf| Some(Facts::Elf(elf))),
        ),
        [b'M', b'Z', ..] => (
            ObjectFormat::Pe,
            pe::read(&image).map(|pe| pe.map(Facts::Pe)),
        ),
        [b'#', b'!', ..] => return Ok(script::parse(&head).map(Facts::Script)),
        _ if mach_o::begins(&head) => (
            ObjectFormat::MachO,
            mach_o::read(&image).map(|mach_o| mach_o.map(Facts::MachO)),
        ),
        _ => return Ok(None),
    };
    facts.map_err(|stop| stop.of(format))
}
