use std::collections::BTreeSet;
use std::io::{self, Read, Seek};
use std::ops::Range;

use object::macho;
use object::pod::Pod;
use serde::Serialize;

use super::signature::{self, PageHashes};
use super::slice::{self, MachOSlice};
use crate::facts::cpu::Cpu;
use crate::facts::image::{Damage, Image, Stop, first};

/// A Mach-O file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MachO {
    /// Whether it is a universal file, whose slices are found by a table.
    pub universal: bool,
    /// The code for each CPU, in the order of the file; never empty.
    pub slices: Vec<MachOSlice>,
}

impl MachO {
    /// Returns the code that every machine with a CPU runs.
    #[must_use]
    pub fn slice(&self, cpu: Cpu) -> Option<&MachOSlice> {
        let mut slices = self.slices.iter();
        slices.find(|slice| slice.cpu == cpu && slice.is_for_every_machine())
    }

    /// Compares the signatures with the bytes of the file. `pages` has hashes that were taken as the
    /// file streamed past; what is missing in it is read.
    pub(in crate::facts) fn check_signatures<F: Read + Seek>(
        &mut self,
        file: &mut F,
        pages: &PageHashes,
    ) -> io::Result<()> {
        for slice in self.slices.iter_mut().filter(|slice| slice.is_loaded()) {
            slice.signature = signature::check(file, &slice.layout, pages)?;
        }
        Ok(())
    }
}

const HEADER: &str = "the universal header";
const TABLE: &str = "the table of slices";

/// Reads what [`begins`](super::magic::begins) as Mach-O; nothing when it is a universal archive of objects.
pub(in crate::facts) fn read(image: &Image<'_>) -> Result<Option<MachO>, Stop> {
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

fn universal<A: object::read::macho::FatArch + Pod>(
    image: &Image<'_>,
    header: macho::FatHeader,
) -> Result<Option<Vec<MachOSlice>>, Stop> {
    let count = header.nfat_arch.get(object::BigEndian);
    if count == 0 {
        return Err(Damage::Invalid("it is universal and has no slice").into());
    }
    let size = size_of::<A>();
    let at = size_of::<macho::FatHeader>() as u64;
    let table = image.bytes(TABLE, at, u64::from(count) * size as u64)?;
    let mut slices: Vec<MachOSlice> = Vec::new();
    let mut places = Vec::new();
    let mut archives = 0;
    for entry in table.chunks_exact(size) {
        let entry = first::<A>(TABLE, entry)?;
        let (offset, len) = entry.file_range();
        let part = image.part("a slice", offset, len)?;
        places.push(offset..offset + len);
        if part.head()?.starts_with(b"!<arch>\n") {
            archives += 1;
            continue;
        }
        let slice = slice::read(&part)?;
        if slice::cpu(entry.cputype()) != slice.cpu
            || entry.cpusubtype().0 & !macho::CPU_SUBTYPE_MASK != slice.cpu_subtype
        {
            return Err(Damage::Invalid("a slice is for another CPU than its table says").into());
        }
        slices.push(slice);
    }
    check_places(places)?;
    check_cpus(&slices)?;
    match (slices.is_empty(), archives) {
        (_, 0) => Ok(Some(slices)),
        (true, _) => Ok(None),
        (false, _) => Err(Damage::Invalid("one slice is code and another is an archive").into()),
    }
}

/// Checks that no two slices share bytes: no tool writes that, and each is hashed.
fn check_places(mut places: Vec<Range<u64>>) -> Result<(), Damage> {
    places.sort_unstable_by_key(|place| (place.start, place.end));
    let is_apart = |pair: &[Range<u64>]| pair[0].end <= pair[1].start;
    if places.windows(2).all(is_apart) {
        Ok(())
    } else {
        Err(Damage::Invalid("two slices of it overlap"))
    }
}

/// Checks that no two slices are for the same CPU: which of them is loaded depends on who loads it.
fn check_cpus(slices: &[MachOSlice]) -> Result<(), Damage> {
    let mut seen = BTreeSet::new();
    let mut cpus = slices.iter().map(|slice| (slice.cpu, slice.cpu_subtype));
    if cpus.all(|cpu| seen.insert(cpu)) {
        Ok(())
    } else {
        Err(Damage::Invalid("two slices of it are for the same CPU"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::facts::mach_o::slice::MachOKind;
    use crate::facts::mach_o::testing::{Sample, universal};
    use crate::facts::testing::{cut, damage, facts, fault};

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
    fn systems_are_found_in_each_command() {
        const ARM64: u32 = 0x0100_000c;
        const X86_64: u32 = 0x0100_0007;
        let systems = |cpu: u32, commands: &[(u32, u32, u32)]| {
            let mut sample = Sample::new(true, false);
            (sample.cpu, sample.versions) = (cpu, commands.to_vec());
            let slice = mach_o(&sample.bytes()).slices.remove(0);
            let also = slice.also.iter();
            let main = slice.platform.zip(slice.minimum).into_iter();
            main.chain(also.map(|system| (system.platform, system.minimum)))
                .map(|(platform, minimum)| (platform, minimum.to_string()))
                .collect::<Vec<_>>()
        };
        for (cpu, commands, expected) in [
            (ARM64, &[][..], &[][..]),
            (ARM64, &[(0x24, 0, 0x000a_0906)], &[(1, "10.9.6")]),
            (ARM64, &[(0x32, 1, 0x000b_0300)], &[(1, "11.3")]),
            (ARM64, &[(0x25, 0, 0x000c_0000)], &[(2, "12.0")]),
            (ARM64, &[(0x2f, 0, 0x000c_0000)], &[(3, "12.0")]),
            (ARM64, &[(0x30, 0, 0x0005_0000)], &[(4, "5.0")]),
            // A simulator is a Mac.
            (X86_64, &[(0x25, 0, 0x000c_0000)], &[(7, "12.0")]),
            (X86_64, &[(0x2f, 0, 0x000c_0000)], &[(8, "12.0")]),
            (X86_64, &[(0x30, 0, 0x0005_0000)], &[(9, "5.0")]),
            (X86_64, &[(0x24, 0, 0x000a_0900)], &[(1, "10.9")]),
            // One for iPad programs on macOS, and one for macOS, in either order.
            (
                ARM64,
                &[(0x32, 6, 0x000d_0100), (0x32, 1, 0x000a_0f00)],
                &[(1, "10.15"), (6, "13.1")],
            ),
            (
                ARM64,
                &[(0x32, 1, 0x000a_0f00), (0x32, 6, 0x000d_0100)],
                &[(1, "10.15"), (6, "13.1")],
            ),
            // The old command and the new one.
            (
                ARM64,
                &[(0x24, 0, 0x000a_0900), (0x32, 1, 0x000b_0000)],
                &[(1, "11.0")],
            ),
            (
                ARM64,
                &[(0x32, 1, 0x000b_0000), (0x24, 0, 0x000a_0900)],
                &[(1, "11.0")],
            ),
        ] {
            let expected = expected.iter();
            let expected = expected.map(|(platform, version)| (*platform, (*version).to_owned()));
            assert_eq!(systems(cpu, commands), expected.collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_unsigned_library_is_one() {
        let mut sample = Sample::new(true, false);
        sample.signer = None;
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
        (arm.cpu, arm.subtype) = (0x0100_000c, 0);
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
    fn the_order_of_slices_decides_nothing() {
        let of = |cpu, subtype| {
            let mut sample = Sample::new(true, false);
            (sample.cpu, sample.subtype) = (cpu, subtype);
            sample.bytes()
        };
        let (arm64, arm64e) = (of(0x0100_000c, 0), of(0x0100_000c, 2));
        let (x86_64, haswell) = (of(0x0100_0007, 3), of(0x0100_0007, 8));
        for slices in [
            [&arm64, &arm64e],
            [&arm64e, &arm64],
            [&x86_64, &haswell],
            [&haswell, &x86_64],
        ] {
            let found = mach_o(&universal(false, &slices.map(Clone::clone)));
            let cpu = found.slices[0].cpu;
            let slice = found.slice(cpu).unwrap();
            assert_eq!(slice.cpu_name(), cpu.to_string());
            let names = found.slices.iter().map(MachOSlice::cpu_name);
            let names = names.collect::<BTreeSet<_>>();
            assert!(names.contains("arm64e") || names.contains("x86_64h"));
        }
        // Alone, they are not for every machine.
        assert!(mach_o(&arm64e).slice(Cpu::Aarch64).is_none());
        assert!(mach_o(&haswell).slice(Cpu::X86_64).is_none());
        let twice = universal(false, &[arm64.clone(), arm64.clone()]);
        assert!(fault(&twice).ends_with("two slices of it are for the same CPU"));
        // The system chooses by the table.
        let mut lies = universal(false, &[arm64, x86_64]);
        lies[11] = 7;
        assert!(fault(&lies).ends_with("a slice is for another CPU than its table says"));
        lies[11] = 12;
        assert_eq!(mach_o(&lies).slices.len(), 2);
        lies[15] = 2;
        assert!(fault(&lies).ends_with("a slice is for another CPU than its table says"));
    }

    #[test]
    fn slices_that_overlap_are_refused() {
        let mut file = universal(
            false,
            &[Sample::new(true, false).bytes(), Sample::arm64().bytes()],
        );
        assert_eq!(mach_o(&file).slices.len(), 2);
        // The first one is longer by a byte.
        let len = u32::from_be_bytes(file[20..24].try_into().unwrap());
        file[20..24].copy_from_slice(&(len + 1).to_be_bytes());
        assert!(fault(&file).ends_with("two slices of it overlap"));
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
            let mut arm = Sample::new(wide, big);
            (arm.cpu, arm.subtype) = (0x0100_000c, 0);
            let bytes = universal(wide, &[bytes, arm.bytes()]);
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
