//! The system that an ELF file is for. Linux, the BSDs, Solaris and phones share the format, and
//! none runs the programs of another, so that a kernel or a loader refuses them.

use std::fmt;

use object::elf;
use serde::Serialize;

use super::versions::VersionNeed;

/// A system with executables in ELF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UnixSystem {
    /// Linux, with any C library that is not Android's or `OpenHarmony`'s. A file that names no
    /// system is for Linux.
    Linux,
    /// Android.
    Android,
    /// `OpenHarmony`, and `HarmonyOS` from version 5 on. Its C library is one of musl's relatives,
    /// and its kernel wants a note in each program.
    OpenHarmony,
    /// FreeBSD.
    FreeBsd,
    /// NetBSD.
    NetBsd,
    /// OpenBSD.
    OpenBsd,
    /// `DragonFly` BSD.
    DragonFly,
    /// Solaris and illumos.
    Solaris,
    /// Haiku.
    Haiku,
    /// The GNU Hurd.
    Hurd,
    /// Another one.
    Other,
}

impl fmt::Display for UnixSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Linux => "Linux",
            Self::Android => "Android",
            Self::OpenHarmony => "OpenHarmony",
            Self::FreeBsd => "FreeBSD",
            Self::NetBsd => "NetBSD",
            Self::OpenBsd => "OpenBSD",
            Self::DragonFly => "DragonFly BSD",
            Self::Solaris => "Solaris",
            Self::Haiku => "Haiku",
            Self::Hurd => "the Hurd",
            Self::Other => "another Unix system than Linux",
        })
    }
}

/// What tells the system.
pub(super) struct Signs<'a> {
    /// `EI_OSABI`.
    pub(super) os_abi: u8,
    pub(super) note: Option<UnixSystem>,
    pub(super) interpreter: Option<&'a str>,
    pub(super) needed: &'a [String],
    pub(super) versions: &'a [VersionNeed],
}

impl UnixSystem {
    /// Returns the system that the signs name. What is most certain comes first.
    pub(super) fn of(signs: &Signs<'_>) -> Self {
        // Many systems leave the field as Linux has it.
        let of_header = match elf::OsAbi(signs.os_abi) {
            elf::ELFOSABI_SYSV | elf::ELFOSABI_GNU => None,
            elf::ELFOSABI_NETBSD => Some(Self::NetBsd),
            elf::ELFOSABI_SOLARIS => Some(Self::Solaris),
            elf::ELFOSABI_FREEBSD => Some(Self::FreeBsd),
            elf::ELFOSABI_OPENBSD => Some(Self::OpenBsd),
            elf::ELFOSABI_HURD => Some(Self::Hurd),
            _ => Some(Self::Other),
        };
        of_header
            .or(signs.note)
            .or_else(|| signs.interpreter.and_then(Self::of_interpreter))
            .or_else(|| Self::of_libraries(signs.needed, signs.versions))
            .unwrap_or(Self::Linux)
    }

    /// The system of a note by the name of its owner.
    pub(super) fn of_note(owner: &[u8]) -> Option<Self> {
        Some(match owner {
            b"Android" => Self::Android,
            b"OHOS" => Self::OpenHarmony,
            b"FreeBSD" => Self::FreeBsd,
            b"NetBSD" => Self::NetBsd,
            b"OpenBSD" => Self::OpenBsd,
            b"DragonFly" => Self::DragonFly,
            _ => return None,
        })
    }

    /// The system of a note `NT_GNU_ABI_TAG`.
    pub(super) fn of_abi_tag(number: u32) -> Option<Self> {
        Some(match number {
            elf::ELF_NOTE_OS_LINUX => Self::Linux,
            elf::ELF_NOTE_OS_GNU => Self::Hurd,
            elf::ELF_NOTE_OS_SOLARIS2 => Self::Solaris,
            elf::ELF_NOTE_OS_FREEBSD => Self::FreeBsd,
            _ => return None,
        })
    }

    /// The system of a loader that no other system has.
    fn of_interpreter(path: &str) -> Option<Self> {
        Some(match path {
            "/system/bin/linker" | "/system/bin/linker64" => Self::Android,
            "/libexec/ld-elf.so.1" | "/libexec/ld-elf32.so.1" => Self::FreeBsd,
            "/libexec/ld.elf_so" | "/usr/libexec/ld.elf_so" => Self::NetBsd,
            "/usr/libexec/ld.so" => Self::OpenBsd,
            "/libexec/ld-elf.so.2" | "/usr/libexec/ld-elf.so.2" => Self::DragonFly,
            "/system/runtime_loader" => Self::Haiku,
            "/lib/ld-x86-64.so.1" => Self::Hurd,
            "/lib/amd64/ld.so.1"
            | "/lib/64/ld.so.1"
            | "/usr/lib/ld.so.1"
            | "/usr/lib/amd64/ld.so.1"
            | "/usr/lib/64/ld.so.1" => Self::Solaris,
            _ if path.starts_with("/apex/") => Self::Android,
            _ => return None,
        })
    }

    /// The system whose C library is needed, for a library: it has no loader, and need not have a
    /// note.
    fn of_libraries(needed: &[String], versions: &[VersionNeed]) -> Option<Self> {
        let has_series = |series: &str| {
            let mut versions = versions.iter().flat_map(|need| &need.versions);
            versions.any(|version| {
                let rest = version.name.strip_prefix(series);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
            })
        };
        if has_series("FBSD") {
            return Some(Self::FreeBsd);
        }
        if has_series("SUNW") || has_series("ILLUMOS") {
            return Some(Self::Solaris);
        }
        needed.iter().find_map(|name| match name.as_str() {
            // Android's C library has musl's name, and versions, which musl has not.
            "libc.so" if has_series("LIBC") => Some(Self::Android),
            "liblog.so" | "libandroid.so" => Some(Self::Android),
            "libace_napi.z.so" | "libhilog_ndk.z.so" => Some(Self::OpenHarmony),
            "libroot.so" => Some(Self::Haiku),
            "libc.so.7" => Some(Self::FreeBsd),
            "libc.so.12" => Some(Self::NetBsd),
            "libc.so.8" => Some(Self::DragonFly),
            "libc.so.1" => Some(Self::Solaris),
            // OpenBSD's has two numbers, `libc.so.100.3`. glibc's of Alpha is `libc.so.6.1`.
            name => {
                let (major, minor) = name.strip_prefix("libc.so.")?.split_once('.')?;
                let numbers = (major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?);
                (numbers.0 > 6).then_some(Self::OpenBsd)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::SymbolVersion;

    fn system(
        os_abi: u8,
        note: Option<UnixSystem>,
        interpreter: Option<&str>,
        needed: &[&str],
        version: Option<&str>,
    ) -> UnixSystem {
        let needed: Vec<String> = needed.iter().map(ToString::to_string).collect();
        let versions: Vec<VersionNeed> = version
            .map(|name| VersionNeed {
                library: "libc.so".to_owned(),
                versions: vec![SymbolVersion {
                    name: name.to_owned(),
                    weak: false,
                }],
            })
            .into_iter()
            .collect();
        UnixSystem::of(&Signs {
            os_abi,
            note,
            interpreter,
            needed: &needed,
            versions: &versions,
        })
    }

    #[test]
    fn each_sign_names_a_system() {
        use UnixSystem::{
            Android, DragonFly, FreeBsd, Haiku, Hurd, Linux, NetBsd, OpenBsd, OpenHarmony, Other,
            Solaris,
        };
        for (os_abi, expected) in [
            (0, Linux),
            (3, Linux),
            (2, NetBsd),
            (4, Hurd),
            (6, Solaris),
            (9, FreeBsd),
            (12, OpenBsd),
            (17, Other),
        ] {
            assert_eq!(system(os_abi, None, None, &[], None), expected, "{os_abi}");
        }
        for (interpreter, expected) in [
            ("/lib64/ld-linux-x86-64.so.2", Linux),
            ("/lib/ld-musl-aarch64.so.1", Linux),
            ("/nix/store/x/lib/ld-linux-x86-64.so.2", Linux),
            ("/lib/ld-uClibc.so.0", Linux),
            ("/lib/ld.so.1", Linux),
            ("/system/bin/linker64", Android),
            ("/apex/com.android.runtime/bin/linker64", Android),
            ("/libexec/ld-elf.so.1", FreeBsd),
            ("/libexec/ld-elf.so.2", DragonFly),
            ("/usr/libexec/ld.elf_so", NetBsd),
            ("/usr/libexec/ld.so", OpenBsd),
            ("/lib/amd64/ld.so.1", Solaris),
            ("/usr/lib/ld.so.1", Solaris),
            ("/lib/ld-x86-64.so.1", Hurd),
        ] {
            let found = system(0, None, Some(interpreter), &["libc.so"], None);
            assert_eq!(found, expected, "{interpreter}");
        }
        for (needed, version, expected) in [
            (&["libc.so.6"][..], Some("GLIBC_2.17"), Linux),
            (&["libc.so.6.1"], None, Linux),
            (&["libc.so"], None, Linux),
            (&["libc.so"], Some("LIBC"), Android),
            (&["libc.so"], Some("LIBC_N"), Android),
            (&["libc.so"], Some("LIBCXX_1"), Linux),
            (&["libm.so", "liblog.so", "libc.so"], None, Android),
            (&["libc++_shared.so", "libace_napi.z.so"], None, OpenHarmony),
            (&["libc.so.7"], None, FreeBsd),
            (&["libthr.so.3"], Some("FBSD_1.0"), FreeBsd),
            (&["libc.so.12"], None, NetBsd),
            (&["libc.so.100.3"], None, OpenBsd),
            (&["libc.so.1"], None, Solaris),
            (&["libc.so.0"], None, Linux),
            (&["libroot.so"], None, Haiku),
        ] {
            assert_eq!(
                system(0, None, None, needed, version),
                expected,
                "{needed:?} {version:?}"
            );
        }
    }

    #[test]
    fn a_note_is_more_certain_than_a_loader() {
        let musl = Some("/lib/ld-musl-aarch64.so.1");
        let note = UnixSystem::of_note(b"OHOS");
        let found = system(0, note, musl, &["libc.so"], None);
        assert_eq!(found, UnixSystem::OpenHarmony);
        for (owner, expected) in [
            (&b"Android"[..], Some(UnixSystem::Android)),
            (b"FreeBSD", Some(UnixSystem::FreeBsd)),
            (b"NetBSD", Some(UnixSystem::NetBsd)),
            (b"OpenBSD", Some(UnixSystem::OpenBsd)),
            (b"DragonFly", Some(UnixSystem::DragonFly)),
            (b"GNU", None),
            (b"Go", None),
            (b"", None),
        ] {
            assert_eq!(UnixSystem::of_note(owner), expected);
        }
        let tags = (0..6).map(UnixSystem::of_abi_tag).collect::<Vec<_>>();
        let expected = [
            Some(UnixSystem::Linux),
            Some(UnixSystem::Hurd),
            Some(UnixSystem::Solaris),
            Some(UnixSystem::FreeBsd),
            None,
            None,
        ];
        assert_eq!(tags, expected);
    }
}
