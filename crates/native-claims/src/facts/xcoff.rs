//! XCOFF, the format of AIX and of PASE on IBM i. Only what tells such a file from data is read:
//! tags of wheels name no such system, and npm asks for no more than that.

use object::pod;
use object::read::xcoff::{FileHeader, SectionHeader};
use object::xcoff::{self, FileHeader32, FileHeader64};
use serde::Serialize;

use super::cpu::Cpu;
use super::identity::Identity;
use super::image::{Image, Stop};
use super::origin::XcoffOrigin;

/// A file for AIX.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Xcoff {
    /// The CPU: PowerPC.
    pub cpu: Cpu,
    /// Whether its addresses have 64 bits.
    pub is_64_bit: bool,
    /// Whether it is a library.
    pub library: bool,
}

/// Whether a file with these first bytes may be one. Data may begin like this too.
pub(super) fn begins(head: &[u8]) -> bool {
    matches!(head, [0x01, 0xdf | 0xf7, ..])
}

/// Reads what begins like an XCOFF file; nothing when it is data.
pub(super) fn read(image: &Image<'_>) -> Result<Option<Xcoff>, Stop> {
    let head = image.head()?;
    Ok(match head[..] {
        [0x01, 0xf7, ..] => parse::<FileHeader64>(&head, Cpu::Powerpc64),
        _ => parse::<FileHeader32>(&head, Cpu::Powerpc),
    })
}

/// Reads what a file that begins like an XCOFF file is for, as [`origin`](super::origin()) does.
pub(super) fn origin(image: &Image<'_>) -> Result<Identity<XcoffOrigin>, Stop> {
    Ok(match read(image)? {
        None => Identity::Other,
        Some(Xcoff { library: true, .. }) => Identity::Unfit("a shared library".to_owned()),
        Some(Xcoff { cpu, is_64_bit, .. }) => Identity::Program(XcoffOrigin {
            cpu,
            machine: if is_64_bit { 0x1f7 } else { 0x1df },
        }),
    })
}

/// The kernel of AIX starts what has an auxiliary header, and each such file begins with the section
/// of its code.
fn parse<H: FileHeader>(head: &[u8], cpu: Cpu) -> Option<Xcoff> {
    const TEXT: &[u8] = b".text\0\0\0";
    let (header, rest) = pod::from_bytes::<H>(head).ok()?;
    let sections = rest.get(header.f_opthdr().into()..)?;
    let (first, _) = pod::from_bytes::<H::SectionHeader>(sections).ok()?;
    let flags = header.f_flags().0;
    let is_loaded = flags & (xcoff::F_EXEC.0 | xcoff::F_SHROBJ.0) != 0;
    let is_linked = header.f_nscns() > 0 && header.f_opthdr() > 0 && is_loaded;
    (is_linked && first.s_name() == TEXT).then(|| Xcoff {
        cpu,
        is_64_bit: header.is_type_64(),
        library: flags & xcoff::F_SHROBJ.0 != 0,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::facts::testing::facts;
    use crate::facts::{Facts, Origin};

    /// The headers of a file with one section.
    fn file(wide: bool, flags: u16, section: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x01, if wide { 0xf7 } else { 0xdf }, 0, 1];
        bytes.extend([0; 4]);
        let auxiliary: u16 = if wide { 120 } else { 72 };
        bytes.extend([0; 8]);
        bytes.extend(auxiliary.to_be_bytes());
        bytes.extend(flags.to_be_bytes());
        bytes.extend(vec![0; if wide { 4 } else { 0 }]);
        bytes.extend([0x01, 0x0b]);
        bytes.extend(vec![0; usize::from(auxiliary) - 2]);
        bytes.extend(section);
        bytes.resize(bytes.len() + 72, 0);
        bytes
    }

    #[test]
    fn programs_and_libraries_are_known() {
        for (wide, flags, cpu, library) in [
            (true, 0x0002, Cpu::Powerpc64, false),
            (true, 0x2002, Cpu::Powerpc64, true),
            (false, 0x1002, Cpu::Powerpc, false),
            (false, 0x2000, Cpu::Powerpc, true),
        ] {
            let expected = Xcoff {
                cpu,
                is_64_bit: wide,
                library,
            };
            let found = facts(&file(wide, flags, b".text")).unwrap();
            assert_eq!(found, Some(Facts::Xcoff(expected)), "{wide} {flags:#x}");
            let found = crate::facts::origin(&mut Cursor::new(file(wide, flags, b".text")));
            match found.unwrap() {
                Identity::Unfit(what) => assert_eq!((&*what, library), ("a shared library", true)),
                Identity::Program(Origin::Xcoff(found)) => {
                    let machine = if wide { 0x1f7 } else { 0x1df };
                    assert_eq!((found.cpu, found.machine, library), (cpu, machine, false));
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn data_that_begins_alike_is_data() {
        for wide in [true, false] {
            // An object that has to be linked first, and other sections.
            assert_eq!(facts(&file(wide, 0, b".text")).unwrap(), None);
            assert_eq!(facts(&file(wide, 2, b".texts")).unwrap(), None);
            let bytes = file(wide, 2, b".text");
            for end in 2..bytes.len() {
                // A panic is what this looks for.
                let _ = facts(&bytes[..end]).unwrap();
            }
            assert_eq!(facts(&bytes[..60]).unwrap(), None);
        }
        assert_eq!(facts(&[0x01, 0xf7]).unwrap(), None);
        assert_eq!(facts(&[0x01; 300]).unwrap(), None);
    }
}
