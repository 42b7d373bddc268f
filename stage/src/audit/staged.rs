//! What lies in a staging directory: each artifact, and whether they fit together.
//!
//! The manifests say what was staged. That every artifact they name is there and the same, that
//! nothing else of the product is, and that all of them carry one runtime, is looked at here;
//! whether the set is complete enough to be a release is for `stage assemble` to say.

mod index;
mod measure;
mod recorded;
mod unfinished;

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroUsize;
use std::path::Path;

use fs_err as fs;

use super::error::AuditError;
use super::finding::Findings;
use super::kind::SubjectKind;
use super::outcome::Audit;
use super::request::AuditRequest;
use super::{rules, subject};
use crate::base::files::{below, names_in};
use crate::base::parallel;
use crate::contents::Contents;
use crate::product::Product;
use crate::record::manifest::{self, Manifest, ManifestFault, ManifestFile};
use crate::record::{ArtifactKind, manifests};

/// Whether a directory is one that artifacts are staged in. A crate may have a directory of the
/// same name.
pub(super) fn is_staging_directory(path: &Path) -> bool {
    path.join(manifest::DIRECTORY).is_dir() && !path.join("Cargo.toml").exists()
}

/// Audits every artifact, and the directory as a whole: that comes first.
pub(super) fn audit(root: &Path, request: &AuditRequest) -> Result<Vec<Audit>, AuditError> {
    let product = request.product;
    let mut findings = Findings::default();
    let manifests = usable_manifests(root, product, &mut findings)?;
    let all_usable = findings.is_empty();
    let found = found(root)?;
    let mut audits = audit_artifacts(root, &found, request)?;
    let one_version = check_versions(&manifests, &mut findings);
    for manifest in &manifests {
        if !manifest.is_of(product) {
            let path = Manifest::path(&manifest.target);
            findings.add_at(
                &rules::staged::PRODUCT,
                path,
                "its target was staged with other files of the product",
            );
        }
        for artifact in &manifest.artifacts {
            match audits.get_mut(&artifact.path) {
                Some(audit) => recorded::check(root, manifest, artifact, product, audit)?,
                None => findings.add_at(
                    &rules::staged::MISSING,
                    &artifact.path,
                    format!("the manifest of {} names it", manifest.target),
                ),
            }
        }
    }
    // Without one of the manifests, nobody knows what is too much or too little.
    if all_usable {
        unfinished::check(root, &manifests, product, &mut audits);
        if one_version && let Some(first) = manifests.first() {
            index::check(root, first, &manifests, product, &mut audits, &mut findings)?;
        }
    }
    for (path, audit) in &mut audits {
        for manifest in &manifests {
            audit.allow_recorded(path, &manifest.allowed);
        }
    }
    let whole = Audit::new(
        root,
        SubjectKind::StagingDirectory,
        &Contents::default(),
        findings,
    );
    Ok(std::iter::once(whole).chain(audits.into_values()).collect())
}

/// Returns the manifests that can be used; one that cannot is a finding. Fails if all of them are of
/// another product: then its rules are the ones to audit by.
fn usable_manifests(
    root: &Path,
    product: &Product,
    findings: &mut Findings,
) -> Result<Vec<Manifest>, AuditError> {
    let mut usable = Vec::new();
    let files = manifests::read_all(root, product)?;
    let other = files.iter().map(|file| match &file.content {
        Err(ManifestFault::OtherProduct(other)) => Some(other),
        _ => None,
    });
    if let Some(Some(found)) = other.reduce(|one, another| one.filter(|_| one == another)) {
        return Err(AuditError::OtherProduct {
            path: root.to_owned(),
            found: found.clone(),
            expected: product.identity.name.to_string(),
        });
    }
    for ManifestFile {
        target, content, ..
    } in files
    {
        match content {
            Ok(manifest) => usable.push(manifest),
            Err(fault) => {
                let path = Manifest::path(&target);
                findings.add_at(&rules::staged::MANIFEST, path, fault.to_string());
            }
        }
    }
    Ok(usable)
}

/// Whatever lies where artifacts do: paths in the staging directory.
fn found(root: &Path) -> io::Result<Vec<(String, u64)>> {
    let mut found = Vec::new();
    for kind in ArtifactKind::ALL {
        let directory = kind.directory();
        for name in names_in(&root.join(directory))? {
            let path = format!("{directory}/{name}");
            // A link that leads nowhere is as long as what it names.
            let place = below(root, &path);
            let size = fs::metadata(&place)
                .or_else(|_| fs::symlink_metadata(&place))?
                .len();
            found.push((path, size));
        }
    }
    Ok(found)
}

/// Audits artifacts by their paths, several at once, the largest first. What is no artifact
/// belongs to the user and is passed over.
fn audit_artifacts(
    root: &Path,
    found: &[(String, u64)],
    request: &AuditRequest,
) -> Result<BTreeMap<String, Audit>, AuditError> {
    let mut found = found.iter().collect::<Vec<_>>();
    found.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let jobs = request.jobs.get();
    let inner = AuditRequest {
        jobs: NonZeroUsize::new(jobs / found.len().clamp(1, jobs)).unwrap_or(NonZeroUsize::MIN),
        ..*request
    };
    let audits = parallel::map(
        request.jobs,
        &found,
        |(path, _)| match subject::audit_artifact(&below(root, path), &inner) {
            Ok(audit) => Ok(Some((path.clone(), audit))),
            Err(AuditError::Unknown { .. }) => Ok(None),
            Err(error) => Err(error),
        },
    )?;
    Ok(audits.into_iter().flatten().collect())
}

/// Whether all manifests are of one version.
fn check_versions(manifests: &[Manifest], findings: &mut Findings) -> bool {
    let Some(first) = manifests.first() else {
        return true;
    };
    let other = manifests
        .iter()
        .find(|other| other.version != first.version);
    if let Some(other) = other {
        let mut detail = format!(
            "{} is of {}, and {} of {}",
            first.target,
            first.version.shown(),
            other.target,
            other.version.shown()
        );
        if let Some(clash) = first.version.clash(&other.version) {
            detail = format!("{detail}: {clash}");
        }
        findings.add(&rules::staged::VERSIONS, detail);
    }
    other.is_none()
}
