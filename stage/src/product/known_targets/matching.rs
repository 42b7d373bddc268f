//! Which targets a program may be for.

use native_claims::facts::{Cpu, ElfOrigin, FloatAbi, Libc, Linkage, Origin};

use super::table::{SOLARIS, TARGETS};
use super::target::{Abi, KnownTarget};

/// Returns the known target with a triple.
#[must_use]
pub fn known(triple: &str) -> Option<&'static KnownTarget> {
    all().find(|target| target.triple == triple)
}

/// Returns all known targets. Of those whose programs look alike the one that is meant more often comes
/// first: glibc before musl, Microsoft's compiler before others.
pub fn all() -> impl Iterator<Item = &'static KnownTarget> {
    TARGETS.iter()
}

/// Returns the targets that a program may be for, the likeliest first. Empty: it is for none that is
/// known.
pub fn of(origin: &Origin) -> Vec<&'static KnownTarget> {
    let mut found = all()
        .filter(|target| matches(target, origin))
        .collect::<Vec<_>>();
    if let Origin::Elf(ElfOrigin {
        arm_version: Some(version),
        ..
    }) = origin
    {
        // The order is kept where the generation is the same.
        found.sort_by_key(|target| generation(target) != Some(*version));
    }
    found
}

/// The generation of ARM that a triple names.
pub(super) fn generation(target: &KnownTarget) -> Option<u8> {
    let name = target.triple.split('-').next()?;
    Some(match name {
        "armv5te" => 5,
        "arm" => 6,
        "armv7" | "thumbv7neon" => 7,
        _ => return None,
    })
}

/// Returns whether a program is one of a target.
///
/// A static program is one of the target with glibc and of that with musl. Of compilers for Windows,
/// of generations of x86 and of ARM the headers tell nothing that holds: the `uv` of `PyPI` for the
/// sixth generation says that it is for the seventh, as one of its libraries has code for both. A
/// universal program with code for `arm64` and `x86_64` is one of [`UNIVERSAL2`](super::UNIVERSAL2)
/// alone.
#[must_use]
pub fn matches(target: &KnownTarget, origin: &Origin) -> bool {
    if target.format != origin.format() {
        return false;
    }
    let [cpu] = target.cpus else {
        let Origin::MachO(mach_o) = origin else {
            return false;
        };
        return target.cpus.iter().all(|cpu| mach_o.runs_on_macos(cpu.cpu));
    };
    match origin {
        Origin::Elf(elf) => {
            elf.cpu == cpu.cpu && is_for_system(target, elf) && has_abi(target, elf)
        }
        Origin::MachO(mach_o) => {
            let both = [Cpu::Aarch64, Cpu::X86_64];
            mach_o.runs_on_macos(cpu.cpu) && !both.iter().all(|cpu| mach_o.runs_on_macos(*cpu))
        }
        // ARM64EC has the number of x86-64.
        Origin::Pe(pe) => {
            let is_arm64ec = pe.hybrid && pe.cpu == Cpu::X86_64;
            pe.machine == cpu.pe && is_arm64ec == (cpu.rust == "arm64ec")
        }
        Origin::Xcoff(xcoff) => xcoff.machine == cpu.xcoff,
    }
}

fn is_for_system(target: &KnownTarget, elf: &ElfOrigin) -> bool {
    elf.system == target.os.unix && !(elf.is_illumos && target.os.cfg == SOLARIS.cfg)
}

/// Whether the C library of a program, and its ways with floating-point numbers, are a target's.
fn has_abi(target: &KnownTarget, elf: &ElfOrigin) -> bool {
    /// `EF_MIPS_ABI2` (n32), and the sixth release, which runs no code of older ones.
    const MIPS_N32: u32 = 0x20;
    const MIPS_R6: [u32; 2] = [9, 10];
    let libc = match target.abi {
        Abi::Gnu | Abi::GnuHardFloat => Some(Libc::Glibc),
        Abi::Musl | Abi::MuslHardFloat => Some(Libc::Musl),
        _ => None,
    };
    let has_libc = match (libc, elf.linkage) {
        (Some(libc), Linkage::Dynamic(needed)) => libc == needed,
        (None, _) | (Some(_), Linkage::Static) => true,
    };
    let is_soft = matches!(target.abi, Abi::Gnu | Abi::Musl);
    let has_float = match elf.cpu {
        Cpu::Arm if libc.is_some() => {
            let float = if is_soft {
                FloatAbi::Soft
            } else {
                FloatAbi::Hard
            };
            elf.float.is_none_or(|found| found == float)
        }
        Cpu::Riscv64 | Cpu::Loongarch64 => elf.float.is_none_or(|found| found == FloatAbi::Hard),
        Cpu::Mips | Cpu::Mipsel | Cpu::Mips64 | Cpu::Mips64El => {
            elf.flags & MIPS_N32 == 0 && !MIPS_R6.contains(&(elf.flags >> 28))
        }
        _ => true,
    };
    has_libc && has_float
}
