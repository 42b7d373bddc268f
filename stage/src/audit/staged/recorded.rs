//! An artifact against what its manifest records of it.

use std::io;
use std::path::Path;

use super::measure::measure;
use crate::audit::outcome::Audit;
use crate::audit::rules;
use crate::product::Product;
use crate::record::carried;
use crate::record::manifest::Manifest;
use crate::record::names::npm;
use crate::record::{Artifact, ArtifactKind};

/// Holds an artifact against what its manifest records of it.
pub(super) fn check(
    root: &Path,
    manifest: &Manifest,
    artifact: &Artifact,
    product: &Product,
    audit: &mut Audit,
) -> io::Result<()> {
    let found = measure(root, artifact, audit)?;
    if found != (artifact.size, artifact.sha256) {
        let (size, sha256) = found;
        let detail = format!(
            "it has {size} bytes and the SHA-256 {sha256}; the manifest of {} says {} and {}",
            manifest.target, artifact.size, artifact.sha256
        );
        audit.add(&rules::staged::CHANGED, detail);
    }
    // An archive that cannot be read has no version and no files.
    if !audit.is_read() {
        return Ok(());
    }
    let version = &manifest.version;
    let expected = match artifact.kind {
        ArtifactKind::Npm => {
            let platform = product.platform(&manifest.target);
            platform.map(|platform| npm::platform_version(product, version, platform))
        }
        ArtifactKind::Crate => Some(version.to_string()),
        ArtifactKind::Wheel => None,
    };
    if let (Some(said), Some(expected)) = (audit.compared.version.clone(), expected)
        && said != expected
    {
        let detail = format!("its version is {said:?}, and the release's is {expected:?}");
        audit.add(&rules::staged::ARTIFACT_VERSION, detail);
    }
    // Nobody else asks for it, and there may be many files in it.
    let runtime = std::mem::take(&mut audit.compared.runtime);
    if !runtime.is_empty()
        && let expected = carried::expected(product, artifact.kind, &manifest.bundle)
        && let Some(difference) = carried::difference(&expected, runtime)
    {
        audit.add(&rules::staged::RUNTIME, difference);
    }
    Ok(())
}
