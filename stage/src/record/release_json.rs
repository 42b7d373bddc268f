//! `release.json`: the contents of a complete set, for programs that publish, audit or rebuild it.
//!
//! It depends on the set alone. docs/release.schema.json describes its format and is generated from
//! the types here.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::allowed::Allowed;
use super::artifact::{Artifact, ListedFile};
use super::files;
use super::manifest::BundleRecord;
use crate::base::digest::Digest;
use crate::product::Product;
use crate::record::timestamp::Timestamp;
use crate::version::ReleaseVersion;
use strict_archive::EntryName;

/// The most bytes of a `release.json`: a hundred thousand files for each of some ten platforms.
pub const MAX_SIZE: u64 = 512 << 20;

/// The version of the format.
const SCHEMA: u32 = 1;

/// A complete set: every file of it, and no other.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The version of this format.
    pub schema: u32,
    /// The short name of the product.
    pub product: String,
    /// The version, as each ecosystem spells it.
    pub version: Spellings,
    /// The version of `stage` that assembled the set.
    pub stage: String,
    /// The time of every entry of the npm root package, in seconds since 1970.
    pub source_date_epoch: u64,
    /// The targets, in the order of their names.
    pub platforms: Vec<ReleasePlatform>,
    /// The artifacts that the set has once for all targets, in the order of paths.
    pub shared: Vec<Artifact>,
    /// SDKs that are pinned to this version, in the order of paths.
    pub sdks: Vec<StagedSdk>,
}

/// An SDK: a directory of source.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StagedSdk {
    /// The path in the set.
    pub path: String,
    /// Bytes of all its files.
    pub size: u64,
    /// SHA-256 of its list of files: a line `DIGEST  PATH` for each, sorted by path.
    pub sha256: Digest,
    /// Its files, sorted by path.
    pub files: Vec<ListedFile>,
}

impl StagedSdk {
    /// Makes the record of an SDK with these files.
    #[must_use]
    pub fn new(path: String, files: Vec<ListedFile>) -> Self {
        let sizes = files.iter().map(|file| file.size);
        Self {
            path,
            size: sizes.fold(0, u64::saturating_add),
            sha256: Artifact::digest_of_list(&files),
            files,
        }
    }

    /// Returns its files, with their paths in the set.
    pub fn all_files(&self) -> impl Iterator<Item = ListedFile> {
        self.files.iter().map(|file| ListedFile {
            path: format!("{}/{}", self.path, file.path),
            ..file.clone()
        })
    }
}

/// A version, as each ecosystem spells it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spellings {
    /// The tag of the release.
    pub tag: String,
    /// The semantic version, of crates and npm packages.
    #[schemars(with = "String")]
    pub semver: ReleaseVersion,
    /// The Python version (PEP 440), of wheels.
    pub python: String,
    /// The number of the revision, for a repaired packaging of the release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u16>,
}

/// The part of the set for one target.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleasePlatform {
    /// The Rust target triple.
    pub target: String,
    /// The manifest of the target.
    pub manifest: ListedFile,
    /// The runtime.
    pub bundle: BundleRecord,
    /// The artifacts that were made from it, in the order of kinds and paths.
    pub artifacts: Vec<Artifact>,
    /// Findings of `stage verify` that somebody allowed.
    pub allowed: Vec<Allowed>,
}

/// Why a text is not a usable `release.json`.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ReleaseFault(String);

impl Release {
    /// Makes the release of these platforms.
    #[must_use]
    pub fn new(
        product: &Product,
        version: &ReleaseVersion,
        timestamp: Timestamp,
        platforms: Vec<ReleasePlatform>,
        mut shared: Vec<Artifact>,
        sdks: Vec<StagedSdk>,
    ) -> Self {
        shared.sort_by(|a, b| a.path.cmp(&b.path));
        Self {
            schema: SCHEMA,
            product: product.identity.name.to_string(),
            version: Spellings {
                tag: product.release_tag(version),
                semver: version.clone(),
                python: version.python(),
                revision: version.revision(),
            },
            stage: env!("CARGO_PKG_VERSION").to_owned(),
            source_date_epoch: timestamp.seconds(),
            platforms,
            shared,
            sdks,
        }
    }

    /// Reads a release. It may come from anywhere, so every path must stay in the set's directory, and
    /// none may occur twice.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReleaseFault> {
        /// Formats of every version have this.
        #[derive(Deserialize)]
        struct AnySchema {
            schema: u32,
        }

        let fault = |error: serde_json::Error| ReleaseFault(error.to_string());
        let AnySchema { schema } = serde_json::from_slice(bytes).map_err(fault)?;
        if schema != SCHEMA {
            return Err(ReleaseFault(format!(
                "it has schema {schema}, this `stage` reads {SCHEMA}"
            )));
        }
        let release: Self = serde_json::from_slice(bytes).map_err(fault)?;
        for platform in &release.platforms {
            if platform.bundle.sha256 != BundleRecord::digest(&platform.bundle.files) {
                let target = &platform.target;
                return Err(ReleaseFault(format!(
                    "its digest of the runtime for {target:?} does not match its files"
                )));
            }
        }
        for artifact in release.artifacts() {
            if !artifact.agrees_with_its_files() {
                let path = &artifact.path;
                return Err(ReleaseFault(format!(
                    "its digest of {path:?} does not match the files in it"
                )));
            }
        }
        for sdk in &release.sdks {
            let whole = StagedSdk::new(sdk.path.clone(), sdk.files.clone());
            if (sdk.size, sdk.sha256) != (whole.size, whole.sha256) {
                let path = &sdk.path;
                return Err(ReleaseFault(format!(
                    "its digest of {path:?} does not match the files in it"
                )));
            }
        }
        let mut seen = BTreeSet::from([files::RELEASE.to_owned(), files::SUMS.to_owned()]);
        for ListedFile { path, .. } in release.files() {
            if EntryName::parse(path.as_bytes()).is_err() {
                return Err(ReleaseFault(format!("{path:?} is not the name of a file")));
            }
            if !seen.insert(path.clone()) {
                return Err(ReleaseFault(format!("it names {path:?} twice")));
            }
        }
        Ok(release)
    }

    /// Returns every artifact.
    fn artifacts(&self) -> impl Iterator<Item = &Artifact> {
        let platforms = self.platforms.iter();
        platforms
            .flat_map(|platform| &platform.artifacts)
            .chain(&self.shared)
    }

    /// Returns every file of the set but the two that complete it, in the order of paths.
    #[must_use]
    pub fn files(&self) -> Vec<ListedFile> {
        let manifests = self
            .platforms
            .iter()
            .map(|platform| platform.manifest.clone());
        let artifacts = self.artifacts().flat_map(Artifact::all_files);
        let sdks = self.sdks.iter().flat_map(StagedSdk::all_files);
        let mut files = manifests.chain(artifacts).chain(sdks).collect::<Vec<_>>();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }

    /// Returns the text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        // Serialising a struct of strings and numbers cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::path::Path;

    use super::*;

    /// With `STAGE_UPDATE=1`, the file is written instead.
    #[test]
    fn the_schema_in_docs_is_that_of_the_types() {
        let schema = schemars::schema_for!(Release);
        let schema = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/release.schema.json");
        if env::var_os("STAGE_UPDATE").is_some() {
            fs_err::write(&file, &schema).unwrap();
        }
        let there = fs_err::read_to_string(file).unwrap();
        assert!(there == schema, "run this test with STAGE_UPDATE=1");
    }

    fn release(change: impl FnOnce(&mut serde_json::Value)) -> Result<Release, ReleaseFault> {
        let list = format!("{}  src/lib.rs\n", Digest::of(b"x"));
        let mut value = serde_json::json!({
            "schema": 1,
            "product": "codex",
            "version": {"tag": "v1.2.3", "semver": "1.2.3", "python": "1.2.3"},
            "stage": "0.1.0",
            "source_date_epoch": 0,
            "platforms": [{
                "target": "t",
                "manifest": {"path": "manifests/t.json", "size": 1, "sha256": Digest::of(b"m")},
                "bundle": {"sha256": Digest::of(b""), "entrypoint": "bin/codex", "files": []},
                "artifacts": [{
                    "kind": "npm", "path": "npm/a.tgz", "size": 1, "sha256": Digest::of(b"a"),
                }],
                "allowed": [],
            }],
            "shared": [{
                "kind": "crate", "path": "crates/a", "size": 1,
                "sha256": Digest::of(list.as_bytes()),
                "files": [{"path": "src/lib.rs", "size": 1, "sha256": Digest::of(b"x")}],
            }],
            "sdks": [{
                "path": "python/a", "size": 1, "sha256": Digest::of(list.as_bytes()),
                "files": [{"path": "src/lib.rs", "size": 1, "sha256": Digest::of(b"x")}],
            }],
        });
        change(&mut value);
        Release::parse(value.to_string().as_bytes())
    }

    #[test]
    fn a_release_has_the_files_that_it_names() {
        let files = release(|_| {}).unwrap().files();
        let paths = files.iter().map(|file| &*file.path).collect::<Vec<_>>();
        assert_eq!(
            paths,
            [
                "crates/a/src/lib.rs",
                "manifests/t.json",
                "npm/a.tgz",
                "python/a/src/lib.rs"
            ]
        );
    }

    #[test]
    fn what_leads_elsewhere_or_contradicts_itself_is_refused() {
        for path in [
            "/etc/passwd",
            "../a",
            "a/../../b",
            "a\\b",
            "a\nb",
            "",
            "C:/a",
        ] {
            let of_file = release(|value| value["platforms"][0]["manifest"]["path"] = path.into());
            let of_crate = release(|value| value["shared"][0]["path"] = path.into());
            for error in [of_file.unwrap_err(), of_crate.unwrap_err()] {
                assert!(
                    error.to_string().contains("not the name of a file"),
                    "{path:?}: {error}"
                );
            }
        }
        for path in ["npm/a.tgz", "release.json", "SHA256SUMS"] {
            let error = release(|value| value["platforms"][0]["manifest"]["path"] = path.into());
            assert!(error.unwrap_err().to_string().contains("twice"), "{path:?}");
        }
        for (change, expected) in [
            (
                ("/schema", 2.into()),
                "it has schema 2, this `stage` reads 1",
            ),
            (
                ("/shared/0/size", 2.into()),
                "does not match the files in it",
            ),
            (
                ("/shared/0/files/0/size", u64::MAX.into()),
                "does not match the files in it",
            ),
            (
                (
                    "/platforms/0/bundle/sha256",
                    Digest::of(b"y").to_string().into(),
                ),
                "its digest of the runtime for \"t\"",
            ),
            (("/version/semver", "latest".into()), "is not a version"),
            (("/stage", 1.into()), "invalid type"),
        ] {
            let (place, new) = change;
            let error = release(|value| *value.pointer_mut(place).unwrap() = new).unwrap_err();
            assert!(error.to_string().contains(expected), "{place}: {error}");
        }
        let deep = "[".repeat(100_000);
        assert!(Release::parse(deep.as_bytes()).is_err());
    }
}
