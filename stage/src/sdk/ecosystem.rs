use std::path::Path;

use crate::record::names::crates;

/// The package manager of an SDK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ecosystem {
    /// A Rust crate.
    Cargo,
    /// A Python project.
    Python,
}

impl Ecosystem {
    /// Returns the directory for SDKs of this kind inside a staging directory.
    #[must_use]
    pub fn directory(self) -> &'static str {
        match self {
            Self::Cargo => "crates",
            Self::Python => "python",
        }
    }

    /// Returns the name of the file that describes a package.
    #[must_use]
    pub fn manifest(self) -> &'static str {
        match self {
            Self::Cargo => "Cargo.toml",
            Self::Python => "pyproject.toml",
        }
    }

    /// Returns whether `stage` wrote the package in a directory.
    #[must_use]
    pub fn is_staged(self, directory: &Path) -> bool {
        let manifest = fs_err::read_to_string(directory.join(self.manifest()));
        manifest.is_ok_and(|text| crates::is_generated(&text))
    }
}
