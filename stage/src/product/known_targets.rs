//! The targets that need no file in `platforms/`: what is known of each without asking anybody.
//!
//! These are the targets of Rust in tier 1 and 2 that have a wheel tag or a name in Node.js, and of
//! tier 3 those that tools publish npm packages for (esbuild, Biome). One more stands for universal
//! programs for macOS: [`UNIVERSAL2`]. A target is described by what other people look at:
//!
//! - Triples, `cfg`s and tiers are those of `rustc --print target-list`, `--print cfg` and
//!   <https://doc.rust-lang.org/rustc/platform-support.html>.
//! - Names of systems and CPUs are the values of `process.platform` and `process.arch` of Node.js,
//!   which npm, pnpm and Yarn compare with `os` and `cpu`.
//! - CPUs of wheel tags are those that PyPI takes (see `audit/wheel/platform_tag.rs`). It takes none
//!   for `loongarch64` and for MIPS, and for ARMv6 `linux_armv6l` alone.
//! - Machine numbers are `e_machine` of ELF, `cputype` of Mach-O, `Machine` of PE and the magic number
//!   of XCOFF.
//! - Runners are the machines that GitHub hosts for everybody (docs.github.com, "GitHub-hosted
//!   runners"). A target that has none is staged on Linux: staging starts no program.
//!
//! Left out, although they have a tag or a name: iOS, where no program starts another (PEP 730);
//! `x86_64-unknown-linux-gnuasan`, which has the `cfg` of the target without the sanitizer;
//! `riscv64a23-unknown-linux-gnu`, whose programs look like those of `riscv64gc` and do not run where
//! the tag promises it; and what has neither: x32, 32-bit PowerPC, SPARC.

use native_claims::ObjectFormat;
use native_claims::facts::{Cpu, ElfOrigin, FloatAbi, Libc, Linkage, Origin, UnixSystem};

/// The triple that stands for universal programs for macOS, with code for `arm64` and `x86_64`. It is
/// none of Rust's.
pub const UNIVERSAL2: &str = "universal2-apple-darwin";

/// What is known of a target.
#[derive(Debug)]
pub struct KnownTarget {
    /// The Rust target triple, or [`UNIVERSAL2`].
    pub triple: &'static str,
    /// The format of its executables.
    pub format: ObjectFormat,
    /// The CPUs that its executables are for: one, or two for [`UNIVERSAL2`].
    pub cpus: &'static [KnownCpu],
    /// What its programs expect of the system.
    pub abi: Abi,
    /// The suffix of an executable's file name: `.exe`, or nothing.
    pub suffix: &'static str,
    /// Its npm package. `None`: npm has no words that select its machines.
    pub npm: Option<KnownNpm>,
    /// Its wheels. `None`: no installer that looks on PyPI would find one.
    pub wheel: Option<KnownWheel>,
    /// The label of the machine of GitHub that stages it.
    pub runner: &'static str,
    os: Os,
    /// What tells its `cfg` from that of a target with the same system, CPU and ABI.
    feature: Option<&'static str>,
}

/// A CPU, in the words of everybody who has some.
#[derive(Debug)]
pub struct KnownCpu {
    /// As executables have it.
    pub cpu: Cpu,
    /// `target_arch` of Rust.
    pub rust: &'static str,
    /// `process.arch` of Node.js.
    pub node: Option<&'static str>,
    /// The numbers of the formats: ELF, Mach-O, PE, XCOFF. Zero: it has none.
    elf: u32,
    mach_o: u32,
    pe: u32,
    xcoff: u32,
    /// `target_endian`, for a CPU that has both.
    endian: Option<&'static str>,
}

/// What the programs of a target expect of the system, beyond its kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Abi {
    /// Linux with glibc, or nothing.
    Gnu,
    /// Linux with musl, or nothing.
    Musl,
    /// Linux with glibc on ARM, or nothing, with registers for floating-point numbers.
    GnuHardFloat,
    /// Linux with musl on ARM, or nothing, with registers for floating-point numbers.
    MuslHardFloat,
    /// What Windows has, as Microsoft's compiler uses it.
    Msvc,
    /// What Windows has, as GCC uses it (MinGW-w64).
    WindowsGnu,
    /// What Windows has, as LLVM uses it (MinGW-w64).
    WindowsLlvm,
    /// What the system has: there is one C library on it.
    System,
}

/// The npm package of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownNpm {
    /// The suffix of its name or version, different for each target: `linux-x64-musl`.
    pub name: &'static str,
    /// `os` of the package, a value of `process.platform`.
    pub os: &'static str,
}

/// The wheels of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownWheel {
    /// What their tags begin with.
    pub family: TagFamily,
    /// The CPU, as tags of the system write it; `x86` for `win32`.
    pub cpu: &'static str,
}

/// What tags of wheels begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TagFamily {
    /// `manylinux_2_17_…`; a static program may have tags of musllinux too.
    Manylinux,
    /// `musllinux_1_1_…`; a static program may have tags of manylinux too.
    Musllinux,
    /// `linux_…`, which promises no C library.
    Linux,
    /// `macosx_11_0_…`
    Macosx,
    /// `win…`, which has no version.
    Win,
    /// `android_24_…`
    Android,
}

/// A system, by its names in Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Os {
    /// Its part of a `cfg`.
    cfg: &'static str,
    /// The system of its ELF files.
    unix: UnixSystem,
}

impl KnownTarget {
    /// Returns the numbers that its format has for its CPUs: one, or two for [`UNIVERSAL2`].
    pub fn machines(&self) -> impl Iterator<Item = u32> + '_ {
        self.cpus.iter().map(|cpu| match self.format {
            ObjectFormat::Elf => cpu.elf,
            ObjectFormat::MachO => cpu.mach_o,
            ObjectFormat::Pe => cpu.pe,
            ObjectFormat::Xcoff => cpu.xcoff,
        })
    }

    /// Returns the name of its CPU: `target_arch` of Rust, or `universal2`.
    #[must_use]
    pub fn cpu(&self) -> &'static str {
        match self.cpus {
            [cpu] => cpu.rust,
            _ => "universal2",
        }
    }

    /// Returns `cpu` of its npm package: values of `process.arch`.
    pub fn npm_cpus(&self) -> impl Iterator<Item = &'static str> + '_ {
        let cpus = self.cpus.iter().filter(|_| self.npm.is_some());
        cpus.filter_map(|cpu| cpu.node)
    }

    /// Returns `libc` of its npm package: the C library that npm tells apart on Linux. A static
    /// program needs neither.
    #[must_use]
    pub fn npm_libc(&self) -> Option<&'static str> {
        match self.abi {
            Abi::Gnu | Abi::GnuHardFloat => Some("glibc"),
            Abi::Musl | Abi::MuslHardFloat => Some("musl"),
            Abi::Msvc | Abi::WindowsGnu | Abi::WindowsLlvm | Abi::System => None,
        }
    }

    /// Returns the `cfg` that is true on this target and on no other known one, save those for another
    /// generation of the same ARM: compilers tell nobody which one they compile for. Without the `cfg()`.
    #[must_use]
    pub fn cfg(&self) -> String {
        let (env, abi) = self.env();
        self.cfg_of(env, abi, self.feature)
    }

    /// Returns the widest `cfg` that is true on this target and on none of `siblings`, without the
    /// `cfg()`. Which C library a target has is left out where no sibling has another: a program that
    /// is the only one for Linux on its CPU is better than none.
    pub fn cfg_among<'a>(&self, siblings: impl IntoIterator<Item = &'a Self>) -> String {
        let siblings = siblings.into_iter().filter(|other| {
            (other.os.cfg, other.cpu(), other.cpus[0].endian)
                == (self.os.cfg, self.cpu(), self.cpus[0].endian)
        });
        let siblings = siblings.collect::<Vec<_>>();
        let (env, abi) = self.env();
        let differ = |differs: &dyn Fn(&Self) -> bool| siblings.iter().any(|other| differs(other));
        self.cfg_of(
            env.filter(|_| differ(&|other| other.env().0 != env)),
            abi.filter(|_| differ(&|other| other.env() != (env, abi) && other.env().0 == env)),
            self.feature
                .filter(|_| differ(&|other| other.feature != self.feature)),
        )
    }

    fn cfg_of(&self, env: Option<&str>, abi: Option<&str>, feature: Option<&str>) -> String {
        let mut parts = vec![self.os.cfg.to_owned()];
        if let [cpu] = self.cpus {
            parts.push(format!("target_arch = \"{}\"", cpu.rust));
            let endian = cpu.endian;
            parts.extend(endian.map(|endian| format!("target_endian = \"{endian}\"")));
        }
        parts.extend(env.map(|env| format!("target_env = \"{env}\"")));
        parts.extend(abi.map(str::to_owned));
        parts.extend(feature.map(str::to_owned));
        match &parts[..] {
            [one] => one.clone(),
            parts => format!("all({})", parts.join(", ")),
        }
    }

    /// `target_env`, and a condition on `target_abi` where one is needed to tell targets apart.
    fn env(&self) -> (Option<&'static str>, Option<&'static str>) {
        let is_arm = self.cpus[0].cpu == Cpu::Arm;
        let soft = is_arm.then_some("target_abi = \"eabi\"");
        let hard = Some("target_abi = \"eabihf\"");
        match self.abi {
            Abi::Gnu => (Some("gnu"), soft),
            Abi::Musl => (Some("musl"), soft),
            Abi::GnuHardFloat => (Some("gnu"), hard),
            Abi::MuslHardFloat => (Some("musl"), hard),
            Abi::Msvc => (Some("msvc"), None),
            Abi::WindowsGnu => (Some("gnu"), Some("not(target_abi = \"llvm\")")),
            Abi::WindowsLlvm => (Some("gnu"), Some("target_abi = \"llvm\"")),
            Abi::System if self.os == OHOS => (Some("ohos"), None),
            Abi::System => (None, None),
        }
    }
}

impl KnownWheel {
    /// Returns the tag for a version of the C library or of the system: two numbers, of which Android
    /// has the first only, and plain Linux and Windows none.
    #[must_use]
    pub fn tag(&self, major: u32, minor: u32) -> String {
        let cpu = self.cpu;
        match self.family {
            TagFamily::Manylinux => format!("manylinux_{major}_{minor}_{cpu}"),
            TagFamily::Musllinux => format!("musllinux_{major}_{minor}_{cpu}"),
            TagFamily::Linux => format!("linux_{cpu}"),
            TagFamily::Macosx => format!("macosx_{major}_{minor}_{cpu}"),
            TagFamily::Win if cpu == "x86" => "win32".to_owned(),
            TagFamily::Win => format!("win_{cpu}"),
            TagFamily::Android => format!("android_{major}_{cpu}"),
        }
    }
}

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
fn generation(target: &KnownTarget) -> Option<u8> {
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
/// of generations of x86 and of ARM the headers tell nothing that holds: `uv` for ARMv6 says that it is
/// for ARMv7, since one of its libraries has code for both. A universal program with code for `arm64`
/// and `x86_64` is one of [`UNIVERSAL2`] alone.
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
            pe.machine == cpu.pe && is_arm64ec == (cpu.rust == ARM64EC[0].rust)
        }
        Origin::Xcoff(xcoff) => xcoff.machine == cpu.xcoff,
    }
}

fn is_for_system(target: &KnownTarget, elf: &ElfOrigin) -> bool {
    elf.system == target.os.unix && !(elf.is_illumos && target.os == SOLARIS)
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

const fn cpu(cpu: Cpu, rust: &'static str, node: Option<&'static str>, elf: u32) -> KnownCpu {
    KnownCpu {
        cpu,
        rust,
        node,
        elf,
        mach_o: 0,
        pe: 0,
        xcoff: 0,
        endian: None,
    }
}

const X64: KnownCpu = KnownCpu {
    mach_o: 0x0100_0007,
    pe: 0x8664,
    ..cpu(Cpu::X86_64, "x86_64", Some("x64"), 62)
};
const ARM_64: KnownCpu = KnownCpu {
    mach_o: 0x0100_000c,
    pe: 0xaa64,
    ..cpu(Cpu::Aarch64, "aarch64", Some("arm64"), 183)
};
const IA32: KnownCpu = KnownCpu {
    pe: 0x14c,
    ..cpu(Cpu::X86, "x86", Some("ia32"), 3)
};
/// Its files have the number of x86-64, and Windows on ARM alone runs them.
const ARM64EC: &[KnownCpu] = &[KnownCpu {
    pe: 0x8664,
    ..cpu(Cpu::X86_64, "arm64ec", Some("arm64"), 0)
}];
const X86_64: &[KnownCpu] = &[X64];
const AARCH64: &[KnownCpu] = &[ARM_64];
const BOTH_OF_APPLE: &[KnownCpu] = &[ARM_64, X64];
const X86: &[KnownCpu] = &[IA32];
const ARM: &[KnownCpu] = &[cpu(Cpu::Arm, "arm", Some("arm"), 40)];
const LOONGARCH64: &[KnownCpu] = &[cpu(Cpu::Loongarch64, "loongarch64", Some("loong64"), 258)];
const RISCV64: &[KnownCpu] = &[cpu(Cpu::Riscv64, "riscv64", Some("riscv64"), 243)];
const S390X: &[KnownCpu] = &[cpu(Cpu::S390x, "s390x", Some("s390x"), 22)];
/// In Node.js, `ppc64` is little-endian on Linux and FreeBSD, and big-endian on AIX.
const POWERPC64LE: &[KnownCpu] = &[KnownCpu {
    endian: Some("little"),
    ..cpu(Cpu::Powerpc64Le, "powerpc64", Some("ppc64"), 21)
}];
const POWERPC64: &[KnownCpu] = &[KnownCpu {
    xcoff: 0x1f7,
    endian: Some("big"),
    ..cpu(Cpu::Powerpc64, "powerpc64", Some("ppc64"), 21)
}];
const MIPS: &[KnownCpu] = &[KnownCpu {
    endian: Some("big"),
    ..cpu(Cpu::Mips, "mips", Some("mips"), 8)
}];
const MIPSEL: &[KnownCpu] = &[KnownCpu {
    endian: Some("little"),
    ..cpu(Cpu::Mipsel, "mips", Some("mipsel"), 8)
}];
const MIPS64EL: &[KnownCpu] = &[KnownCpu {
    endian: Some("little"),
    ..cpu(Cpu::Mips64El, "mips64", Some("mips64el"), 8)
}];

const fn os(cfg: &'static str, unix: UnixSystem) -> Os {
    Os { cfg, unix }
}

const LINUX: Os = os("target_os = \"linux\"", UnixSystem::Linux);
const OHOS: Os = os("target_os = \"linux\"", UnixSystem::OpenHarmony);
const ANDROID: Os = os("target_os = \"android\"", UnixSystem::Android);
const FREEBSD: Os = os("target_os = \"freebsd\"", UnixSystem::FreeBsd);
const NETBSD: Os = os("target_os = \"netbsd\"", UnixSystem::NetBsd);
const OPENBSD: Os = os("target_os = \"openbsd\"", UnixSystem::OpenBsd);
const ILLUMOS: Os = os("target_os = \"illumos\"", UnixSystem::Solaris);
const SOLARIS: Os = os("target_os = \"solaris\"", UnixSystem::Solaris);
const MACOS: Os = os("target_os = \"macos\"", UnixSystem::Other);
const WINDOWS: Os = os("windows", UnixSystem::Other);
const AIX: Os = os("target_os = \"aix\"", UnixSystem::Other);

/// A target of a Unix system with one C library, whose npm package is `name`.
const fn unix(
    triple: &'static str,
    os: Os,
    cpus: &'static [KnownCpu],
    npm: (&'static str, &'static str),
) -> KnownTarget {
    let (system, name) = npm;
    KnownTarget {
        triple,
        format: ObjectFormat::Elf,
        cpus,
        abi: Abi::System,
        suffix: "",
        npm: Some(KnownNpm { name, os: system }),
        wheel: None,
        runner: "ubuntu-24.04",
        os,
        feature: None,
    }
}

/// A target of Linux. `wheel` is the CPU of its tags.
const fn linux(
    triple: &'static str,
    cpus: &'static [KnownCpu],
    abi: Abi,
    name: &'static str,
    wheel: Option<&'static str>,
) -> KnownTarget {
    KnownTarget {
        abi,
        wheel: match (wheel, abi) {
            (None, _) => None,
            (Some(cpu), Abi::Musl | Abi::MuslHardFloat) => Some(KnownWheel {
                family: TagFamily::Musllinux,
                cpu,
            }),
            (Some(cpu), _) => Some(KnownWheel {
                family: TagFamily::Manylinux,
                cpu,
            }),
        },
        runner: match cpus[0].cpu {
            Cpu::Aarch64 => "ubuntu-24.04-arm",
            _ => "ubuntu-24.04",
        },
        ..unix(triple, LINUX, cpus, ("linux", name))
    }
}

/// A target of Linux on ARMv6: its tag promises no C library.
const fn armv6(triple: &'static str, abi: Abi, name: &'static str) -> KnownTarget {
    KnownTarget {
        wheel: Some(KnownWheel {
            family: TagFamily::Linux,
            cpu: "armv6l",
        }),
        ..linux(triple, ARM, abi, name, None)
    }
}

/// A target of Linux without a package on npm.
const fn without_npm(target: KnownTarget) -> KnownTarget {
    KnownTarget {
        npm: None,
        ..target
    }
}

/// A target of Linux on the first Pentium.
const fn i586(triple: &'static str, abi: Abi, name: &'static str) -> KnownTarget {
    KnownTarget {
        feature: Some("not(target_feature = \"sse2\")"),
        ..linux(triple, X86, abi, name, Some("i686"))
    }
}

/// A target of Linux on the Pentium 4 and later.
const fn i686(triple: &'static str, abi: Abi, name: &'static str) -> KnownTarget {
    KnownTarget {
        feature: Some("target_feature = \"sse2\""),
        ..linux(triple, X86, abi, name, Some("i686"))
    }
}

/// A target of Android. `wheel` is the ABI of its tags.
const fn android(
    triple: &'static str,
    cpus: &'static [KnownCpu],
    name: &'static str,
    wheel: Option<&'static str>,
) -> KnownTarget {
    KnownTarget {
        wheel: match wheel {
            Some(cpu) => Some(KnownWheel {
                family: TagFamily::Android,
                cpu,
            }),
            None => None,
        },
        ..unix(triple, ANDROID, cpus, ("android", name))
    }
}

/// A target of macOS. `wheel` is the CPU of its tags.
const fn macos(
    triple: &'static str,
    cpus: &'static [KnownCpu],
    name: &'static str,
    wheel: &'static str,
    runner: &'static str,
) -> KnownTarget {
    KnownTarget {
        format: ObjectFormat::MachO,
        wheel: Some(KnownWheel {
            family: TagFamily::Macosx,
            cpu: wheel,
        }),
        runner,
        ..unix(triple, MACOS, cpus, ("darwin", name))
    }
}

/// A target of Windows.
const fn windows(
    triple: &'static str,
    cpus: &'static [KnownCpu],
    abi: Abi,
    name: &'static str,
) -> KnownTarget {
    let cpu = match cpus[0].pe {
        0x8664 => "amd64",
        0xaa64 => "arm64",
        _ => "x86",
    };
    KnownTarget {
        format: ObjectFormat::Pe,
        abi,
        suffix: ".exe",
        wheel: Some(KnownWheel {
            family: TagFamily::Win,
            cpu,
        }),
        runner: match cpus[0].pe {
            0xaa64 => "windows-11-arm",
            _ => "windows-2025",
        },
        ..unix(triple, WINDOWS, cpus, ("win32", name))
    }
}

/// In the order of [`all`].
static TARGETS: &[KnownTarget] = &[
    linux(
        "x86_64-unknown-linux-gnu",
        X86_64,
        Abi::Gnu,
        "linux-x64",
        Some("x86_64"),
    ),
    linux(
        "x86_64-unknown-linux-musl",
        X86_64,
        Abi::Musl,
        "linux-x64-musl",
        Some("x86_64"),
    ),
    linux(
        "aarch64-unknown-linux-gnu",
        AARCH64,
        Abi::Gnu,
        "linux-arm64",
        Some("aarch64"),
    ),
    linux(
        "aarch64-unknown-linux-musl",
        AARCH64,
        Abi::Musl,
        "linux-arm64-musl",
        Some("aarch64"),
    ),
    i686("i686-unknown-linux-gnu", Abi::Gnu, "linux-ia32"),
    i686("i686-unknown-linux-musl", Abi::Musl, "linux-ia32-musl"),
    i586("i586-unknown-linux-gnu", Abi::Gnu, "linux-ia32-i586"),
    i586("i586-unknown-linux-musl", Abi::Musl, "linux-ia32-i586-musl"),
    linux(
        "armv7-unknown-linux-gnueabihf",
        ARM,
        Abi::GnuHardFloat,
        "linux-arm",
        Some("armv7l"),
    ),
    linux(
        "armv7-unknown-linux-musleabihf",
        ARM,
        Abi::MuslHardFloat,
        "linux-arm-musl",
        Some("armv7l"),
    ),
    armv6(
        "arm-unknown-linux-gnueabihf",
        Abi::GnuHardFloat,
        "linux-arm-v6",
    ),
    armv6(
        "arm-unknown-linux-musleabihf",
        Abi::MuslHardFloat,
        "linux-arm-v6-musl",
    ),
    // Systems of tags have other loaders. Static programs run on them.
    linux(
        "armv7-unknown-linux-gnueabi",
        ARM,
        Abi::Gnu,
        "linux-arm-soft",
        Some("armv7l"),
    ),
    linux(
        "armv7-unknown-linux-musleabi",
        ARM,
        Abi::Musl,
        "linux-arm-soft-musl",
        Some("armv7l"),
    ),
    armv6("arm-unknown-linux-gnueabi", Abi::Gnu, "linux-arm-v6-soft"),
    armv6(
        "arm-unknown-linux-musleabi",
        Abi::Musl,
        "linux-arm-v6-soft-musl",
    ),
    linux(
        "armv5te-unknown-linux-gnueabi",
        ARM,
        Abi::Gnu,
        "linux-arm-v5",
        None,
    ),
    linux(
        "armv5te-unknown-linux-musleabi",
        ARM,
        Abi::Musl,
        "linux-arm-v5-musl",
        None,
    ),
    linux(
        "thumbv7neon-unknown-linux-gnueabihf",
        ARM,
        Abi::GnuHardFloat,
        "linux-arm-neon",
        Some("armv7l"),
    ),
    linux(
        "riscv64gc-unknown-linux-gnu",
        RISCV64,
        Abi::Gnu,
        "linux-riscv64",
        Some("riscv64"),
    ),
    linux(
        "riscv64gc-unknown-linux-musl",
        RISCV64,
        Abi::Musl,
        "linux-riscv64-musl",
        Some("riscv64"),
    ),
    linux(
        "loongarch64-unknown-linux-gnu",
        LOONGARCH64,
        Abi::Gnu,
        "linux-loong64",
        None,
    ),
    linux(
        "loongarch64-unknown-linux-musl",
        LOONGARCH64,
        Abi::Musl,
        "linux-loong64-musl",
        None,
    ),
    linux(
        "powerpc64le-unknown-linux-gnu",
        POWERPC64LE,
        Abi::Gnu,
        "linux-ppc64",
        Some("ppc64le"),
    ),
    linux(
        "powerpc64le-unknown-linux-musl",
        POWERPC64LE,
        Abi::Musl,
        "linux-ppc64-musl",
        Some("ppc64le"),
    ),
    without_npm(linux(
        "powerpc64-unknown-linux-gnu",
        POWERPC64,
        Abi::Gnu,
        "",
        Some("ppc64"),
    )),
    // A tag of musllinux there is not, and one of manylinux is true of a static program.
    without_npm(linux(
        "powerpc64-unknown-linux-musl",
        POWERPC64,
        Abi::Musl,
        "",
        Some("ppc64"),
    )),
    linux(
        "s390x-unknown-linux-gnu",
        S390X,
        Abi::Gnu,
        "linux-s390x",
        Some("s390x"),
    ),
    linux(
        "s390x-unknown-linux-musl",
        S390X,
        Abi::Musl,
        "linux-s390x-musl",
        Some("s390x"),
    ),
    linux(
        "mips64el-unknown-linux-gnuabi64",
        MIPS64EL,
        Abi::Gnu,
        "linux-mips64el",
        None,
    ),
    linux(
        "mips64el-unknown-linux-muslabi64",
        MIPS64EL,
        Abi::Musl,
        "linux-mips64el-musl",
        None,
    ),
    linux(
        "mipsel-unknown-linux-gnu",
        MIPSEL,
        Abi::Gnu,
        "linux-mipsel",
        None,
    ),
    linux(
        "mipsel-unknown-linux-musl",
        MIPSEL,
        Abi::Musl,
        "linux-mipsel-musl",
        None,
    ),
    linux("mips-unknown-linux-gnu", MIPS, Abi::Gnu, "linux-mips", None),
    linux(
        "mips-unknown-linux-musl",
        MIPS,
        Abi::Musl,
        "linux-mips-musl",
        None,
    ),
    macos(
        "aarch64-apple-darwin",
        AARCH64,
        "darwin-arm64",
        "arm64",
        "macos-15",
    ),
    macos(
        "x86_64-apple-darwin",
        X86_64,
        "darwin-x64",
        "x86_64",
        "macos-15-intel",
    ),
    macos(
        UNIVERSAL2,
        BOTH_OF_APPLE,
        "darwin-universal",
        "universal2",
        "macos-15",
    ),
    windows("x86_64-pc-windows-msvc", X86_64, Abi::Msvc, "win32-x64"),
    windows(
        "x86_64-pc-windows-gnu",
        X86_64,
        Abi::WindowsGnu,
        "win32-x64-gnu",
    ),
    windows(
        "x86_64-pc-windows-gnullvm",
        X86_64,
        Abi::WindowsLlvm,
        "win32-x64-gnullvm",
    ),
    windows("aarch64-pc-windows-msvc", AARCH64, Abi::Msvc, "win32-arm64"),
    windows(
        "aarch64-pc-windows-gnullvm",
        AARCH64,
        Abi::WindowsLlvm,
        "win32-arm64-gnullvm",
    ),
    windows("i686-pc-windows-msvc", X86, Abi::Msvc, "win32-ia32"),
    windows(
        "i686-pc-windows-gnu",
        X86,
        Abi::WindowsGnu,
        "win32-ia32-gnu",
    ),
    windows(
        "i686-pc-windows-gnullvm",
        X86,
        Abi::WindowsLlvm,
        "win32-ia32-gnullvm",
    ),
    // No tag of wheels is for Windows on ARM and not for programs of ARM.
    KnownTarget {
        wheel: None,
        runner: "windows-11-arm",
        ..windows(
            "arm64ec-pc-windows-msvc",
            ARM64EC,
            Abi::Msvc,
            "win32-arm64-ec",
        )
    },
    android(
        "aarch64-linux-android",
        AARCH64,
        "android-arm64",
        Some("arm64_v8a"),
    ),
    android(
        "x86_64-linux-android",
        X86_64,
        "android-x64",
        Some("x86_64"),
    ),
    android(
        "armv7-linux-androideabi",
        ARM,
        "android-arm",
        Some("armeabi_v7a"),
    ),
    android(
        "thumbv7neon-linux-androideabi",
        ARM,
        "android-arm-neon",
        Some("armeabi_v7a"),
    ),
    android("arm-linux-androideabi", ARM, "android-arm-v6", None),
    android("i686-linux-android", X86, "android-ia32", Some("x86")),
    unix(
        "aarch64-unknown-linux-ohos",
        OHOS,
        AARCH64,
        ("openharmony", "openharmony-arm64"),
    ),
    unix(
        "armv7-unknown-linux-ohos",
        OHOS,
        ARM,
        ("openharmony", "openharmony-arm"),
    ),
    unix(
        "x86_64-unknown-linux-ohos",
        OHOS,
        X86_64,
        ("openharmony", "openharmony-x64"),
    ),
    unix(
        "x86_64-unknown-freebsd",
        FREEBSD,
        X86_64,
        ("freebsd", "freebsd-x64"),
    ),
    unix(
        "aarch64-unknown-freebsd",
        FREEBSD,
        AARCH64,
        ("freebsd", "freebsd-arm64"),
    ),
    unix(
        "i686-unknown-freebsd",
        FREEBSD,
        X86,
        ("freebsd", "freebsd-ia32"),
    ),
    unix(
        "armv7-unknown-freebsd",
        FREEBSD,
        ARM,
        ("freebsd", "freebsd-arm"),
    ),
    unix(
        "powerpc64le-unknown-freebsd",
        FREEBSD,
        POWERPC64LE,
        ("freebsd", "freebsd-ppc64"),
    ),
    unix(
        "riscv64gc-unknown-freebsd",
        FREEBSD,
        RISCV64,
        ("freebsd", "freebsd-riscv64"),
    ),
    unix(
        "x86_64-unknown-netbsd",
        NETBSD,
        X86_64,
        ("netbsd", "netbsd-x64"),
    ),
    unix(
        "aarch64-unknown-netbsd",
        NETBSD,
        AARCH64,
        ("netbsd", "netbsd-arm64"),
    ),
    unix(
        "i686-unknown-netbsd",
        NETBSD,
        X86,
        ("netbsd", "netbsd-ia32"),
    ),
    unix(
        "x86_64-unknown-openbsd",
        OPENBSD,
        X86_64,
        ("openbsd", "openbsd-x64"),
    ),
    unix(
        "aarch64-unknown-openbsd",
        OPENBSD,
        AARCH64,
        ("openbsd", "openbsd-arm64"),
    ),
    unix(
        "i686-unknown-openbsd",
        OPENBSD,
        X86,
        ("openbsd", "openbsd-ia32"),
    ),
    unix(
        "riscv64gc-unknown-openbsd",
        OPENBSD,
        RISCV64,
        ("openbsd", "openbsd-riscv64"),
    ),
    unix(
        "x86_64-unknown-illumos",
        ILLUMOS,
        X86_64,
        ("sunos", "sunos-x64"),
    ),
    unix(
        "x86_64-pc-solaris",
        SOLARIS,
        X86_64,
        ("sunos", "sunos-x64-solaris"),
    ),
    KnownTarget {
        format: ObjectFormat::Xcoff,
        ..unix("powerpc64-ibm-aix", AIX, POWERPC64, ("aix", "aix-ppc64"))
    },
];

#[cfg(test)]
mod tests;
