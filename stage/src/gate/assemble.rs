//! The gate: what a staging directory has to be before it may be called a release.
//!
//! Releases break when parts of them are published that do not fit together, or not all of them.
//! So everything is looked at, as the bytes on the disk say it and not as a manifest does, and all
//! that is wrong is told at once. Nothing is written here.

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
use crate::record::problem::{Fault, Problem, Problems};
use crate::record::release_json::{ReleasePlatform, StagedSdk};
use crate::record::walk::walk;
use crate::record::{Artifact, ArtifactKind, ListedFile};
use crate::staging;
use crate::version::ReleaseVersion;
pub use gate::Gate;

/// A set in which nothing is missing or wrong, but for what it has once for all platforms.
pub struct WholeSet {
    /// The version of all of it.
    pub version: ReleaseVersion,
    /// The manifests, in the order of their targets.
    pub manifests: Vec<Manifest>,
    /// The same, as a release has them.
    pub platforms: Vec<ReleasePlatform>,
    /// The SDKs that were staged for the runtime.
    pub sdks: Vec<StagedSdk>,
}

/// A staging directory that is no release.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be listed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// What is missing or wrong.
    #[error(transparent)]
    Problems(#[from] Problems),
}

impl Advice for Error {
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
    /// Looks at everything in the directory.
    pub fn examine(&self, files: Vec<ManifestFile>) -> Result<WholeSet, Error> {
        let manifests::Sorted {
            version,
            good,
            unusable,
            mut problems,
        } = self.sort(files);
        problems.extend(self.check_artifacts(&good));
        let mut staged_sdks = Vec::new();
        if let Some(version) = version {
            staged_sdks = sdks::staged(self.root, self.product)?;
            problems.extend(sdks::check(self.root, self.product, &version, &staged_sdks));
            problems.extend(staged_sdks.iter().flat_map(|sdk| self.check_sdk(sdk)));
            problems.extend(self.foreign(&version, &good, &unusable, &staged_sdks)?);
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

    /// Files that belong to nothing. Those of a target whose manifest is a problem already are
    /// passed over, and of a directory that belongs to nothing only itself is named.
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
                problems.push(Problem::new(found.path, Fault::Foreign(what)));
                continue;
            }
            let path = &*found.path;
            // What the facade has too much goes away when it is written anew.
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
                problems.push(Problem::new(top, Fault::Foreign(what)));
            }
        }
        Ok(problems)
    }

    /// The target whose artifact has this path.
    fn target_of(&self, version: &ReleaseVersion, path: &str) -> Option<&str> {
        let (directory, name) = path.split_once('/')?;
        let kind = ArtifactKind::ALL
            .into_iter()
            .find(|kind| kind.directory() == directory)?;
        let platform = platform_of(self.product, version, kind, name)?;
        Some(&platform.target)
    }
}

/// The directory of the crate that a foreign file lies in, if that is foreign too.
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
