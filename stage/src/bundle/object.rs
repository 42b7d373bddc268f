//! What the first bytes of an executable say: its format and its CPU.
//!
//! This is as much as telling kinds of input apart and naming their target takes. Everything else
//! that an executable says of itself is the audit's to read.

use std::io::{self, Read, Seek, SeekFrom};

use crate::platform::{ObjectFormat, Platform};

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
    /// Something else.
    Other,
}

/// Bytes that [`Head::parse`] wants to see, if there are as many: the PE header is rarely further
/// in.
pub(super) const HEAD_LEN: usize = 1024;

impl Head {
    /// Tells what begins with `bytes`.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        match bytes {
            [0x7f, b'E', b'L', b'F', ..] => Self::parse_elf(bytes),
            [0xcf, 0xfa, 0xed, 0xfe, ..] => Self::parse_mach_o(bytes),
            [0xce, 0xfa, 0xed, 0xfe, ..] => Self::Unfit("a 32-bit Mach-O file"),
            [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] => Self::Unfit("a big-endian Mach-O file"),
            // Java classes have the same magic; where these have a version, a universal file has a
            // small count.
            [0xca, 0xfe, 0xba, 0xbe | 0xbf, 0, 0, 0, 1..=20, ..] => {
                Self::Unfit("a universal Mach-O file, which holds programs for several CPUs")
            }
            [b'M', b'Z', ..] => Self::parse_pe(bytes),
            _ => Self::Other,
        }
    }

    /// Reads the start of `file` and leaves it at the start.
    pub(super) fn read(file: &mut (impl Read + Seek)) -> io::Result<Self> {
        let mut bytes = Vec::new();
        file.by_ref()
            .take(HEAD_LEN as u64)
            .read_to_end(&mut bytes)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Self::parse(&bytes))
    }

    fn parse_elf(bytes: &[u8]) -> Self {
        const LITTLE_ENDIAN: u8 = 1;
        const EXECUTABLE: u16 = 2;
        // Also a position-independent executable.
        const SHARED: u16 = 3;
        if bytes.get(5) != Some(&LITTLE_ENDIAN) {
            return Self::Unfit("a big-endian ELF file");
        }
        match (u16_at(bytes, 16), u16_at(bytes, 18)) {
            (Some(EXECUTABLE | SHARED), Some(machine)) => {
                Self::executable(ObjectFormat::Elf, machine.into())
            }
            (Some(_), Some(_)) => Self::Unfit("an ELF file that is no program"),
            _ => Self::Unfit("an ELF file that is cut short"),
        }
    }

    fn parse_mach_o(bytes: &[u8]) -> Self {
        const EXECUTE: u32 = 2;
        match (u32_at(bytes, 4), u32_at(bytes, 12)) {
            (Some(machine), Some(EXECUTE)) => Self::executable(ObjectFormat::MachO, machine),
            (Some(_), Some(_)) => Self::Unfit("a Mach-O file that is no program"),
            _ => Self::Unfit("a Mach-O file that is cut short"),
        }
    }

    fn parse_pe(bytes: &[u8]) -> Self {
        const DLL: u16 = 0x2000;
        let Some(pe) = u32_at(bytes, 0x3c).and_then(|offset| usize::try_from(offset).ok()) else {
            return Self::Other;
        };
        let Some(header) = bytes
            .get(pe..)
            .filter(|header| header.starts_with(b"PE\0\0"))
        else {
            return Self::Unfit("an MS-DOS program, or a PE file that is damaged");
        };
        match (u16_at(header, 4), u16_at(header, 22)) {
            (Some(_), Some(flags)) if flags & DLL != 0 => Self::Unfit("a DLL"),
            (Some(machine), Some(_)) => Self::executable(ObjectFormat::Pe, machine.into()),
            _ => Self::Unfit("a PE file that is cut short"),
        }
    }

    fn executable(format: ObjectFormat, machine: u32) -> Self {
        Self::Executable(ObjectHeader { format, machine })
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

fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(offset..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(offset..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
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
            change(pe(1), 0x3c, 0xff),
            change(pe(1), 0x40 + 23, 0x20),
            Head::parse(&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2]),
        ] {
            assert!(matches!(head, Head::Unfit(_)), "{head:?}");
        }
        // A Java class, a script, nothing.
        for bytes in [
            &[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61][..],
            b"#!/bin/sh",
            b"MZ",
            b"",
        ] {
            assert_eq!(Head::parse(bytes), Head::Other);
        }
    }

    #[test]
    fn a_head_cut_anywhere_is_no_panic() {
        for bytes in [elf(0x3e), mach_o(7), pe(0x8664)] {
            for end in 0..bytes.len().min(100) {
                assert!(!matches!(
                    Head::parse(&bytes[..end.min(15)]),
                    Head::Executable(_)
                ));
                let _ = Head::parse(&bytes[..end]);
            }
        }
    }
}
