//! The staging directory, and the only code that writes into it.
//!
//! A command opens the directory ([`Staging::open`]), works in a private directory inside it, and
//! at the end moves what it made into place ([`Staging::commit`]). All bytes are written before
//! the first move, and each move can be undone. So a failure at any point, such as a full disk,
//! leaves the directory as it was. After a kill nothing is undone. For that case the order of the
//! moves matters: the index (the facade crate and the npm root) and the manifest of the target are
//! removed first and placed last. So the artifacts of an unfinished command have no manifest, and
//! the next command removes them.

mod error;
pub mod interrupt;
mod layout;
mod lock;
mod moves;
mod private;
mod release;
mod sdk;

use std::io;
use std::path::{Path, PathBuf};

use crate::base::failpoint;
use crate::base::files::below;
use crate::base::files::create_dirs;
use crate::base::files::names_in;
use crate::package::index;
use crate::product::Product;
use crate::record::files;
use crate::record::manifest;
use crate::record::manifest::{Manifest, ManifestFault, ManifestFile};
use crate::record::manifests;
use crate::record::names::crates;
use crate::record::names::platform_of;
use crate::record::timestamp::Timestamp;
use crate::record::{Artifact, ArtifactKind};
use crate::version::ReleaseVersion;

pub use error::StagingError;
pub use layout::OWN;
use layout::PRIVATE;
use moves::Moves;
pub use private::Private;

/// A staging directory whose lock this process holds.
pub struct Staging {
    root: PathBuf,
    private: Private,
}

impl Staging {
    /// Locks a directory for this process, and creates it if it does not exist.
    ///
    /// The directory must not lie inside `runtime`, since it would become a part of it, and
    /// `runtime` must not lie among the artifacts. `None`: the runtime will be downloaded into
    /// [`Self::scratch`].
    pub fn open(path: &Path, runtime: Option<&Path>) -> Result<Self, StagingError> {
        if let Some(runtime) = runtime {
            if lies_inside(path, runtime) {
                return Err(StagingError::InsideRuntime(
                    path.to_path_buf(),
                    runtime.to_path_buf(),
                ));
            }
            let directories = ArtifactKind::ALL.map(ArtifactKind::directory);
            for name in directories.iter().chain(&[manifest::DIRECTORY, PRIVATE]) {
                if lies_inside(runtime, &path.join(name)) {
                    return Err(StagingError::RuntimeInside(runtime.to_path_buf()));
                }
            }
        }
        Self::lock(path)
    }

    /// Takes the lock of a directory, and creates the directory if it does not exist.
    fn lock(path: &Path) -> Result<Self, StagingError> {
        let staging = Self {
            root: path.to_path_buf(),
            private: Private::open(path)?,
        };
        failpoint::step("directory opened");
        Ok(staging)
    }

    /// Returns a directory on the same disk as the staging directory, for this command only.
    #[must_use]
    pub fn scratch(&self) -> PathBuf {
        self.private.scratch()
    }

    /// Reads the manifests, in the order of their targets. Ignores the manifest of the target
    /// `replaced` if it is damaged.
    fn manifests(
        &self,
        product: &Product,
        replaced: Option<&str>,
    ) -> Result<Vec<Manifest>, StagingError> {
        let mut manifests = Vec::new();
        for ManifestFile {
            target, content, ..
        } in manifests::read_all(&self.root, product)?
        {
            match content {
                Ok(manifest) => manifests.push(manifest),
                Err(
                    ManifestFault::Damaged(_)
                    | ManifestFault::Edited(_)
                    | ManifestFault::OtherOrigin(_),
                ) if replaced == Some(&*target) => {}
                Err(ManifestFault::Unreadable(error)) => return Err(error.into()),
                Err(source) => {
                    let path = below(&self.root, &Manifest::path(&target));
                    return Err(StagingError::Manifest { path, source });
                }
            }
        }
        Ok(manifests)
    }

    /// Returns the manifest to continue: that of this runtime if it is already staged, else `new`.
    /// Artifacts that are missing or have another size are taken out of it and returned beside it.
    ///
    /// With `replace`, the manifest of another runtime for the same target is ignored.
    pub fn manifest_for(
        &self,
        product: &Product,
        new: Manifest,
        replace: bool,
    ) -> Result<(Manifest, Vec<Artifact>), StagingError> {
        let replaced = replace.then_some(new.target.as_str());
        let mut continued = None;
        for staged in self.manifests(product, replaced)? {
            let same_target = staged.target == new.target;
            if same_target && !replace && staged.version == new.version && !staged.is_of(product) {
                return Err(StagingError::OtherOrigin { target: new.target });
            } else if same_target && staged.version == new.version && staged.bundle == new.bundle {
                continued = Some(staged).filter(|staged| staged.is_of(product));
            } else if staged.version != new.version && !(same_target && replace) {
                return Err(self.other_version(product, &staged, &new.version));
            } else if same_target && !replace {
                return Err(StagingError::OtherBundle {
                    target: new.target,
                    staged: staged.bundle.sha256.to_string(),
                    bundle: new.bundle.sha256.to_string(),
                });
            }
        }
        tracing::debug!(
            target_triple = new.target,
            continued = continued.is_some(),
            replace,
            "manifest"
        );
        let mut manifest = continued.unwrap_or(new);
        let intact =
            |artifact: &Artifact| size_of(&self.root.join(&artifact.path)) == artifact.size;
        // The crates of a target are useful only together.
        let crates = manifest
            .artifacts
            .iter()
            .filter(|artifact| artifact.kind == ArtifactKind::Crate);
        let crates_intact = crates.into_iter().all(intact);
        let lost = manifest
            .artifacts
            .extract_if(.., |artifact| match artifact.kind {
                ArtifactKind::Crate => !crates_intact,
                ArtifactKind::Wheel | ArtifactKind::Npm => !intact(artifact),
            });
        let lost = lost.collect();
        Ok((manifest, lost))
    }

    /// Returns why a version cannot join what is staged.
    fn other_version(
        &self,
        product: &Product,
        staged: &Manifest,
        version: &ReleaseVersion,
    ) -> StagingError {
        let (root, target) = (self.root.clone(), staged.target.clone());
        match staged.version.clash(version) {
            Some(clash) if staged.version.revision() == version.revision() => {
                StagingError::SameVersion {
                    root,
                    staged: product.release_tag(&staged.version),
                    target,
                    tag: product.release_tag(version),
                    clash,
                }
            }
            _ => StagingError::OtherVersion {
                root,
                staged: staged.version.shown(),
                target,
                version: version.shown(),
            },
        }
    }

    /// Creates the directory for new artifacts, in which they have the same paths as in the staging
    /// directory, and returns it.
    pub fn out(&self) -> io::Result<PathBuf> {
        let out = self.scratch().join("out");
        for kind in ArtifactKind::ALL {
            create_dirs(&out.join(kind.directory()))?;
        }
        Ok(out)
    }

    /// Moves the artifacts of a manifest from [`Self::out`] into place. Also writes the index
    /// again, and returns it.
    pub fn commit(
        mut self,
        product: &Product,
        version: &ReleaseVersion,
        timestamp: Timestamp,
        new: &Manifest,
    ) -> Result<Vec<Artifact>, StagingError> {
        let out = self.out()?;
        let mut manifests = self.manifests(product, Some(&new.target))?;
        let before = manifests.extract_if(.., |manifest| manifest.target == new.target);
        let before = before
            .flat_map(|manifest| manifest.artifacts)
            .collect::<Vec<_>>();
        manifests.push(new.clone());
        let index = index::write(product, version, timestamp, &manifests, &out)?;

        fs_err::create_dir(out.join(manifest::DIRECTORY))?;
        let manifest_path = Manifest::path(&new.target);
        fs_err::write(out.join(&manifest_path), new.text())?;
        let names = ArtifactKind::ALL
            .map(ArtifactKind::directory)
            .into_iter()
            .chain([manifest::DIRECTORY]);
        for name in names {
            if !names_in(&out.join(name))?.is_empty() {
                self.private.create(&self.root.join(name))?;
            }
        }
        manifests.sort_by(|a, b| a.target.cmp(&b.target));
        let unfinished = self.unfinished(product, version, &manifests)?;
        for artifact in new.artifacts.iter().chain(&index) {
            let place = below(&self.root, &artifact.path);
            if artifact.kind == ArtifactKind::Crate && place.exists() && !crates::is_staged(&place)
            {
                return Err(StagingError::InTheWay(place));
            }
        }
        failpoint::step("everything written");

        let uninterrupted = interrupt::hold();
        let mut moves = Moves::new(&self.root, &out, self.scratch().join("old"))?;
        // After this change the set is not a release until it is assembled again.
        for path in files::ALL.into_iter().rev() {
            moves.remove(path)?;
        }
        for path in index::paths(product, version) {
            let place = below(&self.root, &path);
            if place.is_file() || crates::is_staged(&place) {
                moves.remove(&path)?;
            }
        }
        moves.remove(&manifest_path)?;
        let gone = before
            .iter()
            .filter(|artifact| !new.artifacts.contains(artifact));
        for path in gone.map(|artifact| &artifact.path).chain(&unfinished) {
            moves.remove(path)?;
        }
        for artifact in &new.artifacts {
            moves.place(&artifact.path)?;
        }
        moves.place(&manifest_path)?;
        for artifact in &index {
            moves.place(&artifact.path)?;
        }
        moves.keep();
        self.private.keep();
        drop(uninterrupted);
        Ok(index)
    }

    /// Returns the artifacts of this version that no manifest names: a killed command left them.
    /// All other files belong to the user and stay.
    fn unfinished(
        &self,
        product: &Product,
        version: &ReleaseVersion,
        manifests: &[Manifest],
    ) -> io::Result<Vec<String>> {
        let artifacts = || manifests.iter().flat_map(|manifest| &manifest.artifacts);
        let mut unfinished = Vec::new();
        for kind in ArtifactKind::ALL {
            for name in names_in(&self.root.join(kind.directory()))? {
                let path = format!("{}/{name}", kind.directory());
                let ours = platform_of(product, version, kind, &name).is_some()
                    && (kind != ArtifactKind::Crate || crates::is_staged(&self.root.join(&path)));
                if ours && !artifacts().any(|artifact| artifact.path == path) {
                    unfinished.push(path);
                }
            }
        }
        Ok(unfinished)
    }
}

/// Returns whether a path, which need not exist, leads into a directory.
fn lies_inside(path: &Path, directory: &Path) -> bool {
    let (Ok(path), Ok(directory)) = (std::path::absolute(path), directory.canonicalize()) else {
        return false;
    };
    let there = path
        .ancestors()
        .find_map(|ancestor| ancestor.canonicalize().ok());
    there.is_some_and(|there| there.starts_with(directory))
}

/// Returns the bytes of a file, or of all files in a directory; 0 if it does not exist.
fn size_of(path: &Path) -> u64 {
    match fs_err::read_dir(path) {
        Ok(entries) => entries.flatten().map(|entry| size_of(&entry.path())).sum(),
        Err(_) => path.metadata().map_or(0, |metadata| metadata.len()),
    }
}
