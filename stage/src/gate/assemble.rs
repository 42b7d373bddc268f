//! The gate: the checks that a staging directory must pass to become a release.
//!
//! A release breaks if only some of its parts are published, or parts that do not fit together. So
//! the gate reads the bytes of every file, does not rely on what a manifest says about them, and
//! reports all problems at once. It writes nothing.

mod artifacts;
mod gate;
mod manifests;

use std::io;

use super::sdks;
use crate::base::digest::Digest;
use crate::base::failure::Advice;
use crate::base::files::io_help;
use crate::package::index;
use crate::record::manifest::{Manifest, ManifestFile};
use crate::record::names::platform_of;
use crate::record::problem::{Problem, Problems, SetFault};
use crate::record::release_json::{ReleasePlatform, StagedSdk};
use crate::record::walk::walk;
use crate::record::{Artifact, ArtifactKind, ListedFile};
use crate::staging;
use crate::version::ReleaseVersion;
pub use gate::Gate;

/// A set in which nothing is missing or wrong. Only the index, which exists once for all platforms,
/// is not written yet.
pub struct WholeSet {
    /// The version of the set.
    pub version: ReleaseVersion,
    /// The manifests, in the order of their targets.
    pub manifests: Vec<Manifest>,
    /// The same, in the form of `release.json`.
    pub platforms: Vec<ReleasePlatform>,
    /// The SDKs that were staged for the runtime.
    pub sdks: Vec<StagedSdk>,
}

/// A staging directory that cannot become a release.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// It cannot be listed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Something is missing or wrong.
    #[error(transparent)]
    Problems(#[from] Problems),
}

impl Advice for GateError {
    fn help(&self) -> String {
        match self {
            Self::Io(error) => io_help(error),
            Self::Problems(problems) => problems.help(),
        }
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::Io(_) => Vec::new(),
            Self::Problems(problems) => problems.details(),
        }
    }
}

impl Gate<'_> {
    /// Checks everything in the directory. The error lists all problems.
    pub fn examine(&self, files: Vec<ManifestFile>) -> Result<WholeSet, GateError> {
        let manifests::Sorted {
            version,
            good,
            unusable,
            mut problems,
        } = self.sort(files);
        problems.extend(self.check_artifacts(&good));
        let mut staged_sdks = Vec::new();
        if let Some(version) = &version {
            staged_sdks = sdks::staged(self.root, self.product)?;
            problems.extend(sdks::check(self.root, self.product, version, &staged_sdks));
            problems.extend(staged_sdks.iter().flat_map(|sdk| self.check_sdk(sdk)));
            problems.extend(self.foreign(version, &good, &unusable, &staged_sdks)?);
        }
        Problems::none_of(problems)?;
        let Some(version) = version else {
            // Without a manifest, at least one required target is missing.
            return Err(io::Error::from(io::ErrorKind::NotFound).into());
        };
        let platforms = good.iter().map(|(manifest, text)| ReleasePlatform {
            target: manifest.target.clone(),
            manifest: ListedFile {
                path: Manifest::path(&manifest.target),
                size: text.len() as u64,
                sha256: Digest::of(text),
            },
            bundle: manifest.bundle.clone(),
            artifacts: manifest.artifacts.clone(),
            allowed: manifest.allowed.clone(),
        });
        Ok(WholeSet {
            version,
            platforms: platforms.collect(),
            manifests: good.into_iter().map(|(manifest, _)| manifest).collect(),
            sdks: staged_sdks,
        })
    }

    /// Returns the files that do not belong to the set. Skips the files of a target whose manifest
    /// is already a problem. Names an unexpected directory once, and not each file in it.
    fn foreign(
        &self,
        version: &ReleaseVersion,
        good: &[(Manifest, Vec<u8>)],
        unusable: &[String],
        sdks: &[StagedSdk],
    ) -> io::Result<Vec<Problem>> {
        let listed = good.iter().flat_map(|(manifest, _)| &manifest.artifacts);
        let listed = listed.flat_map(Artifact::all_files);
        let listed = listed.chain(sdks.iter().flat_map(StagedSdk::all_files));
        let manifests = good.iter().map(|(manifest, _)| &manifest.target);
        let manifests = manifests
            .chain(unusable)
            .map(|target| Manifest::path(target));
        let mut known = listed
            .map(|file| file.path)
            .chain(manifests)
            .collect::<Vec<_>>();
        known.sort();
        let [facade, npm_root] = index::paths(self.product, version);

        let mut problems: Vec<Problem> = Vec::new();
        for found in walk(self.root)? {
            if let Some(what) = found.odd {
                problems.push(Problem::new(found.path, SetFault::Foreign(what)));
                continue;
            }
            let path = &*found.path;
            // Unexpected files in the facade go away when it is written again.
            let index = path == npm_root || path.starts_with(&format!("{facade}/"));
            let own = staging::OWN.iter().any(|own| path.starts_with(own));
            if own || index || known.binary_search_by(|known| (**known).cmp(path)).is_ok() {
                continue;
            }
            let (top, what) = whole(path, good);
            let unusable = self
                .target_of(version, &top)
                .is_some_and(|target| unusable.iter().any(|unusable| *unusable == *target));
            if !unusable && problems.last().is_none_or(|last| last.path != top) {
                problems.push(Problem::new(top, SetFault::Foreign(what)));
            }
        }
        Ok(problems)
    }

    /// Returns the target whose artifact has this path.
    fn target_of(&self, version: &ReleaseVersion, path: &str) -> Option<&str> {
        let (directory, name) = path.split_once('/')?;
        let kind = ArtifactKind::ALL
            .into_iter()
            .find(|kind| kind.directory() == directory)?;
        let platform = platform_of(self.product, version, kind, name)?;
        Some(&platform.target)
    }
}

/// Returns the path to report for an unexpected file, and what it is: the directory of its crate,
/// if the crate is unexpected too, else the file.
fn whole(path: &str, good: &[(Manifest, Vec<u8>)]) -> (String, &'static str) {
    let mut components = path.splitn(3, '/');
    if let (Some(top), Some(name), Some(_)) =
        (components.next(), components.next(), components.next())
        && top == ArtifactKind::Crate.directory()
    {
        let directory = format!("{top}/{name}");
        let mut artifacts = good.iter().flat_map(|(manifest, _)| &manifest.artifacts);
        if artifacts.all(|artifact| artifact.path != directory) {
            return (directory, "a directory");
        }
    }
    (path.to_owned(), "a file")
}
