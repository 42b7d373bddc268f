//! What an executable says of its format, its CPU and its length.
//!
//! This is as much as telling kinds of input apart, naming their target and noticing that one was
//! cut short takes. Everything else that an executable says of itself is the audit's to read.
//!
//! Only headers and tables are read, each of bounded size, and never the content that they
//! describe: all that matters of it here is that it lies within the file.

mod elf;
mod image;
mod mach_o;
mod pe;

use std::io::{self, Read, Seek, SeekFrom};

pub use image::Truncation;
use image::{Flaw, Image, Stop};

use crate::product::Platform;
use native_claims::ObjectFormat;

/// The head of an executable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ObjectHeader {
    pub(super) format: ObjectFormat,
    /// The CPU, as the format numbers it.
    pub(super) machine: u32,
}

/// What a file begins with, as far as executables are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    Executable(ObjectHeader),
    /// An executable or a part of one, of a kind that is no program for one target.
    Unfit(&'static str),
    /// The beginning of one.
    Truncated(Truncation),
    /// Something else.
    Other,
}

/// Bytes that [`Head::parse`] wants to see, if there are as many: the PE header is rarely further
/// in.
pub(super) const HEAD_LEN: usize = 1024;

impl Head {
    /// Tells what begins with `bytes`: [`HEAD_LEN`] of them, or all that there are. What they
    /// describe need not be there.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let parsed = match bytes {
            [0x7f, b'E', b'L', b'F', ..] => elf::machine(bytes),
            [0xcf, 0xfa, 0xed, 0xfe, ..] => mach_o::machine(bytes),
            [b'M', b'Z', ..] => pe::machine(bytes),
            _ => return Self::parse_other(bytes),
        };
        parsed.map_or_else(Self::from, Self::Executable)
    }

    fn parse_other(bytes: &[u8]) -> Self {
        match bytes {
            [0xce, 0xfa, 0xed, 0xfe, ..] => Self::Unfit("a 32-bit Mach-O file"),
            [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] => Self::Unfit("a big-endian Mach-O file"),
            // Java classes have the same magic; where these have a version, a universal file has a
            // small count.
            [0xca, 0xfe, 0xba, 0xbe | 0xbf, 0, 0, 0, 1..=20, ..] => {
                Self::Unfit("a universal Mach-O file, which holds programs for several CPUs")
            }
            _ => Self::Other,
        }
    }

    /// Tells what `file` is, and whether all of it is there. Leaves it at the start.
    pub(super) fn read(file: &mut (impl Read + Seek)) -> io::Result<Self> {
        let mut bytes = Vec::new();
        file.by_ref()
            .take(HEAD_LEN as u64)
            .read_to_end(&mut bytes)?;
        let parsed = Self::parse(&bytes);
        let Self::Executable(header) = parsed else {
            file.seek(SeekFrom::Start(0))?;
            return Ok(parsed);
        };
        let mut image = Image::new(file)?;
        let checked = match header.format {
            ObjectFormat::Elf => elf::check(&mut image),
            ObjectFormat::MachO => mach_o::check(&mut image),
            ObjectFormat::Pe => pe::check(&mut image),
        };
        file.seek(SeekFrom::Start(0))?;
        match checked {
            Ok(()) => Ok(parsed),
            Err(Stop::Flaw(flaw)) => Ok(flaw.into()),
            Err(Stop::Io(error)) => Err(error),
        }
    }
}

impl From<Flaw> for Head {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::Unfit(what) => Self::Unfit(what),
            Flaw::Truncated(truncation) => Self::Truncated(truncation),
        }
    }
}

impl ObjectHeader {
    /// The platform whose executables look like this.
    pub(super) fn platform(self, platforms: &[Platform]) -> Option<&Platform> {
        platforms.iter().find(|platform| self.is_of(platform))
    }

    /// Whether executables of `platform` look like this.
    pub(super) fn is_of(self, platform: &Platform) -> bool {
        (platform.executable.format, platform.executable.machine) == (self.format, self.machine)
    }

    /// For a person: the target if it is known, the numbers otherwise.
    pub(super) fn describe(self, platforms: &[Platform]) -> String {
        match self.platform(platforms) {
            Some(platform) => format!("a program for {}", platform.target),
            None => format!(
                "{} for the machine {:#x}",
                format_name(self.format),
                self.machine
            ),
        }
    }
}

fn format_name(format: ObjectFormat) -> &'static str {
    match format {
        ObjectFormat::Elf => "an ELF program",
        ObjectFormat::MachO => "a Mach-O program",
        ObjectFormat::Pe => "a PE program",
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::testing::{elf, mach_o, pe};
    use super::*;

    #[test]
    fn format_and_machine_are_found() {
        let head = |format, machine| Head::Executable(ObjectHeader { format, machine });
        assert_eq!(Head::parse(&elf(0x3e)), head(ObjectFormat::Elf, 0x3e));
        assert_eq!(
            Head::parse(&mach_o(0x0100_000c)),
            head(ObjectFormat::MachO, 0x0100_000c)
        );
        assert_eq!(Head::parse(&pe(0xaa64)), head(ObjectFormat::Pe, 0xaa64));
    }

    #[test]
    fn what_is_no_program_for_one_target_is_said_to_be_so() {
        let change = |mut bytes: Vec<u8>, index: usize, byte| {
            bytes[index] = byte;
            Head::parse(&bytes)
        };
        for head in [
            change(elf(0x3e), 5, 2),
            change(elf(0x3e), 16, 1),
            change(mach_o(1), 0, 0xce),
            change(mach_o(1), 12, 6),
            change(elf(0xb7), 4, 1),
            change(elf(0x3e), 4, 3),
            change(pe(1), 0x3c, 0),
            change(pe(1), 0x40 + 22, 0),
            change(pe(1), 0x40 + 23, 0x20),
            Head::parse(&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2]),
        ] {
            assert!(matches!(head, Head::Unfit(_)), "{head:?}");
        }
        // A Java class, a script, nothing.
        for bytes in [
            &[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61][..],
            b"#!/bin/sh",
            b"M",
            b"",
        ] {
            assert_eq!(Head::parse(bytes), Head::Other);
        }
    }

    #[test]
    fn a_shared_object_with_an_entry_point_is_a_program() {
        let mut bytes = elf(0x3e);
        bytes[16] = 3;
        assert!(matches!(Head::parse(&bytes), Head::Executable(_)));
        bytes[24] = 0;
        assert_eq!(Head::parse(&bytes), Head::Unfit("a shared library"));
    }

    #[test]
    fn a_program_cut_anywhere_is_refused() {
        for bytes in [elf(0x3e), mach_o(7), pe(0x8664)] {
            let read = |bytes: &[u8]| Head::read(&mut Cursor::new(bytes)).unwrap();
            for end in 0..bytes.len() {
                match read(&bytes[..end]) {
                    Head::Truncated(Truncation {
                        end: wanted, len, ..
                    }) => {
                        assert_eq!(len, end as u64);
                        assert!(len < wanted && wanted <= bytes.len() as u64);
                    }
                    Head::Other => assert!(end < 4),
                    head => panic!("{head:?} of {end} bytes"),
                }
            }
            assert!(matches!(read(&bytes), Head::Executable(_)));
            let more = [&bytes[..], b"more"].concat();
            assert!(matches!(read(&more), Head::Executable(_)));
        }
    }

    #[test]
    fn a_program_with_any_damage_is_no_panic() {
        for bytes in [elf(0x3e), mach_o(7), pe(0x8664)] {
            for at in 0..bytes.len() {
                for byte in [0, 1, 0x7f, 0xff] {
                    let mut bytes = bytes.clone();
                    bytes[at] = byte;
                    Head::read(&mut Cursor::new(bytes)).unwrap();
                }
            }
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let truncation = |bytes: &[u8]| match Head::parse(bytes) {
            Head::Truncated(truncation) => truncation.to_string(),
            head => panic!("{head:?}"),
        };
        assert_eq!(
            truncation(b"\x7fELF"),
            "it ends at byte 4, before what its headers describe: the ELF header would end at \
             byte 64"
        );
    }
}
