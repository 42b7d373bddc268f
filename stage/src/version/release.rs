use std::fmt;

use serde::{Serialize, Serializer};

use super::numbers::Numbers;
use super::phase::Stage;

/// The version of one release: numbers, what follows them for a pre-release, and the number of a
/// repaired packaging. It also has the tag of the release, as upstream spells it.
///
/// Two versions are equal if the release and the revision are the same. Releases of different tags can
/// have the same version in an ecosystem: see [`Self::clash`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReleaseVersion {
    pub(super) numbers: Numbers,
    pub(super) stage: Stage,
    pub(super) revision: Option<u16>,
    /// The version in the tag, if it is not in canonical form.
    pub(super) spelling: Option<String>,
    /// The prefix of the tag, if it is not the one that `stage` would write.
    pub(super) prefix: Option<String>,
}

impl ReleaseVersion {
    /// Returns the Python version in PEP 440's canonical form: `0.116.0a1`.
    #[must_use]
    pub fn python(&self) -> String {
        format!("{}{}", self.numbers, self.revised_python())
    }

    /// Returns the version as upstream spells it, without the prefix of the tag. A revision is not part
    /// of it.
    #[must_use]
    pub fn upstream(&self) -> String {
        let canonical = || format!("{}{}", self.numbers, self.stage.semver());
        self.spelling.clone().unwrap_or_else(canonical)
    }

    /// Returns the release tag. `first` is the product's first prefix, for a release whose tag was not
    /// given with one of its own.
    #[must_use]
    pub fn tag(&self, first: &str) -> String {
        let prefix = self.prefix.as_deref().unwrap_or(first);
        format!("{prefix}{}", self.upstream())
    }

    /// Returns the release without a revision: that of the runtime itself.
    #[must_use]
    pub fn unrevised(&self) -> Self {
        Self {
            revision: None,
            ..self.clone()
        }
    }

    /// Returns the text for messages: the version as upstream spells it, and the revision.
    #[must_use]
    pub fn shown(&self) -> String {
        let upstream = self.upstream();
        match self.revision {
            Some(revision) => format!("{upstream} (revision {revision})"),
            None => upstream,
        }
    }

    /// Returns whether the semantic version alone gives this version back. If not, the tag and the
    /// revision are recorded beside it.
    #[must_use]
    pub fn is_ordinary(&self) -> bool {
        let three = matches!(self.numbers, Numbers::Three(_));
        three && self.revision.is_none() && self.spelling.is_none() && self.prefix.is_none()
    }
}

/// The semantic version of crates and npm packages: `0.116.0-alpha.1`.
impl fmt::Display for ReleaseVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.revised_numbers();
        let (stage, revision) = (self.stage.semver(), self.semver_revision());
        write!(f, "{major}.{minor}.{patch}{stage}{revision}")
    }
}

/// The semantic version.
impl Serialize for ReleaseVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
