//! Artifacts, as manifests and `release.json` name them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::effort::Effort;
use crate::base::digest::Digest;
use crate::product::{Product, SizeLimits};

/// A finished artifact, as the manifest of its target names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// What it is.
    pub kind: ArtifactKind,
    /// Where it lies in the staging directory, with `/`.
    pub path: String,
    /// Bytes of the file, or of all files of a crate's directory.
    pub size: u64,
    /// SHA-256 of the file. For a crate's directory: of its list of files, a line `DIGEST  PATH`
    /// for each, sorted by path.
    pub sha256: Digest,
    /// The files of a crate's directory, sorted by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<ListedFile>,
    /// How it was made from the runtime; nothing for what a release has once for all platforms.
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

/// What decides, beside the runtime, the bytes of an artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The version of `stage`.
    pub stage: String,
    /// The time of every entry that has one, in seconds since 1970: `SOURCE_DATE_EPOCH`.
    pub source_date_epoch: u64,
    /// `--compression`.
    pub compression: Effort,
}

impl Artifact {
    /// A single file.
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

    /// The directory of a crate, with these files.
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

    /// Whether the digest and the size are those of the list of files, where there has to be one.
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

    /// The digest of a list of files: of a line `DIGEST  PATH` for each.
    #[must_use]
    pub fn digest_of_list(files: &[ListedFile]) -> Digest {
        let lines = files
            .iter()
            .map(|ListedFile { path, sha256, .. }| format!("{sha256}  {path}\n"));
        Digest::of(lines.collect::<String>().as_bytes())
    }

    /// Every file of the artifact, by its path in the staging directory.
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
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Wheel, Self::Crate, Self::Npm];

    /// What people call an artifact of this kind.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Wheel => "wheel",
            Self::Crate => "crate",
            Self::Npm => "npm package",
        }
    }

    /// The directory of a staging directory that holds artifacts of this kind.
    #[must_use]
    pub fn directory(self) -> &'static str {
        match self {
            Self::Wheel => "wheels",
            Self::Crate => "crates",
            Self::Npm => "npm",
        }
    }

    /// How large the registry takes artifacts of this kind to be.
    pub fn limits(self, product: &Product) -> SizeLimits {
        match self {
            Self::Wheel => product.wheel.limits,
            Self::Crate => product.krate.limits,
            Self::Npm => product.npm.limits,
        }
    }
}
