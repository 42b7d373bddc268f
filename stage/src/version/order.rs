//! The order of releases. It is that of PEP 440, and of SemVer where the two agree.
//!
//! They differ in two places. SemVer compares the words of pre-releases as texts, so for npm and Cargo
//! `-dev` and `-nightly` come after `-alpha` and `-beta`; for pip they come before. And a revision of a
//! final release is newer for npm and Cargo than later patches that have none.

use std::cmp::Ordering;

use super::release::ReleaseVersion;

impl Ord for ReleaseVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        let Self {
            numbers,
            stage,
            revision,
            spelling,
            prefix,
        } = self;
        let versions = numbers.padded().cmp(&other.numbers.padded());
        let versions = versions.then(stage.cmp(&other.stage));
        let versions = versions.then(revision.cmp(&other.revision));
        // What is equal for pip has an order too, so that equal means the same release.
        let count = numbers
            .as_slice()
            .len()
            .cmp(&other.numbers.as_slice().len());
        let texts = spelling
            .cmp(&other.spelling)
            .then(prefix.cmp(&other.prefix));
        versions.then(count).then(texts)
    }
}

impl PartialOrd for ReleaseVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::super::numbers::Numbers;
    use super::super::phase::Stage;
    use super::*;

    /// Versions of every kind, near each other, with and without revisions.
    fn versions() -> Vec<ReleaseVersion> {
        let numbers = [
            "1.2",
            "1.2.0",
            "1.2.1",
            "1.2.3",
            "1.2.4",
            "1.2.10",
            "1.2.1000",
            "1.3",
            "1.3.0",
            "2.0",
            "1.2.0.0",
            "1.2.0.1",
            "1.2.3.0",
            "1.2.3.4",
            "1.2.3.99999",
            "1.2.4.0",
            "1.10.0",
            "2026.01.05",
            "2026.1.31",
            "24.04",
            "24.10",
            "1.2.300004",
        ];
        let stages = [
            "",
            "-alpha",
            "-alpha.1",
            "-alpha.1.0",
            "-alpha.1.2",
            "-alpha2",
            "-alpha.10",
            "-beta.1",
            "-rc.0",
            "-rc.1",
            "-rc.1.1",
            "-rc.1.2",
            "-dev.3",
            "-dev.20260105",
            "-nightly.20260104",
            "-nightly.20260105",
            "-nightly.2026.11.5",
        ];
        let mut versions = Vec::new();
        for numbers in numbers {
            for stage in stages {
                let version = ReleaseVersion::parse(&format!("{numbers}{stage}"), &[]).unwrap();
                let revised = [0, 1, 2, 999].map(|revision| version.with_revision(revision).ok());
                versions.extend(revised.into_iter().flatten());
                versions.push(version);
            }
        }
        versions
    }

    #[test]
    fn the_order_is_that_of_pep_440() {
        let versions = versions();
        let python = |version: &ReleaseVersion| {
            let text = version.python();
            let parsed = text.parse::<pep440_rs::Version>().unwrap();
            assert_eq!(parsed.to_string(), text, "it is in normal form");
            parsed
        };
        let parsed = versions.iter().map(python).collect::<Vec<_>>();
        for (one, one_parsed) in versions.iter().zip(&parsed) {
            for (other, other_parsed) in versions.iter().zip(&parsed) {
                let order = one_parsed.cmp(other_parsed);
                if order == Ordering::Equal {
                    // Then it is the same release, or they may not be published both.
                    let first = one.revision == Some(0) || other.revision == Some(0);
                    assert!(
                        one == other || first || one.clash(other).is_some(),
                        "{one} {other}"
                    );
                } else {
                    assert_eq!(one.cmp(other), order, "{one} {other}");
                }
            }
        }
    }

    /// What npm and Cargo order by the names of pre-releases.
    fn is_dev(version: &ReleaseVersion) -> bool {
        matches!(version.stage, Stage::Dev { .. })
    }

    #[test]
    fn the_order_is_that_of_semver_where_it_can_be() {
        let versions = versions();
        let semver = |version: &ReleaseVersion| {
            let text = version.to_string();
            let parsed = semver::Version::parse(&text).unwrap();
            assert_eq!(parsed.to_string(), text);
            parsed
        };
        let parsed = versions.iter().map(semver).collect::<Vec<_>>();
        let mut compared = 0;
        for (one, one_parsed) in versions.iter().zip(&parsed) {
            for (other, other_parsed) in versions.iter().zip(&parsed) {
                let order = one_parsed.cmp_precedence(other_parsed);
                // A project has four numbers in all of its releases, or in none.
                let four = |version: &ReleaseVersion| matches!(version.numbers, Numbers::Four(_));
                let same_numbers = one.numbers.padded() == other.numbers.padded();
                let word =
                    |version: &ReleaseVersion| version.stage.semver().get(..4).map(str::to_owned);
                let words = is_dev(one) != is_dev(other)
                    && same_numbers
                    && one.stage != Stage::Final
                    && other.stage != Stage::Final;
                let builds = is_dev(one) && is_dev(other) && word(one) != word(other);
                let bound = |version: &ReleaseVersion| version.bound_series().is_some();
                if four(one) != four(other) || words || builds || bound(one) != bound(other) {
                    continue;
                }
                // The one order that differs: npm has no place before the hotfix 0.
                let zero = "-alpha.1.0";
                if [one, other].iter().any(|v| v.stage.semver() == zero)
                    && (one.revision.is_some() || other.revision.is_some())
                {
                    continue;
                }
                compared += 1;
                if order == Ordering::Equal {
                    assert!(
                        one == other || one.clash(other).is_some(),
                        "{one:?} {other:?}"
                    );
                } else {
                    assert_eq!(one.cmp(other), order, "{one} {other}");
                }
            }
        }
        assert!(compared > versions.len() * versions.len() / 3, "{compared}");
    }

    /// The promise of a revision: it is above every version of its series that has none, and no
    /// version of another release.
    #[test]
    fn a_revision_is_newer_than_the_series_and_has_a_version_of_its_own() {
        let semver = |text: &str, revision: Option<u16>| {
            let version = ReleaseVersion::parse(text, &[]).unwrap();
            let version = revision.map_or(version.clone(), |n| version.with_revision(n).unwrap());
            semver::Version::parse(&version.to_string()).unwrap()
        };
        let patches = [
            "1.2",
            "1.2.1",
            "1.2.3",
            "1.2.4",
            "1.2.999",
            "1.2.1000",
            "1.2.99999",
            "1.2.999999",
        ];
        let mut last = semver("1.2.999999", None);
        for patch in patches {
            for revision in [0, 1, 998, 999] {
                let revised = semver(patch, Some(revision));
                assert!(revised > last, "{revised} after {last}");
                assert!(revised < semver("1.3.0-alpha.1", None));
                last = revised;
            }
        }
        let mut last = semver("1.2.90000.99999", None);
        for patch in [
            "1.2.0.0",
            "1.2.0.1",
            "1.2.3.4",
            "1.2.3.5",
            "1.2.90000.99999",
        ] {
            for revision in [0, 1, 999] {
                let revised = semver(patch, Some(revision));
                assert!(revised > last, "{revised} after {last}");
                last = revised;
            }
        }
    }

    #[test]
    fn the_words_are_in_the_order_of_pep_440() {
        let order = [
            "0.9.0",
            "0.10.0-dev.1",
            "0.10.0-nightly.20260105",
            "0.10.0-alpha.1",
            "0.10.0-alpha.1.2",
            "0.10.0-alpha.2",
            "0.10.0-beta.1",
            "0.10.0-rc.1",
            "0.10.0",
            "0.10.1",
        ];
        let order = order.map(|text| ReleaseVersion::parse(text, &[]).unwrap());
        assert!(order.is_sorted());
    }
}
