//! Mach-O (`mach-o/loader.h`, `mach-o/fat.h`), for one CPU or for several.

mod slice;

use object::LittleEndian as LE;
use object::macho;
use object::pod::Pod;
use serde::Serialize;

use super::Cpu;
use super::head::{Head, Program};
use super::image::{Fault, Image, Stop, first};
use crate::ObjectFormat;
pub use slice::{AppleVersion, Dylib, MachOKind, MachOSlice};

/// A Mach-O file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MachO {
    /// Whether it is a universal file, whose slices are found by a table.
    pub universal: bool,
    /// The code for each CPU, in the order of the file; never empty.
    pub slices: Vec<MachOSlice>,
}

impl MachO {
    /// The code for a CPU.
    #[must_use]
    pub fn slice(&self, cpu: Cpu) -> Option<&MachOSlice> {
        self.slices.iter().find(|slice| slice.cpu == cpu)
    }
}

/// Java classes have the magic of universal files. Where those have a count, these have a version,
/// of which 45 was the first.
const FIRST_JAVA_VERSION: u32 = 45;

const HEADER: &str = "the universal header";
const TABLE: &str = "the table of slices";

/// Whether a Mach-O file begins like this.
pub(super) fn begins(head: &[u8]) -> bool {
    match head.first_chunk::<8>() {
        Some([0xca, 0xfe, 0xba, 0xbe | 0xbf, count @ ..]) => {
            u32::from_be_bytes(*count) < FIRST_JAVA_VERSION
        }
        Some([0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] | [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..]) => true,
        _ => false,
    }
}

/// Reads what [`begins`] as Mach-O; nothing when it is a universal archive of objects.
pub(super) fn read(image: &Image<'_>) -> Result<Option<MachO>, Stop> {
    let header: macho::FatHeader = image.structure(HEADER, 0)?;
    let slices = match header.magic.get(object::BigEndian) {
        macho::FAT_MAGIC => universal::<macho::FatArch32>(image, header)?,
        macho::FAT_MAGIC_64 => universal::<macho::FatArch64>(image, header)?,
        _ => {
            let slices = vec![slice::read(image)?];
            let universal = false;
            return Ok(Some(MachO { universal, slices }));
        }
    };
    let universal = true;
    Ok(slices.map(|slices| MachO { universal, slices }))
}

/// Reads the headers of what begins with a magic of Mach-O, as [`super::head()`] does.
pub(super) fn head(image: &Image<'_>) -> Result<Head, Stop> {
    let unfit = |what: &str| Ok(Head::Unfit(what.to_owned()));
    match image.head()?[..] {
        [0xca, ..] => {
            return unfit("a universal Mach-O file, which holds programs for several CPUs");
        }
        [0xce, ..] => return unfit("a 32-bit Mach-O file"),
        [0xfe, ..] => return unfit("a big-endian Mach-O file"),
        _ => {}
    }
    let header: macho::MachHeader64<LE> = image.structure(slice::HEADER, 0)?;
    if header.filetype.get(LE) != macho::MH_EXECUTE {
        return unfit("a Mach-O file that is no program");
    }
    if header.ncmds.get(LE) == 0 {
        return Err(Fault::Invalid("it has no load commands").into());
    }
    slice::read(image)?;
    Ok(Head::Program(Program {
        format: ObjectFormat::MachO,
        machine: header.cputype.get(LE).0,
    }))
}

fn universal<A: object::read::macho::FatArch + Pod>(
    image: &Image<'_>,
    header: macho::FatHeader,
) -> Result<Option<Vec<MachOSlice>>, Stop> {
    let count = header.nfat_arch.get(object::BigEndian);
    if count == 0 {
        return Err(Fault::Invalid("it is universal and has no slice").into());
    }
    let size = size_of::<A>();
    let at = size_of::<macho::FatHeader>() as u64;
    let table = image.bytes(TABLE, at, u64::from(count) * size as u64)?;
    let mut slices = Vec::new();
    let mut archives = 0;
    for entry in table.chunks_exact(size) {
        let (offset, len) = first::<A>(TABLE, entry)?.file_range();
        let part = image.part("a slice", offset, len)?;
        if part.head()?.starts_with(b"!<arch>\n") {
            archives += 1;
        } else {
            slices.push(slice::read(&part)?);
        }
    }
    match (slices.is_empty(), archives) {
        (_, 0) => Ok(Some(slices)),
        (true, _) => Ok(None),
        (false, _) => Err(Fault::Invalid("one slice is code and another is an archive").into()),
    }
}

#[cfg(test)]
mod testing;

#[cfg(test)]
mod tests {
    use super::super::Facts;
    use super::super::testing::{cut, damage, facts, fault};
    use super::testing::{Sample, universal};
    use super::*;

    fn mach_o(bytes: &[u8]) -> MachO {
        match facts(bytes).unwrap() {
            Some(Facts::MachO(mach_o)) => mach_o,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn everything_is_read_in_each_class_and_byte_order() {
        for (wide, big) in [(true, false), (true, true), (false, false), (false, true)] {
            let found = mach_o(&Sample::new(wide, big).bytes());
            assert!(!found.universal);
            let [slice] = &found.slices[..] else {
                panic!("{found:?}")
            };
            assert_eq!((slice.cpu, slice.cpu_subtype), (Cpu::X86_64, 3));
            assert_eq!(slice.kind, MachOKind::Executable);
            assert_eq!(slice.platform, Some(1));
            assert_eq!(slice.minimum.unwrap().to_string(), "10.12");
            assert!(slice.signed);
            let needed = slice
                .needed
                .iter()
                .map(|library| (&*library.path, library.weak));
            assert_eq!(
                needed.collect::<Vec<_>>(),
                [
                    ("/usr/lib/libSystem.B.dylib", false),
                    ("@rpath/libx.dylib", true)
                ]
            );
            assert_eq!(slice.rpaths, ["@loader_path/../lib"]);
            assert_eq!(slice.install_name.as_deref(), Some("@rpath/self.dylib"));
        }
    }

    #[test]
    fn versions_of_macos_are_found_in_each_command() {
        let minimum = |commands: &[(u32, u32, u32)]| {
            let mut sample = Sample::new(true, false);
            sample.versions = commands.to_vec();
            let slice = mach_o(&sample.bytes()).slices.remove(0);
            (
                slice.platform,
                slice.minimum.map(|version| version.to_string()),
            )
        };
        let version = |text: &str| Some(text.to_owned());
        assert_eq!(minimum(&[]), (None, None));
        assert_eq!(
            minimum(&[(0x24, 0, 0x000a_0906)]),
            (Some(1), version("10.9.6"))
        );
        assert_eq!(
            minimum(&[(0x25, 0, 0x000c_0000)]),
            (Some(2), version("12.0"))
        );
        assert_eq!(
            minimum(&[(0x32, 1, 0x000b_0300)]),
            (Some(1), version("11.3"))
        );
        // One for iPad programs on macOS, and one for macOS.
        let both = [(0x32, 6, 0x000d_0100), (0x32, 1, 0x000a_0f00)];
        assert_eq!(minimum(&both), (Some(1), version("10.15")));
    }

    #[test]
    fn an_unsigned_library_is_one() {
        let mut sample = Sample::new(true, false);
        sample.signed = false;
        sample.kind = 6;
        let found = mach_o(&sample.bytes()).slices.remove(0);
        assert_eq!(
            (found.signed, found.kind),
            (false, MachOKind::SharedLibrary)
        );
        sample.kind = 8;
        assert_eq!(mach_o(&sample.bytes()).slices[0].kind, MachOKind::Bundle);
        sample.kind = 10;
        assert_eq!(mach_o(&sample.bytes()).slices[0].kind, MachOKind::Other);
    }

    #[test]
    fn each_slice_of_a_universal_file_is_read() {
        let mut arm = Sample::new(true, false);
        arm.cpu = 0x0100_000c;
        for wide in [false, true] {
            let slices = [Sample::new(true, false).bytes(), arm.bytes()];
            let found = mach_o(&universal(wide, &slices));
            assert!(found.universal);
            let cpus = found.slices.iter().map(|slice| slice.cpu);
            assert_eq!(cpus.collect::<Vec<_>>(), [Cpu::X86_64, Cpu::Aarch64]);
            assert!(found.slice(Cpu::Aarch64).is_some() && found.slice(Cpu::Arm).is_none());
        }
    }

    #[test]
    fn other_files_with_its_magic_are_none() {
        let archive = b"!<arch>\n".to_vec();
        let archives = universal(false, &[archive.clone(), archive.clone()]);
        assert_eq!(facts(&archives).unwrap(), None);
        let java = [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52, 0, 0];
        assert_eq!(facts(&java).unwrap(), None);
        let mixed = universal(false, &[Sample::new(true, false).bytes(), archive]);
        assert!(fault(&mixed).ends_with("one slice is code and another is an archive"));
    }

    #[test]
    fn damage_is_an_error_or_another_fact_and_never_a_panic() {
        for (wide, big) in [(true, false), (false, true)] {
            let bytes = Sample::new(wide, big).bytes();
            damage(&bytes);
            cut(&bytes, 8);
            let bytes = universal(wide, &[bytes.clone(), bytes]);
            damage(&bytes);
            cut(&bytes, 8);
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let changed = |at: usize, value: u32| {
            let mut bytes = Sample::new(true, false).bytes();
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
            fault(&bytes)
        };
        let first = 32;
        for (text, part) in [
            (
                fault(&[0xcf, 0xfa, 0xed, 0xfe, 0, 0, 0, 1]),
                "the Mach-O header would end at byte 32",
            ),
            (
                fault(&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 0]),
                "universal and has no slice",
            ),
            (
                fault(&universal(true, &[vec![0; 40]])),
                "a slice of it is no Mach-O file",
            ),
            (changed(16, 1000), "its load commands are damaged"),
            (
                changed(20, u32::MAX),
                "and the load commands would end at byte 4294967327",
            ),
            (changed(first + 4, 7), "its load commands are damaged"),
            (changed(first + 4, 8), "a load command of it is damaged"),
            (
                changed(first + 48, 9_000_000),
                "and a segment would end at byte",
            ),
        ] {
            assert!(
                text.starts_with("it begins as a Mach-O file and is damaged: "),
                "{text}"
            );
            assert!(text.contains(part), "{text}");
        }
        let mut large = vec![0; 6 << 20];
        large[..28].copy_from_slice(&Sample::new(true, false).bytes()[..28]);
        large[20..24].copy_from_slice(&(5_u32 << 20).to_le_bytes());
        assert!(fault(&large).ends_with("the load commands would take more than 4194304 bytes"));
    }
}
