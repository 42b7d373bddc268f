//! The changes that `stage stage-sdk` makes to a staging directory.

use super::error::StagingError;
use super::{Moves, Staging, interrupt};
use crate::base::failpoint;
use crate::base::files::{below, create_parents};
use crate::product::Product;
use crate::record::ArtifactKind;
use crate::record::files;
use crate::sdk::Pinned;
use crate::version::ReleaseVersion;

impl Staging {
    /// Returns whether crates of this version of the runtime are staged, so that the facade crate
    /// will be beside the SDK. A runtime of another version is an error: the two would not be one
    /// release.
    pub fn has_facade(
        &self,
        product: &Product,
        version: &ReleaseVersion,
    ) -> Result<bool, StagingError> {
        let manifests = self.manifests(product, None)?;
        if let Some(other) = manifests.iter().find(|other| other.version != *version) {
            return Err(StagingError::OtherPin {
                root: self.root.clone(),
                staged: other.version.shown(),
                version: version.shown(),
            });
        }
        Ok(manifests
            .iter()
            .any(|manifest| manifest.has(ArtifactKind::Crate)))
    }

    /// Moves an SDK into place, and replaces an earlier one.
    pub fn place_sdk(mut self, sdk: &Pinned) -> Result<(), StagingError> {
        let path = sdk.path();
        let place = below(&self.root, &path);
        if place.symlink_metadata().is_ok() && !sdk.ecosystem.is_staged(&place) {
            return Err(StagingError::InTheWay(place));
        }
        let out = self.out()?;
        for (name, file) in &sdk.files {
            let to = out.join(&path).join(name);
            create_parents(&to)?;
            fs_err::write(&to, &file.content)?;
            if file.executable {
                make_executable(&to)?;
            }
        }
        self.private
            .create(&self.root.join(sdk.ecosystem.directory()))?;
        failpoint::step("everything written");

        let uninterrupted = interrupt::hold();
        let mut moves = Moves::new(&self.root, &out, self.scratch().join("old"))?;
        for path in files::ALL {
            moves.remove(path)?;
        }
        moves.place(&path)?;
        moves.keep();
        self.private.keep();
        drop(uninterrupted);
        Ok(())
    }
}

#[cfg(unix)]
fn make_executable(path: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn make_executable(_: &std::path::Path) -> std::io::Result<()> {
    Ok(())
}
