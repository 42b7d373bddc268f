//! What a manylinux tag promises ([PEP 600](https://peps.python.org/pep-0600/)).
//!
//! The number of a tag is that of glibc. What else its systems have is agreed on by those who
//! maintain the policies: which libraries there are on every desktop and server, and how new the
//! symbols of the compiler's libraries are. A tag between two policies promises what the older one
//! does.

use crate::numbers::numbers;
use crate::policy::{MANYLINUX, Version};

/// Returns whether a library is glibc's loader, which programs may name as a library too.
pub(super) fn is_glibc_loader(library: &str) -> bool {
    library.starts_with("ld-linux") || library.starts_with("ld64.so.")
}

/// Returns whether the systems of a tag have a library. The loader is on all of them.
pub(super) fn has_library(glibc: Version, library: &str) -> bool {
    MANYLINUX.has_library(glibc, library) || is_glibc_loader(library)
}

/// Whether the systems of a tag have a version of symbols.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Has {
    /// They do.
    Yes,
    /// They do, although their glibc has a lower number.
    Backported,
    /// They have versions up to this one.
    UpTo(String),
    /// They have none of that name.
    No,
}

/// Returns whether the systems of a tag have the version `name` of symbols. `cpu` is as tags call
/// it.
pub(super) fn has_version(cpu: &str, glibc: Version, name: &str) -> Has {
    let (series, version) = name.split_once('_').unwrap_or((name, ""));
    let Some(policy) = MANYLINUX.series(glibc, cpu, series) else {
        // Symbols of libraries that the policies do not look into.
        return Has::Yes;
    };
    let is_listed = policy.since(version).map(|since| since <= glibc);
    let numbers = numbers(version);
    let newest = if series == "GLIBC" {
        Some(vec![glibc.0, glibc.1])
    } else {
        policy.newest(glibc)
    };
    match (numbers, newest, is_listed) {
        // The tag has the number of glibc, whichever policy is the first to list it.
        (Some(numbers), _, _) if series == "GLIBC" && is_within(&numbers, glibc) => Has::Yes,
        (Some(_), _, Some(true)) if series == "GLIBC" => Has::Backported,
        (_, _, Some(true)) => Has::Yes,
        // A version that no policy lists, and that is older than one that is there.
        (Some(numbers), Some(newest), None) if numbers <= newest && series != "GLIBC" => Has::Yes,
        (Some(_), Some(newest), _) => {
            let newest: Vec<String> = newest.iter().map(u32::to_string).collect();
            Has::UpTo(format!("{series}_{}", newest.join(".")))
        }
        _ => Has::No,
    }
}

/// Returns whether the systems of some tag have the version `name` of symbols.
pub(super) fn is_promised(cpu: &str, name: &str) -> bool {
    const NEWEST: Version = Version(u32::MAX, u32::MAX);
    matches!(has_version(cpu, NEWEST, name), Has::Yes | Has::Backported)
}

/// Returns whether a version is one of those that glibc had up to a release.
fn is_within(numbers: &[u32], glibc: Version) -> bool {
    numbers <= &[glibc.0, glibc.1, u32::MAX]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(cpu: &str, minor: u32, name: &str) -> Has {
        has_version(cpu, Version(2, minor), name)
    }

    #[test]
    fn each_policy_has_what_it_has() {
        for (minor, name) in [
            (5, "GLIBC_2.5"),
            (17, "GLIBC_2.2.5"),
            (17, "GLIBC_2.17"),
            (17, "GLIBCXX_3.4.19"),
            (17, "CXXABI_TM_1"),
            (17, "GCC_4.8.0"),
            // Listed by no policy, and older than what is there.
            (17, "GCC_4.4.0"),
            (17, "GLIBC_2.2.1"),
            // Between two policies, and after the last.
            (25, "GLIBC_2.25"),
            (29, "GLIBC_2.29"),
            (29, "GLIBCXX_3.4.24"),
            (99, "GLIBC_2.99"),
            (99, "GLIBCXX_3.4.33"),
            (36, "GLIBC_ABI_DT_RELR"),
            // Nobody limits these.
            (5, "OPENSSL_1_1_0"),
            (5, "LIBX"),
        ] {
            assert_eq!(has("x86_64", minor, name), Has::Yes, "{name} in 2.{minor}");
        }
        assert_eq!(has_version("x86_64", Version(3, 1), "GLIBC_2.41"), Has::Yes);
    }

    #[test]
    fn no_policy_has_more() {
        for (minor, name, newest) in [
            (5, "GLIBC_2.6", "GLIBC_2.5"),
            (17, "GLIBC_2.18", "GLIBC_2.17"),
            (17, "GLIBC_3.0", "GLIBC_2.17"),
            (27, "GLIBC_2.28", "GLIBC_2.27"),
            (17, "GLIBCXX_3.4.20", "GLIBCXX_3.4.19"),
            (30, "GLIBCXX_3.4.25", "GLIBCXX_3.4.24"),
            (99, "GLIBCXX_3.4.99", "GLIBCXX_3.4.33"),
            (12, "GCC_4.5.0", "GCC_4.3.0"),
            (12, "CXXABI_1.3.7", "CXXABI_1.3.3"),
            (36, "ZLIB_1.2.12", "ZLIB_1.2.9"),
        ] {
            let up_to = Has::UpTo(newest.to_owned());
            assert_eq!(has("x86_64", minor, name), up_to, "{name} in 2.{minor}");
        }
        for (minor, name) in [
            (35, "GLIBC_ABI_DT_RELR"),
            (41, "GLIBC_PRIVATE"),
            (12, "CXXABI_TM_1"),
            (41, "CXXABI_ARM_1.3.3"),
            // The oldest systems have a zlib without versions.
            (5, "ZLIB_1.2.0"),
            (17, "LIBATOMIC_1.0"),
        ] {
            assert_eq!(has("x86_64", minor, name), Has::No, "{name} in 2.{minor}");
        }
    }

    #[test]
    fn some_versions_are_promised_by_no_tag() {
        for (name, promised) in [
            ("GLIBC_2.99", true),
            ("GLIBC_ABI_DT_RELR", true),
            ("CXXABI_TM_1", true),
            ("GLIBCXX_3.4.33", true),
            ("GLIBC_PRIVATE", false),
            ("GLIBCXX_3.4.99", false),
            ("CXXABI_ARM_1.3.3", false),
        ] {
            assert_eq!(is_promised("x86_64", name), promised, "{name}");
        }
    }

    #[test]
    fn one_version_is_there_before_its_time() {
        assert_eq!(has("aarch64", 17, "GLIBC_2.18"), Has::Backported);
        assert_eq!(has("aarch64", 18, "GLIBC_2.18"), Has::Yes);
        assert_ne!(has("aarch64", 17, "GLIBC_2.19"), Has::Backported);
        assert_ne!(has("ppc64le", 17, "GLIBC_2.18"), Has::Backported);
    }

    #[test]
    fn libraries_are_those_of_the_policy() {
        let has_library = |minor, library| has_library(Version(2, minor), library);
        assert!(has_library(5, "libX11.so.6") && has_library(17, "ld-linux-aarch64.so.1"));
        assert!(has_library(12, "libexpat.so.1") && !has_library(5, "libexpat.so.1"));
        assert!(has_library(24, "libmvec.so.1") && !has_library(17, "libmvec.so.1"));
        assert!(!has_library(41, "libssl.so.3") && !has_library(41, "libc.so"));
        assert!(has_library(17, "ld64.so.2"));
    }
}
