use serde::Serialize;

use super::notes::IsaLevel;
use super::segments::Segments;
use super::system::UnixSystem;
use super::versions::{SymbolVersion, VersionNeed};
use crate::facts::cpu::Cpu;

/// An ELF file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Elf {
    /// What it can be used as.
    pub kind: ElfKind,
    /// The CPU.
    pub cpu: Cpu,
    /// Whether its class is 64-bit.
    pub is_64_bit: bool,
    /// Whether its data is little-endian.
    pub little_endian: bool,
    /// `EI_OSABI`: 0 (System V) and 3 (GNU) are Linux's, and those of systems that name none.
    pub os_abi: u8,
    /// The system that it is for, by all that tells it.
    pub system: UnixSystem,
    /// The level of Android's interfaces that its note says it needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub android_api: Option<u32>,
    /// Whether the loader of the system's C library has to find libraries for it: true of each
    /// library, and of an executable with an interpreter or a needed library.
    pub dynamic: bool,
    /// The loader that an executable asks for: the first, if there are several, as Linux takes it.
    pub interpreter: Option<String>,
    /// The libraries that have to be found before it runs.
    pub needed: Vec<String>,
    /// What a library calls itself.
    pub soname: Option<String>,
    /// The C library that has to be there; none for what needs none.
    pub libc: Option<Libc>,
    /// The versions of symbols that it needs, by library.
    pub versions: Vec<VersionNeed>,
    /// The symbols that it takes from other files and that a policy of manylinux or musllinux
    /// forbids, of whichever library; sorted, without weak references.
    pub forbidden_symbols: Vec<String>,
    /// The directories of `DT_RPATH`. A loader ignores them when there is a runpath, be it empty.
    /// glibc takes an empty one among them for the directory that the program is started in.
    pub rpath: Vec<String>,
    /// Whether there is a `DT_RUNPATH`. One may be there with no directory in it.
    pub has_runpath: bool,
    /// The directories of `DT_RUNPATH`. As with those of `DT_RPATH`, one may be empty.
    pub runpath: Vec<String>,
    /// Whether its relative relocations are packed (`DT_RELR`). Loaders before glibc 2.36 and musl
    /// 1.2.4 do not apply them.
    pub has_relr: bool,
    /// How its loaded segments fit the pages of memory.
    pub segments: Segments,
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
    /// Returns whether it is a program, of either kind.
    #[must_use]
    pub fn is_executable(&self) -> bool {
        matches!(
            self.kind,
            ElfKind::Executable | ElfKind::PositionIndependentExecutable
        )
    }

    /// Returns the highest version of a series that it needs, and the library that has to have it.
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
