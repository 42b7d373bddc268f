//! The known targets, as data.

use native_claims::ObjectFormat;
use native_claims::facts::{Cpu, UnixSystem};

use super::target::{Abi, KnownCpu, KnownNpm, KnownTarget, KnownWheel, Os, TagFamily, UNIVERSAL2};

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
pub(super) const ILLUMOS: Os = os("target_os = \"illumos\"", UnixSystem::Solaris);
pub(super) const SOLARIS: Os = os("target_os = \"solaris\"", UnixSystem::Solaris);
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

/// A target of Linux on ARM of the sixth generation: its tag promises no C library.
const fn armv6(triple: &'static str, abi: Abi, name: &'static str) -> KnownTarget {
    KnownTarget {
        wheel: Some(KnownWheel {
            family: TagFamily::Linux,
            cpu: "armv6l",
        }),
        ..linux(triple, ARM, abi, name, None)
    }
}

/// A target of big-endian Linux on PowerPC. In Node.js its machines have the same name as others.
const fn ppc64(triple: &'static str, abi: Abi) -> KnownTarget {
    KnownTarget {
        npm: None,
        ..linux(triple, POWERPC64, abi, "", Some("ppc64"))
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

/// In the order of [`all`](super::all).
#[rustfmt::skip] // A table, with a line for each.
pub(super) static TARGETS: &[KnownTarget] = &[
    linux("x86_64-unknown-linux-gnu", X86_64, Abi::Gnu, "linux-x64", Some("x86_64")),
    linux("x86_64-unknown-linux-musl", X86_64, Abi::Musl, "linux-x64-musl", Some("x86_64")),
    linux("aarch64-unknown-linux-gnu", AARCH64, Abi::Gnu, "linux-arm64", Some("aarch64")),
    linux("aarch64-unknown-linux-musl", AARCH64, Abi::Musl, "linux-arm64-musl", Some("aarch64")),
    i686("i686-unknown-linux-gnu", Abi::Gnu, "linux-ia32"),
    i686("i686-unknown-linux-musl", Abi::Musl, "linux-ia32-musl"),
    i586("i586-unknown-linux-gnu", Abi::Gnu, "linux-ia32-i586"),
    i586("i586-unknown-linux-musl", Abi::Musl, "linux-ia32-i586-musl"),
    linux("armv7-unknown-linux-gnueabihf", ARM, Abi::GnuHardFloat, "linux-arm", Some("armv7l")),
    linux("armv7-unknown-linux-musleabihf", ARM, Abi::MuslHardFloat, "linux-arm-musl", Some("armv7l")),
    armv6("arm-unknown-linux-gnueabihf", Abi::GnuHardFloat, "linux-arm-v6"),
    armv6("arm-unknown-linux-musleabihf", Abi::MuslHardFloat, "linux-arm-v6-musl"),
    // Systems of tags have another loader. What is static runs on them, as it mostly is with musl.
    linux("armv7-unknown-linux-gnueabi", ARM, Abi::Gnu, "linux-arm-soft", None),
    linux("armv7-unknown-linux-musleabi", ARM, Abi::Musl, "linux-arm-soft-musl", Some("armv7l")),
    linux("arm-unknown-linux-gnueabi", ARM, Abi::Gnu, "linux-arm-v6-soft", None),
    armv6("arm-unknown-linux-musleabi", Abi::Musl, "linux-arm-v6-soft-musl"),
    linux("armv5te-unknown-linux-gnueabi", ARM, Abi::Gnu, "linux-arm-v5", None),
    linux("armv5te-unknown-linux-musleabi", ARM, Abi::Musl, "linux-arm-v5-musl", None),
    linux("thumbv7neon-unknown-linux-gnueabihf", ARM, Abi::GnuHardFloat, "linux-arm-neon", Some("armv7l")),
    linux("riscv64gc-unknown-linux-gnu", RISCV64, Abi::Gnu, "linux-riscv64", Some("riscv64")),
    linux("riscv64gc-unknown-linux-musl", RISCV64, Abi::Musl, "linux-riscv64-musl", Some("riscv64")),
    linux("loongarch64-unknown-linux-gnu", LOONGARCH64, Abi::Gnu, "linux-loong64", None),
    linux("loongarch64-unknown-linux-musl", LOONGARCH64, Abi::Musl, "linux-loong64-musl", None),
    linux("powerpc64le-unknown-linux-gnu", POWERPC64LE, Abi::Gnu, "linux-ppc64", Some("ppc64le")),
    linux("powerpc64le-unknown-linux-musl", POWERPC64LE, Abi::Musl, "linux-ppc64-musl", Some("ppc64le")),
    ppc64("powerpc64-unknown-linux-gnu", Abi::Gnu),
    // A tag of musllinux there is not, and one of manylinux is true of a static program.
    ppc64("powerpc64-unknown-linux-musl", Abi::Musl),
    linux("s390x-unknown-linux-gnu", S390X, Abi::Gnu, "linux-s390x", Some("s390x")),
    linux("s390x-unknown-linux-musl", S390X, Abi::Musl, "linux-s390x-musl", Some("s390x")),
    linux("mips64el-unknown-linux-gnuabi64", MIPS64EL, Abi::Gnu, "linux-mips64el", None),
    linux("mips64el-unknown-linux-muslabi64", MIPS64EL, Abi::Musl, "linux-mips64el-musl", None),
    linux("mipsel-unknown-linux-gnu", MIPSEL, Abi::Gnu, "linux-mipsel", None),
    linux("mipsel-unknown-linux-musl", MIPSEL, Abi::Musl, "linux-mipsel-musl", None),
    linux("mips-unknown-linux-gnu", MIPS, Abi::Gnu, "linux-mips", None),
    linux("mips-unknown-linux-musl", MIPS, Abi::Musl, "linux-mips-musl", None),
    macos("aarch64-apple-darwin", AARCH64, "darwin-arm64", "arm64", "macos-15"),
    macos("x86_64-apple-darwin", X86_64, "darwin-x64", "x86_64", "macos-15-intel"),
    macos(UNIVERSAL2, BOTH_OF_APPLE, "darwin-universal", "universal2", "macos-15"),
    windows("x86_64-pc-windows-msvc", X86_64, Abi::Msvc, "win32-x64"),
    windows("x86_64-pc-windows-gnu", X86_64, Abi::WindowsGnu, "win32-x64-gnu"),
    windows("x86_64-pc-windows-gnullvm", X86_64, Abi::WindowsLlvm, "win32-x64-gnullvm"),
    windows("aarch64-pc-windows-msvc", AARCH64, Abi::Msvc, "win32-arm64"),
    windows("aarch64-pc-windows-gnullvm", AARCH64, Abi::WindowsLlvm, "win32-arm64-gnullvm"),
    windows("i686-pc-windows-msvc", X86, Abi::Msvc, "win32-ia32"),
    windows("i686-pc-windows-gnu", X86, Abi::WindowsGnu, "win32-ia32-gnu"),
    windows("i686-pc-windows-gnullvm", X86, Abi::WindowsLlvm, "win32-ia32-gnullvm"),
    // No tag of wheels is for Windows on ARM and not for programs of ARM.
    KnownTarget { wheel: None, runner: "windows-11-arm", ..windows("arm64ec-pc-windows-msvc", ARM64EC, Abi::Msvc, "win32-arm64-ec") },
    android("aarch64-linux-android", AARCH64, "android-arm64", Some("arm64_v8a")),
    android("x86_64-linux-android", X86_64, "android-x64", Some("x86_64")),
    android("armv7-linux-androideabi", ARM, "android-arm", Some("armeabi_v7a")),
    android("thumbv7neon-linux-androideabi", ARM, "android-arm-neon", Some("armeabi_v7a")),
    android("arm-linux-androideabi", ARM, "android-arm-v6", None),
    android("i686-linux-android", X86, "android-ia32", Some("x86")),
    unix("aarch64-unknown-linux-ohos", OHOS, AARCH64, ("openharmony", "openharmony-arm64")),
    unix("armv7-unknown-linux-ohos", OHOS, ARM, ("openharmony", "openharmony-arm")),
    unix("x86_64-unknown-linux-ohos", OHOS, X86_64, ("openharmony", "openharmony-x64")),
    unix("x86_64-unknown-freebsd", FREEBSD, X86_64, ("freebsd", "freebsd-x64")),
    unix("aarch64-unknown-freebsd", FREEBSD, AARCH64, ("freebsd", "freebsd-arm64")),
    unix("i686-unknown-freebsd", FREEBSD, X86, ("freebsd", "freebsd-ia32")),
    unix("armv7-unknown-freebsd", FREEBSD, ARM, ("freebsd", "freebsd-arm")),
    unix("powerpc64le-unknown-freebsd", FREEBSD, POWERPC64LE, ("freebsd", "freebsd-ppc64")),
    unix("riscv64gc-unknown-freebsd", FREEBSD, RISCV64, ("freebsd", "freebsd-riscv64")),
    unix("x86_64-unknown-netbsd", NETBSD, X86_64, ("netbsd", "netbsd-x64")),
    unix("aarch64-unknown-netbsd", NETBSD, AARCH64, ("netbsd", "netbsd-arm64")),
    unix("i686-unknown-netbsd", NETBSD, X86, ("netbsd", "netbsd-ia32")),
    unix("x86_64-unknown-openbsd", OPENBSD, X86_64, ("openbsd", "openbsd-x64")),
    unix("aarch64-unknown-openbsd", OPENBSD, AARCH64, ("openbsd", "openbsd-arm64")),
    unix("i686-unknown-openbsd", OPENBSD, X86, ("openbsd", "openbsd-ia32")),
    unix("riscv64gc-unknown-openbsd", OPENBSD, RISCV64, ("openbsd", "openbsd-riscv64")),
    unix("x86_64-unknown-illumos", ILLUMOS, X86_64, ("sunos", "sunos-x64")),
    unix("x86_64-pc-solaris", SOLARIS, X86_64, ("sunos", "sunos-x64-solaris")),
    KnownTarget { format: ObjectFormat::Xcoff, ..unix("powerpc64-ibm-aix", AIX, POWERPC64, ("aix", "aix-ppc64")) },
];
