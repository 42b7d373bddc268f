//! What is known of a target, and what follows from it.

use native_claims::ObjectFormat;
use native_claims::facts::{Cpu, UnixSystem};

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
    pub(super) os: Os,
    /// What tells its `cfg` from that of a target with the same system, CPU and ABI.
    pub(super) feature: Option<&'static str>,
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
    pub(super) elf: u32,
    pub(super) mach_o: u32,
    pub(super) pe: u32,
    pub(super) xcoff: u32,
    /// `target_endian`, for a CPU that has both.
    pub(super) endian: Option<&'static str>,
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
pub(super) struct Os {
    /// Its part of a `cfg`.
    pub(super) cfg: &'static str,
    /// The system of its ELF files.
    pub(super) unix: UnixSystem,
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
            Abi::System if self.os.unix == UnixSystem::OpenHarmony => (Some("ohos"), None),
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
