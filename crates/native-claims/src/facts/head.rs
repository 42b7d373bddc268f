use std::io::{Read, Seek};

use super::Error;
use super::image::{Image, Source};
use super::{elf, mach_o, pe};
use crate::ObjectFormat;

/// What a file is as a program, by its headers alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// A program for one CPU.
    Program(Program),
    /// An executable or a part of one that is no program for one target. The text says what it is,
    /// with an article.
    Unfit(String),
    /// Something else.
    Other,
}

/// A program for one CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// The format that the system loads.
    pub format: ObjectFormat,
    /// The CPU, as the format numbers it: `e_machine` of ELF, `cputype` of Mach-O, `Machine` of PE.
    pub machine: u32,
}

/// Reads what `source` is as a program, and checks that it ends where its headers say or later.
///
/// Reads headers and tables of parts, and nothing that these describe: libraries, notes and names
/// are for [`read`](super::read). So a limit of what they may take is no limit here. Unlike a
/// loader, it looks for the section headers of ELF and the symbols of PE: they are the last parts of
/// a file, and where they are missing it was cut short.
///
/// From the first bytes of a file it tells the same, but that most are truncated.
pub fn head(source: &mut (impl Read + Seek)) -> Result<Head, Error> {
    let source = Source::new(source).map_err(Error::Io)?;
    let image = Image::whole(&source);
    let bytes = image.head().map_err(Error::Io)?;
    let (format, head) = match bytes[..] {
        [0x7f, b'E', b'L', b'F', ..] => (ObjectFormat::Elf, elf::head(&image)),
        [b'M', b'Z', ..] => (ObjectFormat::Pe, pe::head(&image)),
        [0xcf, 0xfa, 0xed, 0xfe, ..] => (ObjectFormat::MachO, mach_o::head(&image)),
        _ if mach_o::begins(&bytes) => (ObjectFormat::MachO, mach_o::head(&image)),
        _ => return Ok(Head::Other),
    };
    head.map_err(|stop| stop.of(format))
}

#[cfg(test)]
mod testing;

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::image::Fault;
    use super::testing::{elf, mach_o, pe};
    use super::*;

    fn read(bytes: &[u8]) -> Result<Head, Error> {
        head(&mut Cursor::new(bytes))
    }

    #[test]
    fn format_and_machine_are_found() {
        for (bytes, format, machine) in [
            (elf(0x3e), ObjectFormat::Elf, 0x3e),
            (mach_o(0x0100_000c), ObjectFormat::MachO, 0x0100_000c),
            (pe(0xaa64), ObjectFormat::Pe, 0xaa64),
        ] {
            assert_eq!(
                read(&bytes).unwrap(),
                Head::Program(Program { format, machine })
            );
        }
    }

    #[test]
    fn what_is_no_program_for_one_target_is_said_to_be_so() {
        let change = |mut bytes: Vec<u8>, index: usize, byte| {
            bytes[index] = byte;
            bytes
        };
        for (bytes, what) in [
            (change(elf(0x3e), 16, 1), "an ELF file that is no program"),
            (change(mach_o(1), 0, 0xce), "a 32-bit Mach-O file"),
            (change(mach_o(1), 12, 6), "a Mach-O file that is no program"),
            (
                change(pe(1), 0x3c, 0),
                "an MS-DOS program, or a PE file that is damaged",
            ),
            (change(pe(1), 0x40 + 22, 0), "a PE file that is no program"),
            (change(pe(1), 0x40 + 23, 0x20), "a DLL"),
            (
                vec![0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2],
                "a universal Mach-O file, which holds programs for several CPUs",
            ),
        ] {
            assert_eq!(read(&bytes).unwrap(), Head::Unfit(what.to_owned()));
        }
        // A Java class, a script, nothing.
        for bytes in [
            &[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61][..],
            b"#!/bin/sh",
            b"M",
            b"",
        ] {
            assert_eq!(read(bytes).unwrap(), Head::Other);
        }
    }

    #[test]
    fn a_program_cut_anywhere_is_truncated() {
        for bytes in [elf(0x3e), mach_o(7), pe(0x8664)] {
            for end in 0..bytes.len() {
                match read(&bytes[..end]) {
                    Err(Error::Damaged {
                        fault:
                            Fault::Truncated {
                                end: wanted, len, ..
                            },
                        ..
                    }) => {
                        assert_eq!(len, end as u64);
                        assert!(len < wanted && wanted <= bytes.len() as u64);
                    }
                    Ok(Head::Other) => assert!(end < 4),
                    head => panic!("{head:?} of {end} bytes"),
                }
            }
            let more = [&bytes[..], b"more"].concat();
            assert_eq!(read(&bytes).unwrap(), read(&more).unwrap());
        }
    }

    #[test]
    fn damage_is_no_panic() {
        for bytes in [elf(0x3e), mach_o(7), pe(0x8664)] {
            for at in 0..bytes.len() {
                for byte in [0, 1, 0x7f, 0xff] {
                    let mut bytes = bytes.clone();
                    bytes[at] = byte;
                    // Both results are right for some byte.
                    let _ = read(&bytes);
                }
            }
        }
    }
}
