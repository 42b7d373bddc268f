//! What is wrong with a part of a RUNTIME.

use strict_archive::LinkFault;

/// Why a link cannot be replaced by a copy of a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLink {
    /// Its target is no path in the tree.
    #[error(transparent)]
    Target(#[from] LinkFault),
    /// It leads out of the bundle.
    #[error("it is a link that leaves the tree: it points at `{0}`")]
    LeavesTree(String),
    /// There is nothing where it leads.
    #[error("it is a link to `{0}`, which does not exist")]
    Dangles(String),
    /// It leads to itself.
    #[error("it is a link that leads back to itself")]
    Loops,
    /// The system cannot follow it, for which it has its own words.
    #[error("it is a link that cannot be followed: {0}")]
    Unreadable(String),
    /// It leads to a directory.
    #[error("it is a link to the directory `{0}`; only links to files can be packaged")]
    Directory(String),
}

/// Why a package without metadata is no bundle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LegacyFault {
    /// No native files.
    #[error("it is a package without native files")]
    Empty,
    /// The entrypoint is missing or is no program.
    #[error("it is an old package without metadata, and there is no program at `{0}` in it")]
    NoProgram(String),
    /// The package does not say its version.
    #[error("it is an old package without metadata, and `{0}` does not say its version")]
    NoVersion(String),
}

impl LegacyFault {
    pub(super) fn help(&self) -> &'static str {
        match self {
            Self::Empty => {
                "give the platform package, whose version ends in the platform \
                 (0.163.0-linux-x64), and not the package that only depends on it"
            }
            Self::NoProgram(_) | Self::NoVersion(_) => "give a package as it was published",
        }
    }
}
