use object::{Endianness, elf};

use super::dynamic::Dynamic;
use super::kind::{Elf, ElfKind, Stack};
use super::layout::{Layout, Segment};
use super::system::{Signs, UnixSystem};
use super::{identity, notes, segments, symbols};
use crate::facts::image::{Damage, Image, Stop};

/// Reads what begins with the magic of ELF.
pub(in crate::facts) fn read(image: &Image<'_>) -> Result<Elf, Stop> {
    let layout = Layout::read(image)?;
    let Layout { header, .. } = &layout;
    let named = layout.of_kind(elf::PT_INTERP).next();
    let dynamic = Dynamic::read(image, &layout)?;
    let kind = identity::kind(header, named.is_some(), &dynamic);
    let is_library = kind == ElfKind::SharedLibrary;
    let interpreter = match named.map(|segment| interpreter(image, segment)) {
        // Nobody starts a library by its interpreter, and nobody looks at it.
        Some(Err(Stop::Damage(_))) if is_library => None,
        found => found.transpose()?,
    };
    let versions = dynamic.versions(image, &layout)?;
    let notes = notes::read(image, &layout)?;
    let system = UnixSystem::of(&Signs {
        os_abi: header.os_abi,
        note: notes.system,
        interpreter: interpreter.as_deref(),
        needed: &dynamic.needed,
        versions: &versions,
    });
    Ok(Elf {
        kind,
        cpu: identity::cpu(header),
        is_64_bit: header.is_64_bit,
        little_endian: header.endian == Endianness::Little,
        os_abi: header.os_abi,
        system,
        android_api: notes.android_api,
        dynamic: is_library || interpreter.is_some() || !dynamic.needed.is_empty(),
        libc: identity::libc(system, interpreter.as_deref(), &dynamic.needed, &versions),
        forbidden_symbols: symbols::forbidden(image, &layout, &dynamic)?,
        interpreter,
        needed: dynamic.needed,
        soname: dynamic.soname,
        versions,
        rpath: dynamic.rpath,
        has_runpath: dynamic.runpath.is_some(),
        runpath: dynamic.runpath.unwrap_or_default(),
        has_relr: dynamic.has_relr,
        segments: segments::read(&layout, is_library),
        stack: stack(&layout),
        isa_level: notes.isa_level,
    })
}

/// The name of the loader. Linux starts no program with one that is longer than its paths, or whose
/// segment does not end with a zero byte.
pub(super) fn interpreter(image: &Image<'_>, segment: &Segment) -> Result<String, Stop> {
    const PART: &str = "the name of the interpreter";
    /// `PATH_MAX`.
    const LONGEST: u64 = 4096;
    if segment.size > LONGEST {
        let (part, limit) = (PART, LONGEST);
        return Err(Damage::TooLarge { part, limit }.into());
    }
    let name = image.bytes(PART, segment.offset, segment.size)?;
    let name = match name.split_last() {
        Some((0, name)) => name.split(|&byte| byte == 0).next().unwrap_or_default(),
        None => &[],
        Some(_) => {
            let why = "the name of its interpreter does not end with a zero byte";
            return Err(Damage::Invalid(why).into());
        }
    };
    Ok(String::from_utf8_lossy(name).into_owned())
}

fn stack(layout: &Layout) -> Stack {
    let mut segments = layout.of_kind(elf::PT_GNU_STACK);
    segments.next().map_or(Stack::Unspecified, |segment| {
        if segment.flags & elf::PF_X.0 == 0 {
            Stack::NotExecutable
        } else {
            Stack::Executable
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::elf::testing::{Sample, weak};
    use crate::facts::testing::{cut, damage, facts, fault};
    use crate::facts::{Facts, FactsError};
    use crate::facts::{IsaLevel, Libc};

    fn elf(bytes: &[u8]) -> Elf {
        match facts(bytes).unwrap() {
            Some(Facts::Elf(elf)) => elf,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn everything_is_read_in_each_class_and_byte_order() {
        for (wide, big) in [(true, false), (true, true), (false, false), (false, true)] {
            let found = elf(&Sample::new(wide, big).bytes());
            assert_eq!(found.kind, ElfKind::PositionIndependentExecutable);
            assert_eq!((found.is_64_bit, found.little_endian), (wide, !big));
            assert!(found.dynamic && found.is_executable());
            assert_eq!(
                found.interpreter.as_deref(),
                Some("/lib64/ld-linux-x86-64.so.2")
            );
            assert_eq!(found.needed, ["libstdc++.so.6", "libc.so.6"]);
            assert_eq!(found.soname, None);
            assert_eq!(found.libc, Some(Libc::Glibc));
            assert_eq!(found.rpath, ["/opt/lib"]);
            assert_eq!(found.runpath, ["$ORIGIN", "", "$ORIGIN/../lib"]);
            assert!(found.has_runpath && !found.has_relr);
            assert_eq!(found.stack, Stack::NotExecutable);
            assert_eq!(found.isa_level, Some(IsaLevel::V3));
            let floor = |series| {
                found
                    .floor(series)
                    .map(|(version, library)| (&*version.name, library))
            };
            assert_eq!(floor("GLIBC"), Some(("GLIBC_2.17", "libc.so.6")));
            assert_eq!(floor("CXXABI"), Some(("CXXABI_1.3.11", "libstdc++.so.6")));
            assert_eq!(floor("GCC"), None);
        }
    }

    #[test]
    fn a_weak_version_and_one_without_numbers_are_no_floor() {
        let mut sample = Sample::new(true, false);
        sample.versions = vec![(
            "libc.so.6",
            vec![
                ("GLIBC_2.5", 0),
                ("GLIBC_2.38", weak()),
                ("GLIBC_PRIVATE", 0),
            ],
        )];
        let found = elf(&sample.bytes());
        assert_eq!(found.floor("GLIBC").unwrap().0.name, "GLIBC_2.5");
        let names = found.versions[0]
            .versions
            .iter()
            .map(|version| &*version.name);
        assert_eq!(
            names.collect::<Vec<_>>(),
            ["GLIBC_2.5", "GLIBC_2.38", "GLIBC_PRIVATE"]
        );
    }

    #[test]
    fn linux_takes_the_first_interpreter_if_it_ends() {
        let mut sample = Sample::new(true, false);
        sample.second_interpreter = Some("/nix/store/ld.so");
        let found = elf(&sample.bytes());
        let first = "/lib64/ld-linux-x86-64.so.2";
        assert_eq!(found.interpreter.as_deref(), Some(first));
        sample.interpreter = Some("");
        assert_eq!(elf(&sample.bytes()).interpreter.as_deref(), Some(""));
        sample.second_interpreter = None;
        sample.interpreter = Some(first);
        sample.interpreter_ends = false;
        let text = fault(&sample.bytes());
        let expected = "the name of its interpreter does not end with a zero byte";
        assert!(text.contains(expected), "{text}");
        sample.interpreter_ends = true;
        sample.interpreter = Some("x".repeat(4096).leak());
        let text = fault(&sample.bytes());
        assert!(text.contains("would take more than 4096 bytes"), "{text}");
        // A library is not started.
        (sample.pie, sample.soname) = (false, Some("libx.so"));
        let found = elf(&sample.bytes());
        assert_eq!(
            (found.kind, found.interpreter),
            (ElfKind::SharedLibrary, None)
        );
    }

    #[test]
    fn a_library_may_have_any_number_of_program_headers() {
        let mut sample = Sample::new(true, false);
        sample.extra_headers = 60000;
        (sample.pie, sample.soname, sample.interpreter) = (false, Some("libx.so"), None);
        assert_eq!(elf(&sample.bytes()).kind, ElfKind::SharedLibrary);
    }

    #[test]
    fn an_empty_runpath_is_not_a_missing_one() {
        for (runpath, has, parts) in [
            (None, false, &[][..]),
            (Some(""), true, &[]),
            (Some(":"), true, &["", ""]),
            (Some("a:"), true, &["a", ""]),
            (Some(":a"), true, &["", "a"]),
            (Some("a"), true, &["a"]),
        ] {
            let mut sample = Sample::new(true, false);
            sample.runpath = runpath;
            let found = elf(&sample.bytes());
            let found = (found.has_runpath, &*found.runpath);
            assert_eq!(
                found,
                (
                    has,
                    &*parts.iter().map(ToString::to_string).collect::<Vec<_>>()
                )
            );
        }
        let mut sample = Sample::new(true, false);
        let long: &str = "$ORIGIN/../lib:".repeat(1000).leak();
        sample.runpath = Some(long);
        assert_eq!(elf(&sample.bytes()).runpath.len(), 1001);
    }

    #[test]
    fn packed_relocations_are_seen() {
        for (wide, big) in [(true, false), (false, true)] {
            let mut sample = Sample::new(wide, big);
            assert!(!elf(&sample.bytes()).has_relr);
            sample.relr = true;
            assert!(elf(&sample.bytes()).has_relr);
        }
    }

    #[test]
    fn the_system_is_that_of_the_header() {
        for (os_abi, system, libc) in [
            (0, UnixSystem::Linux, Libc::Glibc),
            (9, UnixSystem::FreeBsd, Libc::Other),
            (6, UnixSystem::Solaris, Libc::Other),
        ] {
            let mut sample = Sample::new(true, false);
            sample.os_abi = os_abi;
            let found = elf(&sample.bytes());
            assert_eq!((found.system, found.libc), (system, Some(libc)));
        }
    }

    #[test]
    fn the_stack_is_as_the_segment_says() {
        let mut sample = Sample::new(true, false);
        sample.stack = Some(7);
        assert_eq!(elf(&sample.bytes()).stack, Stack::Executable);
        sample.stack = None;
        assert_eq!(elf(&sample.bytes()).stack, Stack::Unspecified);
    }

    #[test]
    fn section_headers_hide_nothing() {
        let sample = Sample::new(true, false);
        let mut bytes = sample.bytes();
        let found = elf(&bytes);
        // Their place and number.
        bytes[40..48].fill(0xff);
        bytes[58..64].fill(0xff);
        assert_eq!(elf(&bytes), found);
    }

    #[test]
    fn the_dynamic_table_ends_where_a_loader_ends() {
        let mut sample = Sample::new(true, false);
        sample.dynamic_size = Some(16);
        assert_eq!(elf(&sample.bytes()).needed.len(), 2);
        // A loader reads a long one too.
        sample.endless = true;
        assert_eq!(elf(&sample.bytes()).needed.len(), 2);
    }

    #[test]
    fn the_dynamic_table_may_end_with_what_is_loaded() {
        let mut sample = Sample::new(true, false);
        sample.unended = true;
        assert_eq!(elf(&sample.bytes()).needed.len(), 2);
    }

    #[test]
    fn a_dynamic_table_is_found_by_its_address() {
        // Its size in the header says nothing to a loader.
        let mut sample = Sample::new(true, false);
        sample.dynamic_size = Some(0);
        let found = elf(&sample.bytes());
        assert_eq!(found.kind, ElfKind::PositionIndependentExecutable);
        assert_eq!(found.needed.len(), 2);
        sample.dynamic_size = None;
        sample.dynamic_moved = 1 << 30;
        let text = fault(&sample.bytes());
        assert!(text.contains("the dynamic table lies at address"), "{text}");
    }

    #[test]
    fn debugging_symbols_are_nothing_to_load() {
        let mut sample = Sample::new(true, false);
        sample.dynamic_size = Some(0);
        sample.dynamic_moved = 1 << 30;
        assert_eq!(elf(&sample.bytes()).kind, ElfKind::Other);
    }

    #[test]
    fn damage_is_an_error_or_another_fact_and_never_a_panic() {
        for (wide, big) in [(true, false), (false, true)] {
            let bytes = Sample::new(wide, big).bytes();
            damage(&bytes);
            cut(&bytes, 4);
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let damaged = |change: fn(&mut Sample)| {
            let mut sample = Sample::new(true, false);
            change(&mut sample);
            fault(&sample.bytes())
        };
        for (text, part) in [
            (
                fault(b"\x7fELF"),
                "it ends at byte 4, and the ELF header would end at byte 16",
            ),
            (
                fault(b"\x7fELF\x05\x01\x01\0\0\0\0\0\0\0\0\0"),
                "neither 32-bit nor 64-bit",
            ),
            (damaged(|sample| sample.data = 3), "byte order or version"),
            (
                damaged(|sample| sample.entry_size = 57),
                "no program headers, or they are of a size",
            ),
            (
                damaged(|sample| sample.extra_headers = 2000),
                "the program header table would take more",
            ),
            (damaged(|sample| sample.twice = true), "two dynamic tables"),
            (
                damaged(|sample| sample.dynamic_moved = 8),
                "an address and an offset that differ",
            ),
            (
                damaged(|sample| sample.strings_moved = 1 << 40),
                "the table of names lies at address 0x100",
            ),
            (
                damaged(|sample| sample.strings_size = 3),
                "a name lies past the table of names",
            ),
            (
                damaged(|sample| sample.strings_tag = 77),
                "names and no table of them",
            ),
            (
                damaged(|sample| sample.version = 2),
                "a version that loaders do not know",
            ),
        ] {
            assert!(
                text.starts_with("it begins as an ELF file and is damaged: "),
                "{text}"
            );
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn a_name_without_an_end_is_an_error() {
        let mut sample = Sample::new(true, false);
        sample.strings_size = 114;
        let text = fault(&sample.bytes());
        assert!(text.contains("a name in it has no end"), "{text}");
        let long: &str = "x".repeat(5000).leak();
        sample = Sample::new(true, false);
        sample.soname = Some(long);
        assert_eq!(elf(&sample.bytes()).soname.as_deref(), Some(long));
        sample.soname = Some("x".repeat(2 << 20).leak());
        let text = fault(&sample.bytes());
        assert!(
            text.contains("a name would take more than 1048576 bytes"),
            "{text}"
        );
    }

    /// 65,536 entries, each of which claims to begin a list of as many.
    #[test]
    fn tables_that_overlap_cost_no_more_than_the_budget() {
        let mut sample = Sample::new(true, false);
        sample.version_table = Some({
            let mut table = crate::facts::testing::Writer::new(false, true);
            for _ in 0..65536 {
                // As a library: one list that begins here. As a version: the name at 0.
                table.u16(1).u16(0xffff).u32s(&[1, 0, 16]);
            }
            table.bytes
        });
        match facts(&sample.bytes()) {
            Err(FactsError::Damaged { damage, .. }) => assert_eq!(damage, Damage::OverBudget),
            other => panic!("{other:?}"),
        }
    }
}
