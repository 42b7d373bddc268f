//! The changes that `stage assemble` makes to a staging directory.

use std::path::Path;

use super::error::StagingError;
use super::{Moves, Staging, interrupt};
use crate::base::failpoint;
use crate::base::files::below;
use crate::package::index;
use crate::product::Product;
use crate::record::files;
use crate::record::manifest::{Manifest, ManifestFile};
use crate::record::manifests;
use crate::record::names::crates;
use crate::record::timestamp::Timestamp;
use crate::record::{Artifact, ArtifactKind};
use crate::version::ReleaseVersion;

impl Staging {
    /// Locks a directory that exists, and removes the files that mark a finished release. Returns
    /// the directory and its manifests.
    pub fn open_to_assemble(
        path: &Path,
        product: &Product,
    ) -> Result<(Self, Vec<ManifestFile>), StagingError> {
        if !path.exists() {
            return Err(StagingError::NotThere(path.to_path_buf()));
        }
        if !path.is_dir() {
            return Err(StagingError::NotADirectory(path.to_path_buf()));
        }
        let staging = Self::lock(path)?;
        for name in files::ALL.into_iter().rev() {
            let file = path.join(name);
            if file.symlink_metadata().is_ok() {
                fs_err::remove_file(file)?;
                failpoint::step(&format!("withdrew {name}"));
            }
        }
        let manifests = manifests::read_all(path, product)?;
        Ok((staging, manifests))
    }

    /// Writes the facade crate and the npm root package for these manifests into [`Self::out`].
    pub fn write_index(
        &self,
        product: &Product,
        version: &ReleaseVersion,
        timestamp: Timestamp,
        manifests: &[Manifest],
    ) -> Result<Vec<Artifact>, StagingError> {
        let out = self.out()?;
        let artifacts = index::write(product, version, timestamp, manifests, &out)?;
        for artifact in &artifacts {
            let place = below(&self.root, &artifact.path);
            if artifact.kind == ArtifactKind::Crate && place.exists() && !crates::is_staged(&place)
            {
                return Err(StagingError::InTheWay(place));
            }
        }
        Ok(artifacts)
    }

    /// Moves the index that was written into place, and then the two files that finish a release.
    pub fn finish(self, index: &[Artifact], sums: &str, release: &str) -> Result<(), StagingError> {
        let out = self.out()?;
        fs_err::write(out.join(files::SUMS), sums)?;
        fs_err::write(out.join(files::RELEASE), release)?;
        failpoint::step("everything written");

        let uninterrupted = interrupt::hold();
        let mut moves = Moves::new(&self.root, &out, self.scratch().join("old"))?;
        for artifact in index {
            moves.place(&artifact.path)?;
        }
        for name in files::ALL {
            moves.place(name)?;
        }
        moves.keep();
        drop(uninterrupted);
        Ok(())
    }
}
