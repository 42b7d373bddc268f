//! ELF (System V ABI, chapters 4 and 5; the GNU extensions as the Linux Standard Base has them).
//!
//! Only what a loader follows is read: the segments, the dynamic table that one of them holds and
//! the tables that it points to. Section headers are not; they can be missing or lie.

mod dynamic;
mod head;
mod identity;
mod layout;
mod notes;
mod versions;

use object::elf::ProgramType;
use object::{Endianness, elf};
use serde::Serialize;

use super::Cpu;
use super::image::{Fault, Image, MAX_STRING, Stop};
use dynamic::Dynamic;
pub(super) use head::head;
use layout::Layout;
pub use notes::IsaLevel;
#[cfg(test)]
pub(crate) use versions::numbers;
pub use versions::{SymbolVersion, VersionNeed};

/// An ELF file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Elf {
    /// What it can be used as.
    pub kind: ElfKind,
    /// The CPU.
    pub cpu: Cpu,
    /// Whether its class is 64-bit.
    pub is_64_bit: bool,
    /// Whether its data is little-endian.
    pub little_endian: bool,
    /// `EI_OSABI`: 0 (System V) and 3 (GNU) are Linux's.
    pub os_abi: u8,
    /// Whether the loader of the system's C library has to find libraries for it: true of each
    /// library, and of an executable with an interpreter or a needed library.
    pub dynamic: bool,
    /// The loader that an executable asks for.
    pub interpreter: Option<String>,
    /// The libraries that have to be found before it runs.
    pub needed: Vec<String>,
    /// What a library calls itself.
    pub soname: Option<String>,
    /// The C library that has to be there; none for what needs none.
    pub libc: Option<Libc>,
    /// The versions of symbols that it needs, by library.
    pub versions: Vec<VersionNeed>,
    /// The directories of `DT_RPATH`. A loader ignores them when there is a runpath.
    pub rpath: Vec<String>,
    /// The directories of `DT_RUNPATH`.
    pub runpath: Vec<String>,
    /// Whether it wants memory that is both stack and code.
    pub stack: Stack,
    /// The level of x86-64 that its note says it needs; most files that need one have no note.
    pub isa_level: Option<IsaLevel>,
}

/// What an ELF file can be used as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ElfKind {
    /// A program for a fixed address.
    Executable,
    /// A program for any address.
    PositionIndependentExecutable,
    /// A library that is loaded when a program starts, or later.
    SharedLibrary,
    /// Nothing that a system can run or load: a relocatable object, a core dump, debugging
    /// symbols.
    Other,
}

/// A C library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Libc {
    /// The GNU C library.
    Glibc,
    /// musl.
    Musl,
    /// Another one: Android's, or that of a system other than Linux.
    Other,
}

/// What a file says of the stack (`PT_GNU_STACK`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stack {
    /// It wants an executable one. Hardened kernels, and glibc from 2.41 on where a library that
    /// is loaded later asks for it, refuse.
    Executable,
    /// It wants none.
    NotExecutable,
    /// Nothing: what it gets depends on the CPU, the kernel and the C library.
    Unspecified,
}

impl Elf {
    /// Whether it is a program, of either kind.
    #[must_use]
    pub fn is_executable(&self) -> bool {
        matches!(
            self.kind,
            ElfKind::Executable | ElfKind::PositionIndependentExecutable
        )
    }

    /// The highest version of a series that it needs, and the library that has to have it.
    ///
    /// A series is what the name of a version begins with: `GLIBC` of `GLIBC_2.17`. A reference
    /// that is weak needs nothing. A version that is not numbers (`GLIBC_PRIVATE`) has no place in
    /// the order, and is left out.
    #[must_use]
    pub fn floor(&self, series: &str) -> Option<(&SymbolVersion, &str)> {
        self.versions
            .iter()
            .flat_map(|need| need.versions.iter().map(|found| (found, &*need.library)))
            .filter(|(found, _)| !found.weak && found.series() == Some(series))
            .max_by_key(|(found, _)| found.numbers())
            .filter(|(found, _)| found.numbers().is_some())
    }
}

const HEADER: &str = "the ELF header";

/// Reads what begins with the magic of ELF.
pub(super) fn read(image: &Image<'_>) -> Result<Elf, Stop> {
    let layout = Layout::read(image)?;
    let Layout { header, .. } = &layout;
    let interpreter = interpreter(image, &layout)?;
    let dynamic = Dynamic::read(image, &layout)?;
    let kind = identity::kind(header, interpreter.is_some(), &dynamic);
    let versions = dynamic.versions(image, &layout)?;
    let is_library = kind == ElfKind::SharedLibrary;
    Ok(Elf {
        kind,
        cpu: identity::cpu(header),
        is_64_bit: header.is_64_bit,
        little_endian: header.endian == Endianness::Little,
        os_abi: header.os_abi,
        dynamic: is_library || interpreter.is_some() || !dynamic.needed.is_empty(),
        libc: identity::libc(interpreter.as_deref(), &dynamic.needed, &versions),
        interpreter,
        needed: dynamic.needed,
        soname: dynamic.soname,
        versions,
        rpath: dynamic.rpath,
        runpath: dynamic.runpath,
        stack: stack(&layout),
        isa_level: notes::isa_level(image, &layout)?,
    })
}

fn interpreter(image: &Image<'_>, layout: &Layout) -> Result<Option<String>, Stop> {
    const PART: &str = "the name of the interpreter";
    let Some(segment) = layout.only(elf::PT_INTERP)? else {
        return Ok(None);
    };
    if segment.size > MAX_STRING {
        let (part, limit) = (PART, MAX_STRING);
        return Err(Fault::TooLarge { part, limit }.into());
    }
    image.holds(PART, segment.offset, segment.size)?;
    let name = image.string(PART, segment.offset, segment.size)?;
    Ok(Some(name))
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

/// A segment, as its header describes it.
#[derive(Clone, Copy)]
struct Segment {
    kind: ProgramType,
    flags: u32,
    offset: u64,
    address: u64,
    /// Bytes in the file.
    size: u64,
    align: u64,
}

#[cfg(test)]
mod testing;

#[cfg(test)]
mod tests {
    use super::super::testing::{cut, damage, facts, fault};
    use super::super::{Error, Facts};
    use super::testing::{Sample, weak};
    use super::*;

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
            assert_eq!(found.runpath, ["$ORIGIN", "$ORIGIN/../lib"]);
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
        sample.endless = true;
        let text = fault(&sample.bytes());
        assert!(
            text.contains("the dynamic table would take more than 262144 bytes"),
            "{text}"
        );
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
            (
                damaged(|sample| sample.twice = true),
                "two dynamic tables or two interpreters",
            ),
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
        sample.strings_size = 80;
        let text = fault(&sample.bytes());
        assert!(text.contains("a name in it has no end"), "{text}");
        let long = "x".repeat(5000);
        sample = Sample::new(true, false);
        sample.soname = Some(long.leak());
        let text = fault(&sample.bytes());
        assert!(
            text.contains("a name would take more than 4096 bytes"),
            "{text}"
        );
    }

    /// 65,536 entries, each of which claims to begin a list of as many.
    #[test]
    fn tables_that_overlap_cost_no_more_than_the_budget() {
        let mut sample = Sample::new(true, false);
        sample.version_table = Some({
            let mut table = super::super::testing::Writer::new(false, true);
            for _ in 0..65536 {
                // As a library: one list that begins here. As a version: the name at 0.
                table.u16(1).u16(0xffff).u32s(&[1, 0, 16]);
            }
            table.bytes
        });
        match facts(&sample.bytes()) {
            Err(Error::Damaged { fault, .. }) => assert_eq!(fault, Fault::OverBudget),
            other => panic!("{other:?}"),
        }
    }
}
