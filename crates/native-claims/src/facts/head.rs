use crate::format::ObjectFormat;

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

#[cfg(test)]
mod testing;

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::testing::{elf, mach_o, pe};
    use super::*;
    use crate::facts::image::Damage;
    use crate::facts::mach_o::testing::Sample;
    use crate::facts::{FactsError, head};

    fn read(bytes: &[u8]) -> Result<Head, FactsError> {
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
        let phone = Sample {
            versions: vec![(0x32, 2, 0x000d_0000)],
            ..Sample::arm64()
        };
        let arm64e = Sample {
            subtype: 2,
            ..Sample::arm64()
        };
        for (sample, what) in [
            (phone, "a program for iOS on aarch64"),
            (arm64e, "a program for macOS on arm64e"),
        ] {
            assert_eq!(read(&sample.bytes()).unwrap(), Head::Unfit(what.to_owned()));
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
                    Err(FactsError::Damaged {
                        damage:
                            Damage::Truncated {
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
