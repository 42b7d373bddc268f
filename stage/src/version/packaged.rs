//! From what packages say of their version back to the release.

use serde::{Deserialize, Deserializer};

use super::release::ReleaseVersion;
use super::revision::MOST_REVISIONS;

impl ReleaseVersion {
    /// Returns whether a text is the version of the runtime itself: as upstream spells it, or as a
    /// semantic version. A revision is not part of it.
    #[must_use]
    pub fn names(&self, text: &str) -> bool {
        text == self.upstream() || text == self.unrevised().to_string()
    }

    /// Returns whether packages of this release, or of a revision of it, have this version, in the form
    /// of SemVer or of Python.
    #[must_use]
    pub fn is_packaged_as(&self, text: &str) -> bool {
        let is_it = |version: &Self| version.to_string() == text || version.python() == text;
        let mut revised = (0..=MOST_REVISIONS).map(|revision| self.with_revision(revision));
        self.names(text)
            || is_it(&self.unrevised())
            || revised.any(|version| version.is_ok_and(|version| is_it(&version)))
    }

    /// Returns why two releases cannot both be published, if that is so: another release has the same
    /// version in an ecosystem. The same release does not clash.
    #[must_use]
    pub fn clash(&self, other: &Self) -> Option<String> {
        let python = |version: &Self| version.python().parse::<pep440_rs::Version>().ok();
        if self == other || self.to_string() == other.to_string() {
            return (self != other).then(|| format!("both are {self} for npm and Cargo"));
        }
        let [one, two] = [self.min(other), self.max(other)].map(Self::python);
        (python(self) == python(other)).then(|| {
            if one == two {
                format!("both are {one} for pip")
            } else {
                format!("{one} and {two} are equal for pip")
            }
        })
    }
}

/// Reads the semantic version of packages. What it cannot say is missing: how upstream spells the
/// version, and whether a final release is a revision.
impl<'de> Deserialize<'de> for ReleaseVersion {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let text = String::deserialize(source)?;
        let version = Self::parse(&text, &[]);
        let is_it = |version: &Self| version.to_string() == text;
        let revised = || {
            let (before, revision) = text.rsplit_once('.')?;
            let revision = revision.parse().ok()?;
            let releases = [before.strip_suffix(".0"), Some(before)]
                .into_iter()
                .flatten();
            let mut versions = releases
                .filter_map(|text| Self::parse(text, &[]).ok()?.with_revision(revision).ok());
            versions.find(is_it)
        };
        let error = match version {
            Ok(version) if is_it(&version) => return Ok(version),
            Ok(version) => format!("{text:?} is not the semantic version {version}"),
            Err(error) => error.to_string(),
        };
        revised().ok_or_else(|| serde::de::Error::custom(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> ReleaseVersion {
        ReleaseVersion::parse(text, &["v".to_owned(), "release-".to_owned()]).unwrap()
    }

    #[test]
    fn what_packages_say_is_recognised() {
        for (release, text, expected) in [
            ("2026.01.05", "2026.01.05", true),
            ("2026.01.05", "2026.1.5", true),
            ("2026.01.05", "2026.1.6", false),
            ("1.2", "1.2.0", true),
            ("1.2", "1.2", true),
            ("1.2.3", "1.2.3.post1", true),
            ("1.2.3", "1.2.1003999", true),
            ("1.2.3", "1.2.1004000", false),
            ("1.2.3", "1.2.4", false),
            ("1.2.3-rc.1", "1.2.3-rc.1.0.2", true),
            ("1.2.3-rc.1", "1.2.3rc1.post0.dev2", true),
            ("1.2.3-rc.1", "1.2.3-rc.1.1", false),
            ("1.2.3-nightly.20260105", "1.2.3.dev20260105", true),
        ] {
            assert_eq!(
                parse(release).is_packaged_as(text),
                expected,
                "{release}: {text}"
            );
        }
        assert!(
            parse("v2026.01.05")
                .with_revision(1)
                .unwrap()
                .names("2026.1.5")
        );
        assert!(!parse("1.2.3").names("1.2.1003001"));
    }

    #[test]
    fn releases_of_one_version_clash() {
        for (one, other, clash) in [
            ("1.2", "1.2.0", Some("both are 1.2.0 for npm and Cargo")),
            (
                "1.2.3.4",
                "1.2.300004",
                Some("both are 1.2.300004 for npm and Cargo"),
            ),
            (
                "1.2.3.0",
                "1.2.300000",
                Some("both are 1.2.300000 for npm and Cargo"),
            ),
            (
                "2026.01.05",
                "2026.1.5",
                Some("both are 2026.1.5 for npm and Cargo"),
            ),
            (
                "1.2.3-rc1",
                "1.2.3-rc.1",
                Some("both are 1.2.3-rc.1 for npm and Cargo"),
            ),
            (
                "1.2.3-alpha",
                "1.2.3-alpha.0",
                Some("both are 1.2.3-alpha.0 for npm and Cargo"),
            ),
            (
                "v1.2.3",
                "release-1.2.3",
                Some("both are 1.2.3 for npm and Cargo"),
            ),
            // 1.2.3 is equal to 1.2.3.0 for pip.
            (
                "1.2.3.0",
                "1.2.3",
                Some("1.2.3 and 1.2.3.0 are equal for pip"),
            ),
            (
                "1.2.3-dev.20260105",
                "1.2.3-nightly.20260105",
                Some("both are 1.2.3.dev20260105 for pip"),
            ),
            ("v1.2.3", "1.2.3", None),
            ("1.2.3", "1.2.4", None),
            ("1.2.3-rc.1", "1.2.3", None),
        ] {
            assert_eq!(
                parse(one).clash(&parse(other)).as_deref(),
                clash,
                "{one} {other}"
            );
        }
    }

    #[test]
    fn a_semantic_version_is_read_and_no_other_spelling() {
        let read = |text: &str| serde_json::from_value::<ReleaseVersion>(text.into());
        for text in [
            "1.2.3",
            "1.2.3-alpha.1.2",
            "1.2.3-nightly.20260105",
            "1.2.1003001",
            "1.2.3-rc.1.0.2",
            "1.2.3-alpha.1.2.3",
        ] {
            assert_eq!(read(text).unwrap().to_string(), text);
        }
        for text in [
            "1.2",
            "1.2.3.4",
            "2026.01.05",
            "1.2.3-rc1",
            "v1.2.3",
            "latest",
            "1.2.3a1",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
