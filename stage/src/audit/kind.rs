use std::fmt;
use std::path::Path;

use serde::Serialize;

/// What an audit is of: an artifact of some kind, or a staging directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    /// A Python wheel.
    Wheel,
    /// The tarball of an npm package.
    Npm,
    /// A Rust crate: its directory or a `.crate` file.
    Crate,
    /// A runtime as upstream publishes it, with metadata of its own at the root.
    Runtime,
    /// A staging directory; its artifacts have audits of their own.
    StagingDirectory,
}

impl SubjectKind {
    /// Returns what a file is meant to be, by its name.
    pub(super) fn of_name(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        match extension.to_ascii_lowercase().as_str() {
            "whl" => Some(Self::Wheel),
            "tgz" => Some(Self::Npm),
            "crate" => Some(Self::Crate),
            "gz" | "zst" | "zip" => Some(Self::Runtime),
            _ => None,
        }
    }
}

impl fmt::Display for SubjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wheel => "wheel",
            Self::Npm => "npm package",
            Self::Crate => "crate",
            Self::Runtime => "runtime",
            Self::StagingDirectory => "staging directory",
        })
    }
}
