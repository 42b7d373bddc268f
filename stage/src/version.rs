//! One release, three spellings.
//!
//! A release of the runtime is named by a git tag (`rust-v0.116.0-alpha.1`), by a semantic version
//! in Cargo and npm (`0.116.0-alpha.1`) and by a PEP 440 version on Python's side (`0.116.0a1`).
//! [`ReleaseVersion`] is the version itself: it is read from any of the spellings and can be
//! printed in every one.
//!
//! The accepted set is narrow on purpose. A version ends up in file names, in manifests and in pins
//! that are compared as text, so there is exactly one way to write each release in each spelling:
//! `0.116.0-a1` or `0.116.0alpha1` are refused although PEP 440 would normalise them.

use std::fmt;

use semver::Version;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::failure::Advice;

/// The version of one release: three numbers, and what follows them for a pre-release.
///
/// Ordering is the order of releases; it agrees with both SemVer and PEP 440.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseVersion {
    major: u64,
    minor: u64,
    patch: u64,
    stage: Stage,
}

/// Whether a release is a pre-release, and which one. The derived order is the order of releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Stage {
    Pre {
        phase: Phase,
        number: u64,
        hotfix: Option<u64>,
    },
    Final,
}

/// The three kinds of pre-release that SemVer (as used here) and PEP 440 can both express.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Phase {
    Alpha,
    Beta,
    Candidate,
}

impl Phase {
    const ALL: [Self; 3] = [Self::Alpha, Self::Beta, Self::Candidate];

    fn semver(self) -> &'static str {
        match self {
            Self::Alpha => "alpha",
            Self::Beta => "beta",
            Self::Candidate => "rc",
        }
    }

    /// The pre-release segment of [PEP 440](https://peps.python.org/pep-0440/#pre-releases).
    fn python(self) -> &'static str {
        match self {
            Self::Alpha => "a",
            Self::Beta => "b",
            Self::Candidate => "rc",
        }
    }
}

/// A text that is not a version in any of the accepted spellings.
#[derive(Debug, thiserror::Error)]
#[error("{text:?} is not a version: {reason}")]
pub struct Error {
    text: String,
    reason: String,
    prefixes: Vec<String>,
}

impl Advice for Error {
    fn wrong_call(&self) -> bool {
        true
    }

    fn help(&self) -> String {
        let mut spellings = Vec::new();
        for prefix in self.prefixes.iter().map(String::as_str).chain([""]) {
            spellings.push(format!("{prefix}0.116.0-alpha.1"));
        }
        format!(
            "write a release tag or version ({}; also 0.116.0, -beta.N, -rc.N and the hotfix -alpha.N.M), \
             or a Python version in canonical form (0.116.0a1, 0.116.0b1, 0.116.0rc1, 0.116.0a1.post2)",
            spellings.join(", ")
        )
    }
}

impl ReleaseVersion {
    /// Reads a release tag, a bare version or a canonical Python version.
    ///
    /// `prefixes` are what a release tag may have before the version (`rust-v`, `v`), as the
    /// product lists them.
    pub fn parse(text: &str, prefixes: &[String]) -> Result<Self, Error> {
        let refuse = |reason: String| Error {
            // An argument can be of any length; an error that repeats it should not be.
            text: text.chars().take(80).collect(),
            reason,
            prefixes: prefixes.to_vec(),
        };
        if text.is_empty() {
            return Err(refuse("it is empty".to_owned()));
        }
        if let Some(foreign) = text.chars().find(|c| !c.is_ascii_graphic()) {
            return Err(refuse(format!("it contains {foreign:?}")));
        }
        let version = prefixes.iter().find_map(|p| text.strip_prefix(p.as_str()));
        match version {
            Some(version) => Self::from_semver(version).map_err(refuse),
            None => {
                Self::from_python(text).map_or_else(|| Self::from_semver(text).map_err(refuse), Ok)
            }
        }
    }

    /// Reads `MAJOR.MINOR.PATCH[-PHASE.NUMBER[.HOTFIX]]`, a subset of [SemVer 2](https://semver.org).
    fn from_semver(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("nothing follows the prefix".to_owned());
        }
        let version = Version::parse(text).map_err(|error| error.to_string())?;
        if !version.build.is_empty() {
            return Err("build metadata (`+…`) is not allowed in a release".to_owned());
        }
        let stage = if version.pre.is_empty() {
            Stage::Final
        } else {
            pre_release(&version.pre)?
        };
        Ok(Self {
            major: version.major,
            minor: version.minor,
            patch: version.patch,
            stage,
        })
    }

    /// Reads the canonical PEP 440 form of a release; `None` if the text is anything else.
    ///
    /// Final releases read the same in both spellings and are left to [`Self::from_semver`], which
    /// can say what is wrong with them.
    fn from_python(text: &str) -> Option<Self> {
        let digits_end = text.find(|c: char| c.is_ascii_alphabetic())?;
        let (release, rest) = text.split_at(digits_end);
        let phase = Phase::ALL.into_iter().find(|phase| {
            rest.strip_prefix(phase.python())
                .is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()))
        })?;
        let numbers = &rest[phase.python().len()..];
        let (number, hotfix) = match numbers.split_once(".post") {
            Some((number, hotfix)) => (number, Some(canonical_number(hotfix)?)),
            None => (numbers, None),
        };
        let mut release = release.split('.');
        let mut next = || canonical_number(release.next()?);
        let (major, minor, patch) = (next()?, next()?, next()?);
        let stage = Stage::Pre {
            phase,
            number: canonical_number(number)?,
            hotfix,
        };
        release.next().is_none().then_some(Self {
            major,
            minor,
            patch,
            stage,
        })
    }

    /// Returns the Python version in PEP 440's canonical form: `0.116.0a1`. A hotfix is a post-release
    /// of its pre-release.
    #[must_use]
    pub fn python(&self) -> String {
        let release = format!("{}.{}.{}", self.major, self.minor, self.patch);
        match self.stage {
            Stage::Final => release,
            Stage::Pre {
                phase,
                number,
                hotfix,
            } => {
                let hotfix = hotfix.map(|n| format!(".post{n}")).unwrap_or_default();
                format!("{release}{}{number}{hotfix}", phase.python())
            }
        }
    }
}

/// The semantic version: `0.116.0-alpha.1`.
impl fmt::Display for ReleaseVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if let Stage::Pre {
            phase,
            number,
            hotfix,
        } = self.stage
        {
            write!(f, "-{}.{number}", phase.semver())?;
            if let Some(hotfix) = hotfix {
                write!(f, ".{hotfix}")?;
            }
        }
        Ok(())
    }
}

impl Serialize for ReleaseVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The semantic version, without a prefix.
impl<'de> Deserialize<'de> for ReleaseVersion {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        Self::from_semver(&String::deserialize(source)?).map_err(serde::de::Error::custom)
    }
}

/// Reads `PHASE.NUMBER[.HOTFIX]`.
fn pre_release(text: &str) -> Result<Stage, String> {
    let mut parts = text.split('.');
    let word = parts.next().unwrap_or_default();
    let Some(phase) = Phase::ALL.into_iter().find(|phase| phase.semver() == word) else {
        return Err(format!("`-{word}` is not -alpha, -beta or -rc"));
    };
    let number = |part: &str| {
        canonical_number(part).ok_or_else(|| format!("{part:?} after `-{word}` is not a number"))
    };
    let first = parts
        .next()
        .ok_or_else(|| format!("`-{word}` needs a number: `-{word}.1`"))?;
    let stage = Stage::Pre {
        phase,
        number: number(first)?,
        hotfix: parts.next().map(number).transpose()?,
    };
    match parts.next() {
        None => Ok(stage),
        Some(_) => Err(format!(
            "`-{text}` has more than a number and a hotfix number"
        )),
    }
}

/// Reads a number as both specifications write it: ASCII digits, no leading zero, within a `u64`.
fn canonical_number(text: &str) -> Option<u64> {
    let canonical =
        text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    canonical.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ReleaseVersion, Error> {
        ReleaseVersion::parse(text, &["rust-v".to_owned(), "v".to_owned()])
    }

    #[test]
    fn every_spelling_means_the_same_release() {
        for (version, python) in [
            ("0.116.0", "0.116.0"),
            ("0.116.0-alpha.1", "0.116.0a1"),
            ("0.116.0-beta.20", "0.116.0b20"),
            ("1.2.3-rc.0", "1.2.3rc0"),
            ("0.154.0-alpha.1.2", "0.154.0a1.post2"),
            ("18446744073709551615.0.0", "18446744073709551615.0.0"),
        ] {
            let expected = parse(version).unwrap();
            assert_eq!(expected.to_string(), version);
            assert_eq!(expected.python(), python);
            for spelling in [
                format!("rust-v{version}"),
                format!("v{version}"),
                python.to_owned(),
            ] {
                assert_eq!(parse(&spelling).unwrap(), expected, "{spelling}");
            }
        }
    }

    #[test]
    fn releases_are_ordered() {
        let order = [
            "0.9.0",
            "0.10.0-alpha.1",
            "0.10.0-alpha.1.2",
            "0.10.0-alpha.2",
        ]
        .into_iter()
        .chain(["0.10.0-beta.1", "0.10.0-rc.1", "0.10.0"])
        .map(|text| parse(text).unwrap())
        .collect::<Vec<_>>();
        assert!(order.is_sorted());
    }

    #[test]
    fn what_is_not_a_version_is_refused_with_the_reason() {
        for (text, reason) in [
            ("", "it is empty"),
            ("rust-v", "nothing follows the prefix"),
            ("v", "nothing follows the prefix"),
            (
                "1.2",
                "unexpected end of input while parsing minor version number",
            ),
            (
                "1.2.3.4",
                "unexpected character '.' after patch version number",
            ),
            ("01.2.3", "invalid leading zero in major version number"),
            (
                "1.2.3-alpha.01",
                "invalid leading zero in pre-release identifier",
            ),
            ("1.2.3+build", "build metadata"),
            ("1.2.3-alpha", "`-alpha` needs a number"),
            ("1.2.3-alpha.x", "\"x\" after `-alpha` is not a number"),
            (
                "1.2.3-alpha.1.2.3",
                "more than a number and a hotfix number",
            ),
            ("1.2.3-preview.1", "`-preview` is not -alpha, -beta or -rc"),
            ("1.2.3-alpha.18446744073709551616", "is not a number"),
            (
                "18446744073709551616.0.0",
                "value of major version number exceeds u64::MAX",
            ),
            ("１.2.3", "it contains '１'"),
            ("1.2.3\n", "it contains '\\n'"),
            (" 1.2.3", "it contains ' '"),
            ("rust-v0.116.0a1", "unexpected character 'a'"),
            ("v0.116.0a1", "unexpected character 'a'"),
            ("0.116.0a01", "unexpected character 'a'"),
            ("0.116.0A1", "unexpected character 'A'"),
            ("0.116.0alpha1", "unexpected character 'a'"),
            ("0.116.0.post1", "unexpected character '.'"),
            ("0.116.0a1.post", "unexpected character 'a'"),
            ("0.116.0a1.dev3", "unexpected character 'a'"),
            ("0.116a1", "unexpected character 'a'"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.to_string().contains(reason), "{text:?}: {error}");
            assert!(error.help().contains("0.116.0a1.post2"));
        }
    }
}
