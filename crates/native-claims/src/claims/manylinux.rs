//! What a manylinux tag promises ([PEP 600](https://peps.python.org/pep-0600/)).
//!
//! The number of a tag is that of glibc. What else its systems have is agreed on by those who
//! maintain the profiles: which libraries there are on every desktop and server, and how new the
//! symbols of the compiler's libraries are. A tag between two profiles promises what the older one
//! does.

use crate::facts::Cpu;

/// Symbol versions of one series, up to the newest one that all systems of a profile have.
struct Limit {
    series: &'static str,
    newest: &'static [u32],
    /// The CPUs for which it is that one; empty for all others.
    cpus: &'static [Cpu],
}

struct Profile {
    glibc_minor: u32,
    limits: &'static [Limit],
}

const fn all(series: &'static str, newest: &'static [u32]) -> Limit {
    on(&[], series, newest)
}

const fn on(cpus: &'static [Cpu], series: &'static str, newest: &'static [u32]) -> Limit {
    Limit {
        series,
        newest,
        cpus,
    }
}

const X86: &[Cpu] = &[Cpu::X86, Cpu::X86_64];

const GCC_7: Limit = all("GCC", &[7, 0, 0]);
const GCC_11_ARM: Limit = on(&[Cpu::Aarch64], "GCC", &[11, 0]);
const GCC_12_X86: Limit = on(X86, "GCC", &[12, 0, 0]);
const GCC_14: Limit = all("GCC", &[14, 0, 0]);
const ATOMIC: Limit = all("LIBATOMIC", &[1, 2]);
const ZLIB_1_2_9: Limit = all("ZLIB", &[1, 2, 9]);
const ZLIB_1_2_12: Limit = all("ZLIB", &[1, 2, 12]);

/// The profiles, oldest first. Of two limits of a series the first that names the CPU counts.
const PROFILES: &[Profile] = &[
    Profile {
        glibc_minor: 5,
        limits: &[
            all("GLIBCXX", &[3, 4, 8]),
            all("CXXABI", &[1, 3, 1]),
            all("GCC", &[4, 2, 0]),
        ],
    },
    Profile {
        glibc_minor: 12,
        limits: &[
            all("GLIBCXX", &[3, 4, 13]),
            all("CXXABI", &[1, 3, 3]),
            on(&[Cpu::X86_64], "GCC", &[4, 3, 0]),
            all("GCC", &[4, 5, 0]),
            all("ZLIB", &[1, 2, 2, 4]),
        ],
    },
    Profile {
        glibc_minor: 17,
        limits: &[
            all("GLIBCXX", &[3, 4, 19]),
            all("CXXABI", &[1, 3, 7]),
            on(&[Cpu::X86, Cpu::X86_64, Cpu::Powerpc64], "GCC", &[4, 8, 0]),
            all("GCC", &[4, 7, 0]),
            all("LIBATOMIC", &[1, 0]),
            all("ZLIB", &[1, 2, 5, 2]),
        ],
    },
    Profile {
        glibc_minor: 24,
        limits: &[
            all("GLIBCXX", &[3, 4, 22]),
            all("CXXABI", &[1, 3, 10]),
            on(X86, "GCC", &[4, 8, 0]),
            all("GCC", &[4, 7, 0]),
            ATOMIC,
            all("ZLIB", &[1, 2, 5, 2]),
        ],
    },
    Profile {
        glibc_minor: 26,
        limits: &[
            on(&[Cpu::X86_64], "GLIBCXX", &[3, 4, 22]),
            all("GLIBCXX", &[3, 4, 24]),
            on(&[Cpu::X86_64], "CXXABI", &[1, 3, 10]),
            all("CXXABI", &[1, 3, 11]),
            on(&[Cpu::X86_64], "GCC", &[4, 8, 0]),
            GCC_7,
            ATOMIC,
            on(&[Cpu::X86_64, Cpu::Aarch64], "ZLIB", &[1, 2, 5, 2]),
            ZLIB_1_2_9,
        ],
    },
    Profile {
        glibc_minor: 27,
        limits: &[
            all("GLIBCXX", &[3, 4, 24]),
            all("CXXABI", &[1, 3, 11]),
            GCC_7,
            ATOMIC,
            ZLIB_1_2_9,
        ],
    },
    Profile {
        glibc_minor: 31,
        limits: &[
            all("GLIBCXX", &[3, 4, 28]),
            all("CXXABI", &[1, 3, 12]),
            GCC_7,
            ATOMIC,
            ZLIB_1_2_9,
        ],
    },
    Profile {
        glibc_minor: 34,
        limits: &[
            all("GLIBCXX", &[3, 4, 29]),
            all("CXXABI", &[1, 3, 13]),
            GCC_11_ARM,
            GCC_7,
            ATOMIC,
            ZLIB_1_2_9,
        ],
    },
    Profile {
        glibc_minor: 35,
        limits: &[
            all("GLIBCXX", &[3, 4, 30]),
            all("CXXABI", &[1, 3, 13]),
            GCC_12_X86,
            GCC_11_ARM,
            GCC_7,
            ATOMIC,
            ZLIB_1_2_9,
        ],
    },
    Profile {
        glibc_minor: 36,
        limits: &[
            all("GLIBCXX", &[3, 4, 30]),
            all("CXXABI", &[1, 3, 13]),
            GCC_12_X86,
            GCC_11_ARM,
            GCC_7,
            ATOMIC,
            on(&[Cpu::X86], "ZLIB", &[1, 2, 12]),
            ZLIB_1_2_9,
        ],
    },
    Profile {
        glibc_minor: 37,
        limits: &[
            all("GLIBCXX", &[3, 4, 30]),
            all("CXXABI", &[1, 3, 13]),
            GCC_12_X86,
            GCC_11_ARM,
            GCC_7,
            ATOMIC,
            ZLIB_1_2_12,
        ],
    },
    Profile {
        glibc_minor: 39,
        limits: &[
            on(&[Cpu::Loongarch64], "GLIBCXX", &[3, 4, 32]),
            all("GLIBCXX", &[3, 4, 33]),
            all("CXXABI", &[1, 3, 15]),
            GCC_14,
            ATOMIC,
            ZLIB_1_2_12,
        ],
    },
    Profile {
        glibc_minor: 40,
        limits: &[
            all("GLIBCXX", &[3, 4, 33]),
            all("CXXABI", &[1, 3, 15]),
            GCC_14,
            ATOMIC,
            ZLIB_1_2_12,
        ],
    },
];

/// Versions whose names have no place in the order, and the first profile that has them. No
/// profile has one that is not here, such as `GLIBC_PRIVATE`.
const NAMED: &[(&str, u32)] = &[
    ("CXXABI_TM_1", 17),
    ("CXXABI_ARM_1.3.3", 17),
    ("CXXABI_LDBL_1.3", 17),
    ("CXXABI_FLOAT128", 24),
    ("CXXABI_IEEE128_1.3.13", 34),
    ("GLIBCXX_LDBL_3.4", 17),
    ("GLIBCXX_LDBL_3.4.7", 17),
    ("GLIBCXX_LDBL_3.4.10", 17),
    ("GLIBCXX_LDBL_3.4.21", 24),
    ("GLIBCXX_LDBL_3.4.29", 34),
    ("GLIBCXX_LDBL_3.4.31", 39),
    ("GLIBCXX_IEEE128_3.4.29", 34),
    ("GLIBCXX_IEEE128_3.4.30", 35),
    ("GLIBCXX_IEEE128_3.4.31", 39),
    ("GLIBC_ABI_DT_RELR", 36),
];

/// Libraries of every profile.
const LIBRARIES: &[&str] = &[
    "libGL.so.1",
    "libICE.so.6",
    "libSM.so.6",
    "libX11.so.6",
    "libXext.so.6",
    "libXrender.so.1",
    "libanl.so.1",
    "libatomic.so.1",
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libglib-2.0.so.0",
    "libgobject-2.0.so.0",
    "libgthread-2.0.so.0",
    "libm.so.6",
    "libnsl.so.1",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libstdc++.so.6",
    "libutil.so.1",
    "libz.so.1",
];

/// Libraries of newer profiles, and the first that has each.
const NEWER_LIBRARIES: &[(&str, u32)] = &[("libexpat.so.1", 12), ("libmvec.so.1", 24)];

/// The profiles' numbers and the one after the last, for which all that follow stand.
pub(super) fn minors() -> impl Iterator<Item = u32> {
    PROFILES.iter().map(|profile| profile.glibc_minor)
}

/// Whether the systems of a tag have a library. The loader is on all of them.
pub(super) fn has_library(glibc_minor: u32, library: &str) -> bool {
    let newer = |&(name, since): &(&str, u32)| name == library && since <= glibc_minor;
    LIBRARIES.contains(&library)
        || NEWER_LIBRARIES.iter().any(newer)
        || super::linux::is_glibc_loader(library)
}

/// Whether the systems of a tag have a version of symbols.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Has {
    /// They do.
    Yes,
    /// They do, although their glibc has a lower number.
    Backported,
    /// They have none newer than this.
    UpTo(String),
    /// They have none of the kind.
    No,
}

/// Looks for a version, such as 3.4.19 of the series `GLIBCXX`; `name` is the whole of it.
pub(super) fn has_version(
    cpu: Cpu,
    glibc_minor: u32,
    name: &str,
    series: &str,
    numbers: Option<&[u32]>,
) -> Has {
    /// `CentOS` 7, the system of the profile, has one symbol of glibc 2.18 on this CPU.
    const BACKPORTED: (Cpu, u32, [u32; 2]) = (Cpu::Aarch64, 17, [2, 18]);
    let Some(numbers) = numbers else {
        let known = NAMED.iter().find(|(known, _)| *known == name);
        return match known {
            Some(&(_, since)) if since <= glibc_minor => Has::Yes,
            // Symbols of libraries that the profiles do not look into.
            None if !is_limited(series) => Has::Yes,
            _ => Has::No,
        };
    };
    if series == "GLIBC" {
        return if numbers <= &[2, glibc_minor, u32::MAX] {
            Has::Yes
        } else if (BACKPORTED.0, BACKPORTED.1) == (cpu, glibc_minor) && numbers == BACKPORTED.2 {
            Has::Backported
        } else {
            Has::UpTo(format!("GLIBC_2.{glibc_minor}"))
        };
    }
    let profile = PROFILES
        .iter()
        .rev()
        .find(|profile| profile.glibc_minor <= glibc_minor);
    let limits = profile.map_or(&[][..], |profile| profile.limits);
    let limit = limits.iter().find(|limit| {
        limit.series == series && (limit.cpus.is_empty() || limit.cpus.contains(&cpu))
    });
    match limit {
        Some(limit) if numbers > limit.newest => {
            let newest: Vec<String> = limit.newest.iter().map(u32::to_string).collect();
            Has::UpTo(format!("{series}_{}", newest.join(".")))
        }
        _ => Has::Yes,
    }
}

/// Whether the profiles say which versions of a series there are.
fn is_limited(series: &str) -> bool {
    let mut limits = PROFILES.iter().flat_map(|profile| profile.limits);
    series == "GLIBC" || limits.any(|limit| limit.series == series)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(cpu: Cpu, minor: u32, name: &str) -> Has {
        let (series, version) = name.split_once('_').unwrap();
        let numbers = crate::numbers::numbers(version);
        has_version(cpu, minor, name, series, numbers.as_deref())
    }

    #[test]
    fn each_profile_has_what_it_has() {
        let x86 = Cpu::X86_64;
        for (minor, name) in [
            (5, "GLIBC_2.5"),
            (17, "GLIBC_2.2.5"),
            (17, "GLIBC_2.17"),
            (17, "GLIBCXX_3.4.19"),
            (17, "CXXABI_TM_1"),
            (17, "GCC_4.8.0"),
            // Between two profiles, and after the last.
            (29, "GLIBC_2.29"),
            (29, "GLIBCXX_3.4.24"),
            (99, "GLIBC_2.99"),
            (99, "GLIBCXX_3.4.33"),
            (36, "GLIBC_ABI_DT_RELR"),
            // Nobody limits these.
            (5, "OPENSSL_1_1_0"),
            (5, "ZLIB_1.2.9"),
        ] {
            assert_eq!(has(x86, minor, name), Has::Yes, "{name} in 2.{minor}");
        }
    }

    #[test]
    fn no_profile_has_more() {
        let x86 = Cpu::X86_64;
        for (minor, name, newest) in [
            (5, "GLIBC_2.6", "GLIBC_2.5"),
            (17, "GLIBC_2.18", "GLIBC_2.17"),
            (17, "GLIBC_3.0", "GLIBC_2.17"),
            (27, "GLIBC_2.28", "GLIBC_2.27"),
            (17, "GLIBCXX_3.4.20", "GLIBCXX_3.4.19"),
            (30, "GLIBCXX_3.4.25", "GLIBCXX_3.4.24"),
            (12, "GCC_4.5.0", "GCC_4.3.0"),
            (12, "CXXABI_1.3.7", "CXXABI_1.3.3"),
            (36, "ZLIB_1.2.12", "ZLIB_1.2.9"),
        ] {
            let up_to = Has::UpTo(newest.to_owned());
            assert_eq!(has(x86, minor, name), up_to, "{name} in 2.{minor}");
        }
        for (minor, name) in [
            (35, "GLIBC_ABI_DT_RELR"),
            (41, "GLIBC_PRIVATE"),
            (12, "CXXABI_TM_1"),
        ] {
            assert_eq!(has(x86, minor, name), Has::No, "{name} in 2.{minor}");
        }
    }

    #[test]
    fn one_version_is_there_before_its_time() {
        assert_eq!(has(Cpu::Aarch64, 17, "GLIBC_2.18"), Has::Backported);
        assert_eq!(has(Cpu::Aarch64, 18, "GLIBC_2.18"), Has::Yes);
        assert_ne!(has(Cpu::Aarch64, 17, "GLIBC_2.19"), Has::Backported);
    }

    #[test]
    fn libraries_are_those_of_the_profile() {
        assert!(has_library(5, "libX11.so.6") && has_library(17, "ld-linux-aarch64.so.1"));
        assert!(has_library(12, "libexpat.so.1") && !has_library(5, "libexpat.so.1"));
        assert!(has_library(24, "libmvec.so.1") && !has_library(17, "libmvec.so.1"));
        assert!(!has_library(41, "libssl.so.3") && !has_library(41, "libc.so"));
    }
}
