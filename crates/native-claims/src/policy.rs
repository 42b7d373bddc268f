//! The policies of manylinux and musllinux, as data.
//!
//! The tables are in `policy/`: `scripts/refresh-policy` of this repository writes them from the
//! newest auditwheel, which is where the maintainers of the policies keep them. Of each version,
//! library and symbol they say since which policy, or until which, because a policy has everything
//! that an older one has.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::numbers::numbers;

/// The policies of manylinux. Their versions are those of glibc.
pub(crate) static MANYLINUX: LazyLock<Policies> =
    LazyLock::new(|| Policies::parse(include_str!("../policy/manylinux.json")));

/// The policies of musllinux. Their versions are those of musl.
pub(crate) static MUSLLINUX: LazyLock<Policies> =
    LazyLock::new(|| Policies::parse(include_str!("../policy/musllinux.json")));

/// The functions of musl by the version of the tag that promises them. auditwheel has no such table:
/// musl's symbols have no versions, and the names tell the same.
static MUSL: LazyLock<ByVersion> = LazyLock::new(|| {
    let table = include_str!("../policy/musl.json");
    let mut table: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(table).expect("the table is part of the crate, and tested");
    table.remove("from");
    let list = |(version, names)| {
        let version = Version::try_from(version).expect("as above");
        (version, serde_json::from_value(names).expect("as above"))
    };
    table.into_iter().map(list).collect()
});

/// Returns all functions of musl that some systems of a tag of musl lack.
pub(crate) fn musl_functions() -> impl Iterator<Item = &'static str> {
    MUSL.values().flatten().map(String::as_str)
}

/// Returns whether systems with the musl of a tag lack a function of a newer musl.
pub(crate) fn musl_lacks(at: Version, function: &str) -> bool {
    let mut newer = MUSL.iter().filter(|(since, _)| at < **since);
    newer.any(|(_, names)| names.iter().any(|name| name == function))
}

/// The version of a C library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Version(pub(crate) u32, pub(crate) u32);

impl TryFrom<String> for Version {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match numbers(&text).as_deref() {
            Some(&[major, minor]) => Ok(Self(major, minor)),
            _ if text == "never" => Ok(Self(u32::MAX, u32::MAX)),
            _ => Err(format!("{text:?} is not a version of a C library")),
        }
    }
}

/// Things by the version of the policy in which they begin or end.
type ByVersion = BTreeMap<Version, Vec<String>>;

/// The policies of one C library.
#[derive(Debug, Deserialize)]
pub(crate) struct Policies {
    /// The CPUs that each policy is for, as tags call them.
    cpus: ByVersion,
    /// The libraries that a policy is the first to have.
    libraries: ByVersion,
    /// By CPU and series: the versions of symbols that a policy is the first to have.
    versions: BTreeMap<String, BTreeMap<String, ByVersion>>,
    /// By library: the symbols that must not be used before a policy.
    forbidden: BTreeMap<String, ByVersion>,
}

impl Policies {
    fn parse(table: &str) -> Self {
        serde_json::from_str(table).expect("the tables are part of the crate, and tested")
    }

    /// Returns the versions of the C library that have a policy of their own, oldest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = Version> {
        self.cpus.keys().copied()
    }

    /// Returns the version of the first policy that is for a CPU: no system with that CPU has an
    /// older C library. `None`: no policy is for it.
    pub(crate) fn first(&self, cpu: &str) -> Option<Version> {
        let cpu = general_cpu(cpu);
        let mut policies = self.cpus.iter();
        let first = policies.find(|(_, cpus)| cpus.iter().any(|name| name == cpu));
        first.map(|(version, _)| *version)
    }

    /// Returns whether the systems of a tag have a library.
    pub(crate) fn has_library(&self, at: Version, library: &str) -> bool {
        let mut known = self.libraries.range(..=at);
        known.any(|(_, names)| names.iter().any(|name| name == library))
    }

    /// Returns whether a tag forbids to use a symbol of a library of the system: one that is
    /// internal to the library, or that some systems of the tag do not have.
    pub(crate) fn forbids(&self, at: Version, library: &str, symbol: &str) -> bool {
        let ends = self.forbidden.get(library);
        let mut later = ends.into_iter().flatten().filter(|(end, _)| at < **end);
        later.any(|(_, symbols)| symbols.iter().any(|name| name == symbol))
    }

    /// Returns all symbols that some policy forbids; some of them repeatedly.
    pub(crate) fn forbidden_symbols(&self) -> impl Iterator<Item = &str> {
        let lists = self.forbidden.values().flat_map(BTreeMap::values);
        lists.flatten().map(String::as_str)
    }

    /// Returns the versions of a series of symbols, by the first policy that has each. `None`: the
    /// policies do not limit the series.
    ///
    /// Where the policy of a tag is not for the CPU, the tag promises what it does on `x86_64`.
    pub(crate) fn series(&self, at: Version, cpu: &str, series: &str) -> Option<Series<'_>> {
        const GENERAL: &str = "x86_64";
        let cpu = general_cpu(cpu);
        let (_, cpus) = self.cpus.range(..=at).next_back()?;
        let is_for = cpus.iter().any(|name| name == cpu);
        let versions = self.versions.get(if is_for { cpu } else { GENERAL })?;
        versions.get(series).map(Series)
    }
}

/// Policies know CPUs with two names by one of them.
fn general_cpu(cpu: &str) -> &str {
    if cpu == "armv6l" { "armv7l" } else { cpu }
}

/// The versions of symbols of one series on one CPU.
pub(crate) struct Series<'a>(&'a ByVersion);

impl Series<'_> {
    /// Returns the first policy that has a version, if any has.
    pub(crate) fn since(&self, version: &str) -> Option<Version> {
        let mut found = self.0.iter();
        let found = found.find(|(_, versions)| versions.iter().any(|name| name == version));
        found.map(|(since, _)| *since)
    }

    /// Returns the newest version that the systems of a tag have. Versions that are not numbers
    /// have no place in the order.
    pub(crate) fn newest(&self, at: Version) -> Option<Vec<u32>> {
        let versions = self.0.range(..=at).flat_map(|(_, versions)| versions);
        versions.filter_map(|version| numbers(version)).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_can_be_read() {
        assert_eq!(MANYLINUX.all().next(), Some(Version(2, 5)));
        assert!(MANYLINUX.all().count() > 10);
        assert_eq!(
            MUSLLINUX.all().collect::<Vec<_>>(),
            [Version(1, 1), Version(1, 2)]
        );
    }

    #[test]
    fn a_version_of_a_policy_is_two_numbers_or_never() {
        let parse = |text: &str| Version::try_from(text.to_owned());
        assert_eq!(parse("2.17"), Ok(Version(2, 17)));
        assert_eq!(parse("never"), Ok(Version(u32::MAX, u32::MAX)));
        for text in ["2", "2.17.1", "2.x", ""] {
            let why = format!("{text:?} is not a version of a C library");
            assert_eq!(parse(text), Err(why));
        }
    }

    #[test]
    fn symbols_are_forbidden_until_systems_have_them() {
        let forbids = |minor, library: &str, symbol: &str| {
            MANYLINUX.forbids(Version(2, minor), library, symbol)
        };
        // New in zlib 1.2.9.
        assert!(forbids(5, "libz.so.1", "uncompress2"));
        assert!(forbids(33, "libz.so.1", "uncompress2"));
        assert!(!forbids(34, "libz.so.1", "uncompress2"));
        // Internal to zlib.
        assert!(forbids(u32::MAX, "libz.so.1", "inflate_table"));
        assert!(!forbids(5, "libz.so.1", "inflate"));
        assert!(!forbids(5, "libc.so.6", "inflate_table"));
        assert!(forbids(17, "libm.so.6", "__issignaling"));
        assert!(MUSLLINUX.forbids(Version(1, 2), "libz.so.1", "inflate_table"));
        let known = |symbol| MANYLINUX.forbidden_symbols().any(|name| name == symbol);
        assert!(known("inflate_table") && known("uncompress2") && !known("inflate"));
    }

    #[test]
    fn each_cpu_has_a_first_policy() {
        for (cpu, glibc, musl) in [
            ("x86_64", Some(Version(2, 5)), Some(Version(1, 1))),
            ("aarch64", Some(Version(2, 17)), Some(Version(1, 1))),
            ("armv6l", Some(Version(2, 17)), Some(Version(1, 1))),
            ("ppc64", Some(Version(2, 17)), None),
            ("riscv64", Some(Version(2, 31)), Some(Version(1, 1))),
            ("loongarch64", Some(Version(2, 36)), Some(Version(1, 2))),
            ("mips64", None, None),
        ] {
            assert_eq!(
                (MANYLINUX.first(cpu), MUSLLINUX.first(cpu)),
                (glibc, musl),
                "{cpu}"
            );
        }
    }

    #[test]
    fn functions_of_a_newer_musl_are_known() {
        for function in ["reallocarray", "qsort_r", "__time64", "__stat_time64"] {
            assert!(musl_lacks(Version(1, 1), function), "{function}");
            assert!(!musl_lacks(Version(1, 2), function), "{function}");
            assert!(musl_functions().any(|name| name == function));
        }
        for function in ["malloc", "stat", "secure_getenv", "from"] {
            assert!(!musl_lacks(Version(1, 1), function), "{function}");
        }
    }

    #[test]
    fn a_series_is_that_of_the_cpu_or_the_general_one() {
        let newest = |minor, cpu, series| {
            let versions = MANYLINUX.series(Version(2, minor), cpu, series)?;
            versions.newest(Version(2, minor))
        };
        assert_eq!(newest(26, "x86_64", "GLIBCXX"), Some(vec![3, 4, 22]));
        assert_eq!(newest(26, "aarch64", "GLIBCXX"), Some(vec![3, 4, 24]));
        // There is no policy for them.
        assert_eq!(newest(26, "riscv64", "GLIBCXX"), Some(vec![3, 4, 22]));
        assert_eq!(newest(28, "ppc64", "GLIBCXX"), Some(vec![3, 4, 24]));
        assert_eq!(newest(17, "x86_64", "LIBATOMIC"), None);
        assert_eq!(newest(17, "x86_64", "OPENSSL"), None);
        let arm = |cpu| MANYLINUX.series(Version(2, 17), cpu, "CXXABI").unwrap();
        for cpu in ["armv6l", "armv7l"] {
            assert_eq!(arm(cpu).since("ARM_1.3.3"), Some(Version(2, 17)));
        }
        assert_eq!(arm("aarch64").since("ARM_1.3.3"), None);
    }
}
