//! What a program is for, in more detail than a number of a CPU.
//!
//! A target is a system, a CPU, and what a program may expect of the two: a C library, registers
//! for floating-point numbers, a byte order. Formats say most of it in their headers, and the rest
//! is in the few bytes that a kernel reads before it starts a program. So this costs as little for
//! a program of 500 MB as for one of 5 KB. What only its instructions tell is not looked for:
//! whether a static program was linked with glibc or with musl, or which compiler for Windows made
//! a program.

use std::fmt;

use super::cpu::Cpu;
use super::elf::origin::ElfOrigin;
use super::mach_o::origin::MachOOrigin;
use crate::format::ObjectFormat;

/// What a program is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Linux, and most other Unix systems.
    Elf(ElfOrigin),
    /// macOS and its relatives, for one CPU or for several.
    MachO(MachOOrigin),
    /// Windows.
    Pe(PeOrigin),
    /// AIX.
    Xcoff(XcoffOrigin),
}

/// What a PE program is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeOrigin {
    /// The CPU.
    pub cpu: Cpu,
    /// `Machine` of the header.
    pub machine: u32,
    /// Whether it is .NET code, which is compiled where it runs.
    pub managed: bool,
    /// Whether it has code for ARM that calls x64 code and is called by it: ARM64EC where
    /// [`cpu`](Self::cpu) is [`Cpu::X86_64`], ARM64X where it is [`Cpu::Aarch64`].
    pub hybrid: bool,
}

/// What an XCOFF program is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XcoffOrigin {
    /// The CPU: PowerPC, with 32 or 64 bits.
    pub cpu: Cpu,
    /// The magic number of the file, which is all that tells the CPU: `0x1df` or `0x1f7`.
    pub machine: u32,
}

impl Origin {
    /// Returns the format that the system loads.
    #[must_use]
    pub fn format(&self) -> ObjectFormat {
        match self {
            Self::Elf(_) => ObjectFormat::Elf,
            Self::MachO(_) => ObjectFormat::MachO,
            Self::Pe(_) => ObjectFormat::Pe,
            Self::Xcoff(_) => ObjectFormat::Xcoff,
        }
    }
}

/// Says it for a person, to follow "a program for": `Linux on x86_64 with glibc`, `macOS on x86_64
/// and arm64`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elf(elf) => elf.fmt(f),
            Self::MachO(mach_o) => mach_o.fmt(f),
            Self::Pe(pe) if pe.hybrid && pe.cpu == Cpu::X86_64 => f.write_str("Windows on arm64ec"),
            Self::Pe(pe) => write!(f, "Windows on {}", pe.cpu),
            Self::Xcoff(xcoff) => write!(f, "AIX on {}", xcoff.cpu),
        }
    }
}
