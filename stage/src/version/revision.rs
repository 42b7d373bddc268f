//! Revisions: repaired packages of a release that is published already.
//!
//! PyPI, npm and crates.io never take a version twice, so a repair needs a version of its own. It must
//! be newer than what it repairs, and than everything published before, and never be the version of
//! another release.
//!
//! PEP 440 has post-releases for this. SemVer has nothing: between 1.2.3 and 1.2.4 are only
//! pre-releases, which `^1.2.3` never selects, and build metadata makes no version of its own. So a
//! revision of a final release gets a patch number that no release has: a 1, three digits of the patch,
//! three digits of the revision. 1.2.3, revision 1, is 1.2.1003001. It is above every patch of the
//! series below a million, whether published before or after. Because it is above the later ones too,
//! those need a revision as well, which may be 0: the first packaging, for which only the semantic
//! version differs.
//!
//! A pre-release has no need for that. SemVer has a place between `-rc.1` and the hotfix `-rc.1.1`, and
//! PEP 440 has one between `rc1` and `rc1.post1`.

use super::numbers::Numbers;
use super::phase::Stage;
use super::release::ReleaseVersion;
use crate::base::failure::Advice;

/// The largest number of a revision.
pub const MOST_REVISIONS: u16 = 999;

/// Patch numbers have three digits in a revision of three numbers.
const SHORT: u64 = 1_000;

/// Patch numbers have twelve digits in other revisions. So npm reads the result: it is less than 2^53.
const LONG: u64 = 1_000_000_000_000;

/// Why a release cannot have a revision.
#[derive(Debug, thiserror::Error)]
#[error("{version} cannot have revision {revision}: {reason}")]
pub struct RevisionError {
    version: String,
    revision: u16,
    reason: &'static str,
}

impl Advice for RevisionError {
    fn help(&self) -> String {
        "leave --revision out, or package the next release of upstream; docs/versions.md says which \
         versions can have a revision"
            .to_owned()
    }

    fn wrong_call(&self) -> bool {
        true
    }
}

impl ReleaseVersion {
    /// Makes it a revision of the release. Fails if an ecosystem has no version for it.
    pub fn with_revision(&self, revision: u16) -> Result<Self, RevisionError> {
        let reason = match self.stage {
            _ if revision > MOST_REVISIONS => Some("the largest one is 999"),
            Stage::Final => {
                let [.., patch] = self.numbers.semver();
                (patch >= LONG).then_some("its patch number has more than 12 digits")
            }
            Stage::Dev { .. } => Some("PEP 440 has no version between two dev releases"),
            Stage::Pre { .. } if revision == 0 => Some("the first one of a pre-release is 1"),
            Stage::Pre {
                hotfix: Some(0), ..
            } => Some("revisions of the pre-release itself have the versions after the hotfix 0"),
            Stage::Pre {
                hotfix: Some(u64::MAX),
                ..
            } => Some("its hotfix number is the largest one"),
            Stage::Pre { .. } => None,
        };
        match reason {
            None => Ok(Self {
                revision: Some(revision),
                ..self.clone()
            }),
            Some(reason) => Err(RevisionError {
                version: self.upstream(),
                revision,
                reason,
            }),
        }
    }

    /// Returns the number of the revision.
    #[must_use]
    pub fn revision(&self) -> Option<u16> {
        self.revision
    }

    /// Returns the series of the release, if its later patches need a revision too: its first two
    /// numbers, and those of the next series. Else one would be older than this revision.
    #[must_use]
    pub fn bound_series(&self) -> Option<(String, String)> {
        let [major, minor, _] = self.numbers.semver();
        let bound = self.revision.is_some() && self.stage == Stage::Final;
        bound.then(|| {
            let next = minor.saturating_add(1);
            (format!("{major}.{minor}"), format!("{major}.{next}"))
        })
    }

    /// Returns the three numbers of the semantic version.
    pub(super) fn revised_numbers(&self) -> [u64; 3] {
        let [major, minor, patch] = self.numbers.semver();
        let patch = match (self.stage, self.revision) {
            (Stage::Final, Some(revision)) => {
                let four = matches!(self.numbers, Numbers::Four(_));
                let width = if four || patch >= SHORT { LONG } else { SHORT };
                (width + patch) * 1_000 + u64::from(revision)
            }
            _ => patch,
        };
        [major, minor, patch]
    }

    /// Returns what the semantic version of a revised pre-release has at its end.
    pub(super) fn semver_revision(&self) -> String {
        match (self.stage, self.revision) {
            (Stage::Pre { hotfix: None, .. }, Some(revision)) => format!(".0.{revision}"),
            (Stage::Pre { .. }, Some(revision)) => format!(".{revision}"),
            _ => String::new(),
        }
    }

    /// Returns what the Python version has after its numbers.
    pub(super) fn revised_python(&self) -> String {
        match (self.stage, self.revision) {
            (Stage::Final, Some(revision @ 1..)) => format!(".post{revision}"),
            (
                Stage::Pre {
                    phase,
                    number,
                    hotfix,
                },
                Some(revision),
            ) => {
                // The post-releases of a pre-release are its hotfixes. There is room before the next one.
                let hotfix = Some(hotfix.map_or(0, |hotfix| hotfix.saturating_add(1)));
                let next = Stage::Pre {
                    phase,
                    number,
                    hotfix,
                };
                format!("{}.dev{revision}", next.python())
            }
            (stage, _) => stage.python(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revised(text: &str, revision: u16) -> Result<ReleaseVersion, RevisionError> {
        let version = ReleaseVersion::parse(text, &["v".to_owned()]).unwrap();
        version.with_revision(revision)
    }

    #[test]
    fn a_revision_has_a_version_of_its_own() {
        for (upstream, revision, semver, python) in [
            ("1.2.3", 1, "1.2.1003001", "1.2.3.post1"),
            ("1.2.3", 999, "1.2.1003999", "1.2.3.post999"),
            ("1.2.0", 1, "1.2.1000001", "1.2.0.post1"),
            ("1.2.999", 1, "1.2.1999001", "1.2.999.post1"),
            ("1.2.1000", 1, "1.2.1000000001000001", "1.2.1000.post1"),
            ("1.2.4", 0, "1.2.1004000", "1.2.4"),
            ("1.2", 1, "1.2.1000001", "1.2.post1"),
            ("v2026.01.05", 2, "2026.1.1005002", "2026.1.5.post2"),
            ("1.2.3.4", 1, "1.2.1000000300004001", "1.2.3.4.post1"),
            ("1.2.0.4", 1, "1.2.1000000000004001", "1.2.0.4.post1"),
            ("1.2.3-rc.1", 1, "1.2.3-rc.1.0.1", "1.2.3rc1.post0.dev1"),
            ("1.2.3-rc1", 2, "1.2.3-rc.1.0.2", "1.2.3rc1.post0.dev2"),
            (
                "1.2.3-alpha.1.2",
                3,
                "1.2.3-alpha.1.2.3",
                "1.2.3a1.post3.dev3",
            ),
        ] {
            let version = revised(upstream, revision).unwrap();
            assert_eq!(version.to_string(), semver, "{upstream}");
            assert_eq!(version.python(), python, "{upstream}");
            assert_eq!(version.unrevised().revision(), None);
            assert_eq!(
                version.shown(),
                format!("{} (revision {revision})", version.upstream())
            );
        }
    }

    #[test]
    fn where_no_version_is_free_there_is_no_revision() {
        for (upstream, revision, reason) in [
            ("1.2.3-dev.4", 1, "no version between two dev releases"),
            (
                "1.2.3-nightly.20260105",
                1,
                "no version between two dev releases",
            ),
            ("1.2.3-rc.1", 0, "the first one of a pre-release is 1"),
            ("1.2.3-rc.1.0", 1, "after the hotfix 0"),
            ("1.2.3-rc.1.18446744073709551615", 1, "is the largest one"),
            ("1.2.3", 1000, "the largest one is 999"),
            ("1.2.1000000000000", 1, "more than 12 digits"),
        ] {
            let error = revised(upstream, revision).unwrap_err();
            assert!(error.to_string().contains(reason), "{upstream}: {error}");
            assert!(error.to_string().contains(upstream), "{error}");
        }
    }

    #[test]
    fn later_patches_of_the_series_need_one_too() {
        let bound = |text, revision| revised(text, revision).unwrap().bound_series();
        let series = Some(("1.2".to_owned(), "1.3".to_owned()));
        assert_eq!(bound("1.2.3", 1), series);
        assert_eq!(bound("1.2.3", 0), series);
        assert_eq!(bound("1.2.3-rc.1", 1), None);
    }
}
