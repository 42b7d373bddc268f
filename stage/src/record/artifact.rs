//! Artifacts, as manifests and `release.json` record them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::effort::Effort;
use crate::base::digest::Digest;
use crate::product::{PackageFormat, Product, SizeLimits};

/// A finished artifact, as the manifest of its target records it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// The kind of artifact.
    pub kind: ArtifactKind,
    /// The path in the staging directory, with `/`.
    pub path: String,
    /// Bytes of the file, or of all files of a crate's directory.
    pub size: u64,
    /// SHA-256 of the file. For a crate's directory: SHA-256 of its list of files, a line
    /// `DIGEST  PATH` for each, sorted by path.
    pub sha256: Digest,
    /// The files of a crate's directory, sorted by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<ListedFile>,
    /// How it was made from the runtime; absent for what a release has once for all platforms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<Recipe>,
}

/// A file, by its path and content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListedFile {
    /// Relative to the directory that lists it, with `/`.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the content.
    pub sha256: Digest,
}

/// What the bytes of an artifact depend on, beside the runtime.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The version of `stage`.
    pub stage: String,
    /// The time of every entry that records a time, in seconds since 1970: `SOURCE_DATE_EPOCH`.
    pub source_date_epoch: u64,
    /// The value of `--compression`.
    pub compression: Effort,
}

impl Artifact {
    /// Makes the record of a single file.
    #[must_use]
    pub fn file(kind: ArtifactKind, path: String, (size, sha256): (u64, Digest)) -> Self {
        Self {
            kind,
            path,
            size,
            sha256,
            files: Vec::new(),
            recipe: None,
        }
    }

    /// Makes the record of a crate's directory with these files.
    #[must_use]
    pub fn directory(path: String, files: Vec<ListedFile>) -> Self {
        Self {
            kind: ArtifactKind::Crate,
            path,
            size: files.iter().map(|file| file.size).sum(),
            sha256: Self::digest_of_list(&files),
            files,
            recipe: None,
        }
    }

    /// Returns whether the digest and the size match the list of files, for an artifact that has one.
    #[must_use]
    pub fn agrees_with_its_files(&self) -> bool {
        let sizes = self.files.iter().map(|file| file.size);
        let size = sizes.fold(0, u64::saturating_add);
        match self.kind {
            ArtifactKind::Crate => {
                (self.size, self.sha256) == (size, Self::digest_of_list(&self.files))
            }
            ArtifactKind::Wheel | ArtifactKind::Npm => self.files.is_empty(),
        }
    }

    /// Returns the digest of a list of files: of a line `DIGEST  PATH` for each.
    #[must_use]
    pub fn digest_of_list(files: &[ListedFile]) -> Digest {
        let lines = files
            .iter()
            .map(|ListedFile { path, sha256, .. }| format!("{sha256}  {path}\n"));
        Digest::of(lines.collect::<String>().as_bytes())
    }

    /// Returns every file of the artifact, with its path in the staging directory.
    #[must_use]
    pub fn all_files(&self) -> Vec<ListedFile> {
        let Self {
            path,
            size,
            sha256,
            files,
            ..
        } = self;
        if self.kind == ArtifactKind::Crate {
            let inside = |file: &ListedFile| ListedFile {
                path: format!("{path}/{}", file.path),
                ..file.clone()
            };
            files.iter().map(inside).collect()
        } else {
            let (path, size, sha256) = (path.clone(), *size, *sha256);
            vec![ListedFile { path, size, sha256 }]
        }
    }
}

/// A kind of artifact.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Kind")]
pub enum ArtifactKind {
    /// A Python wheel.
    Wheel,
    /// The directory of a Rust crate.
    Crate,
    /// The tarball of an npm package.
    Npm,
}

impl ArtifactKind {
    /// Returns the name that it has in stage.toml.
    #[must_use]
    pub fn format(self) -> PackageFormat {
        match self {
            Self::Wheel => PackageFormat::Wheel,
            Self::Crate => PackageFormat::Crate,
            Self::Npm => PackageFormat::Npm,
        }
    }

    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Wheel, Self::Crate, Self::Npm];

    /// Returns the noun for an artifact of this kind, for messages.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Wheel => "wheel",
            Self::Crate => "crate",
            Self::Npm => "npm package",
        }
    }

    /// Returns the directory of artifacts of this kind, in a staging directory.
    #[must_use]
    pub fn directory(self) -> &'static str {
        match self {
            Self::Wheel => "wheels",
            Self::Crate => "crates",
            Self::Npm => "npm",
        }
    }

    /// Returns how large the registry lets artifacts of this kind be.
    pub fn limits(self, product: &Product) -> SizeLimits {
        match self {
            Self::Wheel => product.wheel.limits,
            Self::Crate => product.krate.limits,
            Self::Npm => product.npm.limits,
        }
    }
}
