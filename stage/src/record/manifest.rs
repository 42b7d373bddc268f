//! The manifest of a target: the commit record of what is staged for it.
//!
//! It lists the files of the runtime and the artifacts that were made from them. An artifact that
//! no manifest names is unfinished.

use std::collections::BTreeMap;
use std::io;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::allowed::Allowed;
use super::artifact::{Artifact, ArtifactKind, ListedFile};
use super::manual;
use crate::base::digest::Digest;
use crate::bundle::Bundle;
use crate::contents::FileRecord;
use crate::contents::Mode;
use crate::product::Platform;
use crate::product::Product;
use crate::record::names::platform_of;
use crate::version::ReleaseVersion;
use strict_archive::EntryName;

/// The version of the format, for other versions of `stage`.
const SCHEMA: u32 = 1;

/// The most bytes of a manifest: a hundred thousand files, named once for each artifact.
pub const MAX_SIZE: u64 = 512 << 20;

/// The directory of the manifests, in a staging directory.
pub const DIRECTORY: &str = "manifests";

/// Stands in place of the checksum while the checksum is computed.
const UNKNOWN: Digest = Digest::from_bytes([0; 32]);

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestFault {
    /// It is not what `stage` writes.
    #[error("{0}")]
    Damaged(String),
    /// It belongs to another product.
    #[error("it belongs to the product {0:?}")]
    OtherProduct(String),
    /// It is not the text that `stage` wrote; what it says all the same.
    #[error("it was changed since `stage` wrote it")]
    Edited(Box<Manifest>),
    /// Its artifacts have names that the product had before its files were changed.
    #[error(
        "stage.toml or a file beside it was changed since its target was staged, and {0:?} would \
         have another name now"
    )]
    OtherOrigin(String),
    /// The file cannot be read.
    #[error(transparent)]
    Unreadable(io::Error),
}

/// What is staged for one target.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    schema: u32,
    product: String,
    /// The version of the runtime and of every artifact. As text, it is the semantic version.
    pub version: ReleaseVersion,
    /// The tag of the release, unless it follows from the semantic version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    release_tag: Option<String>,
    /// The number of the revision, for a repaired packaging of the release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revision: Option<u16>,
    /// The target.
    pub target: String,
    /// The digest of the product's files that the artifacts were made from, see [`Product::origin`].
    /// Older manifests have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<Digest>,
    /// The runtime.
    pub bundle: BundleRecord,
    /// The pages of the manual in it, in base64, by the names of their files. The npm root package has
    /// them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub manual: BTreeMap<String, String>,
    /// The artifacts that were made from it, in the order of kinds and paths.
    pub artifacts: Vec<Artifact>,
    /// Findings that somebody allowed, in the order of artifacts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<Allowed>,
    /// SHA-256 of the manifest's text, with zeros in place of this value.
    checksum: Digest,
}

/// A file in the directory of manifests.
#[derive(Debug)]
pub struct ManifestFile {
    /// The target in its name.
    pub target: String,
    /// What is in it; empty if it cannot be read.
    pub text: Vec<u8>,
    /// What that says, or why it cannot be used.
    pub content: Result<Manifest, ManifestFault>,
}

/// The runtime that a target was staged from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BundleRecord {
    /// SHA-256 of the list of files: a line `MODE SIZE DIGEST PATH` for each, sorted by path.
    pub sha256: Digest,
    /// The executable to run, relative to the bundle.
    pub entrypoint: String,
    /// The executables of the commands after the first one, relative to the bundle. The first one
    /// runs the entrypoint.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub commands: BTreeMap<String, String>,
    /// The directory to put in front of `PATH`, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_dir: Option<String>,
    /// The files, sorted by path.
    pub files: Vec<FileRecord>,
}

impl BundleRecord {
    /// Makes the record of a bundle.
    #[must_use]
    pub fn new(bundle: &Bundle) -> Self {
        let files = bundle.files().iter().map(|file| FileRecord {
            path: file.path.as_str().to_owned(),
            mode: Mode::new(if file.executable { 0o755 } else { 0o644 }),
            size: file.size,
            sha256: file.sha256,
        });
        let files = files.collect::<Vec<_>>();
        Self {
            sha256: Self::digest(&files),
            entrypoint: bundle.entrypoint().as_str().to_owned(),
            commands: bundle
                .more_commands()
                .map(|(name, path)| (name.to_owned(), path.as_str().to_owned()))
                .collect(),
            path_dir: bundle.path_dir().map(|path| path.as_str().to_owned()),
            files,
        }
    }

    /// Returns the digest of a list of files.
    #[must_use]
    pub fn digest(files: &[FileRecord]) -> Digest {
        let line =
            |FileRecord {
                 path,
                 mode,
                 size,
                 sha256,
             }: &FileRecord| { format!("{mode} {size} {sha256} {path}\n") };
        Digest::of(files.iter().map(line).collect::<String>().as_bytes())
    }
}

impl Manifest {
    /// Makes a manifest without artifacts.
    #[must_use]
    pub fn new(
        product: &Product,
        version: &ReleaseVersion,
        platform: &Platform,
        bundle: BundleRecord,
    ) -> Self {
        Self {
            schema: SCHEMA,
            product: product.identity.name.to_string(),
            version: version.clone(),
            release_tag: (!version.is_ordinary()).then(|| product.release_tag(version)),
            revision: version.revision(),
            target: platform.target.to_string(),
            origin: product.origin(platform),
            bundle,
            manual: BTreeMap::new(),
            artifacts: Vec::new(),
            allowed: Vec::new(),
            checksum: UNKNOWN,
        }
    }

    /// Returns the path of a target's manifest in a staging directory.
    #[must_use]
    pub fn path(target: &str) -> String {
        format!("{DIRECTORY}/{target}.json")
    }

    /// Adds artifacts. One with the path of an earlier one replaces it. New crates replace all earlier
    /// crates of the target, since their number may differ. Allowed findings of a replaced artifact are
    /// removed with it.
    pub fn add(&mut self, artifacts: Vec<Artifact>, allowed: Vec<Allowed>) {
        let replaces = |new: &Artifact, old: &Artifact| {
            new.path == old.path
                || (new.kind, old.kind) == (ArtifactKind::Crate, ArtifactKind::Crate)
        };
        self.artifacts
            .retain(|old| !artifacts.iter().any(|new| replaces(new, old)));
        let kept = |old: &Allowed| {
            self.artifacts
                .iter()
                .any(|artifact| artifact.path == old.artifact)
        };
        self.allowed.retain(kept);
        self.allowed.extend(allowed);
        self.allowed.sort();
        self.artifacts.extend(artifacts);
        self.artifacts
            .sort_by(|a, b| (a.kind, &a.path).cmp(&(b.kind, &b.path)));
    }

    /// Returns whether the target has artifacts of a kind.
    #[must_use]
    pub fn has(&self, kind: ArtifactKind) -> bool {
        self.artifacts.iter().any(|artifact| artifact.kind == kind)
    }

    /// Returns whether the artifacts were made from the product's files as they are now. True of an
    /// older manifest, which does not say.
    #[must_use]
    pub fn is_of(&self, product: &Product) -> bool {
        let now = product.platform(&self.target);
        let now = now.and_then(|platform| product.origin(platform));
        self.origin.is_none() || self.origin == now
    }

    /// Reads a manifest. Fails if it names anything that this product cannot have staged: a manifest
    /// may come from another machine, and files at its paths are moved and removed.
    pub fn parse(bytes: &[u8], product: &Product) -> Result<Self, ManifestFault> {
        let damaged = |reason: String| ManifestFault::Damaged(reason);
        let mut manifest: Self =
            serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
        if manifest.product != product.identity.name {
            return Err(ManifestFault::OtherProduct(manifest.product));
        }
        if manifest.schema != SCHEMA {
            let schema = manifest.schema;
            return Err(damaged(format!(
                "it has schema {schema}, this `stage` reads {SCHEMA}"
            )));
        }
        manifest.version = manifest.full_version(product).map_err(damaged)?;
        let target = &manifest.target;
        if product.platform(target).is_none() {
            return Err(damaged(format!(
                "its target {target:?} has no file in platforms/"
            )));
        }
        if manifest.bundle.sha256 != BundleRecord::digest(&manifest.bundle.files) {
            return Err(damaged(
                "its digest of the runtime does not match its files".to_owned(),
            ));
        }
        if let Some(name) = manual::unknown(&manifest.manual, &manifest.bundle.files) {
            return Err(damaged(format!(
                "its page {name:?} of the manual is not one of the runtime"
            )));
        }
        for artifact in &manifest.artifacts {
            let Artifact { kind, path, .. } = artifact;
            if !artifact.agrees_with_its_files() {
                return Err(damaged(format!(
                    "its digest of {path:?} does not match the files in it"
                )));
            }
            let outside = |file: &&ListedFile| EntryName::parse(file.path.as_bytes()).is_err();
            if let Some(file) = artifact.files.iter().find(outside) {
                let file = &file.path;
                return Err(damaged(format!("{file:?} is not a file of {path:?}")));
            }
            let name = path
                .strip_prefix(kind.directory())
                .and_then(|rest| rest.strip_prefix('/'));
            let platform =
                name.and_then(|name| platform_of(product, &manifest.version, *kind, name));
            if platform.is_none_or(|platform| platform.target != *target) {
                if !manifest.is_of(product) {
                    return Err(ManifestFault::OtherOrigin(path.clone()));
                }
                return Err(damaged(format!(
                    "{path:?} is not an artifact of its target"
                )));
            }
        }
        Ok(manifest)
    }

    /// Returns the version with what its semantic version does not say: the spelling of upstream, and
    /// the revision.
    fn full_version(&self, product: &Product) -> Result<ReleaseVersion, String> {
        let mut version = match &self.release_tag {
            Some(tag) => product
                .parse_version(tag)
                .map_err(|error| error.to_string())?,
            None => self.version.clone(),
        };
        if let Some(revision) = self.revision {
            let revised = version.with_revision(revision);
            version = revised.map_err(|error| error.to_string())?;
        }
        let written = (version.to_string(), !version.is_ordinary());
        if written != (self.version.to_string(), self.release_tag.is_some()) {
            let (found, shown) = (&self.version, version.shown());
            return Err(format!(
                "its version {found} is not that of the release {shown}"
            ));
        }
        Ok(version)
    }

    /// Returns the text of the manifest.
    #[must_use]
    pub fn text(&self) -> String {
        let text = |checksum| {
            let manifest = Self {
                checksum,
                ..self.clone()
            };
            // Serialising a struct of strings and numbers cannot fail.
            serde_json::to_string_pretty(&manifest).unwrap_or_default() + "\n"
        };
        text(Digest::of(text(UNKNOWN).as_bytes()))
    }
}
