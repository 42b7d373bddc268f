//! Checks the manifests: one for each target, all of one version, with artifacts of every kind.

use std::collections::BTreeMap;

use super::gate::Gate;
use crate::record::ArtifactKind;
use crate::record::manifest::{Manifest, ManifestFault, ManifestFile};
use crate::record::names::expected_path;
use crate::record::problem::{Problem, SetFault};
use crate::version::ReleaseVersion;
use native_claims::WheelTags;

/// The manifests of a staging directory, sorted into good and unusable ones.
pub struct Sorted {
    /// The version that most of them have; `None` if none can be read.
    pub version: Option<ReleaseVersion>,
    /// The manifests of that version, each with its text.
    pub good: Vec<(Manifest, Vec<u8>)>,
    /// The targets of all other manifests, and the required targets without a manifest.
    pub unusable: Vec<String>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl Gate<'_> {
    /// Sorts manifests into good and unusable ones.
    pub(super) fn sort(&self, files: Vec<ManifestFile>) -> Sorted {
        let mut sorted = Sorted {
            version: release_version(&files),
            good: Vec::new(),
            unusable: Vec::new(),
            problems: Vec::new(),
        };
        for platform in self.required {
            let target = &*platform.target;
            if files.iter().all(|file| file.target != *target) {
                let fault = SetFault::NotStaged(target.to_owned());
                sorted
                    .problems
                    .push(Problem::new(Manifest::path(target), fault));
                sorted.unusable.push(target.to_owned());
            }
        }
        for ManifestFile {
            target,
            text,
            content,
        } in files
        {
            let fault = match content {
                Err(ManifestFault::Edited(_)) => SetFault::Edited,
                Err(fault) => SetFault::Manifest(fault),
                Ok(manifest) if Some(&manifest.version) == sorted.version.as_ref() => {
                    if !manifest.is_of(self.product) {
                        let path = Manifest::path(&target);
                        sorted
                            .problems
                            .push(Problem::new(path, SetFault::OtherOrigin));
                    }
                    sorted.problems.extend(self.holes(&manifest));
                    sorted.good.push((manifest, text));
                    continue;
                }
                Ok(manifest) => self.other_version(&manifest.version, sorted.version.as_ref()),
            };
            sorted
                .problems
                .push(Problem::new(Manifest::path(&target), fault));
            sorted.unusable.push(target);
        }
        sorted
    }

    /// Returns what is wrong with a manifest of another version than the set has.
    fn other_version(&self, other: &ReleaseVersion, set: Option<&ReleaseVersion>) -> SetFault {
        let clash = set.and_then(|set| Some((set, set.clash(other)?)));
        match clash {
            Some((set, clash)) if set.revision() == other.revision() => SetFault::SameVersion {
                tag: self.product.release_tag(other),
                release: self.product.release_tag(set),
                clash,
            },
            _ => SetFault::OtherVersion {
                version: other.shown(),
                release: set.map(ReleaseVersion::shown).unwrap_or_default(),
            },
        }
    }

    /// Returns the kinds of artifacts that a target should have but does not.
    fn holes(&self, manifest: &Manifest) -> Vec<Problem> {
        let Some(platform) = self.product.platform(&manifest.target) else {
            return Vec::new();
        };
        let path = |kind, tags: Option<&WheelTags>| {
            expected_path(self.product, &manifest.version, platform, kind, tags)
        };
        let mut problems = Vec::new();
        for kind in ArtifactKind::ALL {
            if !manifest.has(kind) && self.product.makes(kind.format(), platform) {
                let target = manifest.target.clone();
                let fault = SetFault::WithoutFormat { target, kind };
                problems.push(Problem::new(path(kind, platform.wheel.tags.first()), fault));
            }
        }
        problems
    }
}

/// Returns the version that most manifests have; if several are equally common, the newest.
fn release_version(files: &[ManifestFile]) -> Option<ReleaseVersion> {
    let mut versions = BTreeMap::<_, usize>::new();
    // One that was edited counts too: without it, nothing might be known of the others.
    let read = files.iter().filter_map(|file| match &file.content {
        Ok(manifest) => Some(manifest),
        Err(ManifestFault::Edited(manifest)) => Some(manifest),
        Err(_) => None,
    });
    for manifest in read {
        *versions.entry(&manifest.version).or_default() += 1;
    }
    let most = versions
        .into_iter()
        .max_by_key(|(version, count)| (*count, *version));
    most.map(|(version, _)| version.clone())
}
