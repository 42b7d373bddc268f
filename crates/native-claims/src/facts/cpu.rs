use std::fmt;

use serde::{Serialize, Serializer};

/// The CPU that code is for, whatever number its format has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cpu {
    /// 32-bit x86.
    X86,
    /// 64-bit x86, with 64-bit pointers.
    X86_64,
    /// 32-bit ARM.
    Arm,
    /// 64-bit ARM, with 64-bit pointers.
    Aarch64,
    /// 32-bit PowerPC, big-endian.
    Powerpc,
    /// 64-bit PowerPC, big-endian.
    Powerpc64,
    /// 64-bit PowerPC, little-endian.
    Powerpc64Le,
    /// 64-bit z/Architecture.
    S390x,
    /// 64-bit RISC-V.
    Riscv64,
    /// 64-bit `LoongArch`.
    Loongarch64,
    /// 32-bit MIPS, big-endian.
    Mips,
    /// 32-bit MIPS, little-endian.
    Mipsel,
    /// 64-bit MIPS, big-endian.
    Mips64,
    /// 64-bit MIPS, little-endian.
    Mips64El,
    /// Another one, as the format numbers it.
    Other(u32),
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X86 => "x86",
            Self::X86_64 => "x86_64",
            Self::Arm => "arm",
            Self::Aarch64 => "aarch64",
            Self::Powerpc => "powerpc",
            Self::Powerpc64 => "powerpc64",
            Self::Powerpc64Le => "powerpc64le",
            Self::S390x => "s390x",
            Self::Riscv64 => "riscv64",
            Self::Loongarch64 => "loongarch64",
            Self::Mips => "mips",
            Self::Mipsel => "mipsel",
            Self::Mips64 => "mips64",
            Self::Mips64El => "mips64el",
            Self::Other(number) => return write!(f, "machine {number:#x}"),
        })
    }
}

impl Serialize for Cpu {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
