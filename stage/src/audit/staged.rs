//! What lies in a staging directory: each artifact, and whether they fit together.
//!
//! The manifests say what was staged. That every artifact they name is there and the same, that
//! nothing else of the product is, and that all of them carry one runtime, is looked at here;
//! whether the set is complete enough to be a release is for `stage assemble` to say.

mod index;

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroUsize;
use std::path::Path;

use fs_err as fs;

use super::finding::Findings;
use super::{Audit, Error, Kind, Request, subject};
use crate::audit::rules;
use crate::base::digest::Digest;
use crate::base::files::names_in;
use crate::base::parallel;
use crate::contents::Contents;
use crate::contents::FileRecord;
use crate::package::index as release_index;
use crate::product::Product;
use crate::record;
use crate::record::Artifact;
use crate::record::manifest;
use crate::record::manifest::Manifest;
use crate::record::names::{crates, npm, wheel};
use crate::record::problem::Fault;
use crate::record::{carried, hash};

/// Whether a directory is one that artifacts are staged in. A crate may have a directory of the
/// same name.
pub(super) fn is_staging_directory(path: &Path) -> bool {
    path.join(manifest::DIRECTORY).is_dir() && !path.join("Cargo.toml").exists()
}

/// Audits every artifact, and the directory as a whole: that comes first.
pub(super) fn audit(root: &Path, request: &Request) -> Result<Vec<Audit>, Error> {
    let product = request.product;
    let mut findings = Findings::default();
    let manifests = manifests(root, product, &mut findings)?;
    let all_usable = findings.is_empty();
    let found = found(root)?;
    let mut audits = audit_artifacts(root, &found, request)?;
    let one_version = check_versions(&manifests, &mut findings);
    for manifest in &manifests {
        for artifact in &manifest.artifacts {
            match audits.get_mut(&artifact.path) {
                Some(audit) => check_artifact(root, manifest, artifact, product, audit)?,
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
        check_unfinished(root, &manifests, product, &mut audits);
        if one_version && let Some(first) = manifests.first() {
            index::check(root, first, &manifests, product, &mut audits, &mut findings)?;
        }
    }
    for (path, audit) in &mut audits {
        for manifest in &manifests {
            audit.allow_recorded(path, &manifest.allowed);
        }
    }
    let whole = Audit::new(root, Kind::StagingDirectory, &Contents::default(), findings);
    Ok(std::iter::once(whole).chain(audits.into_values()).collect())
}

/// The manifests that can be used.
fn manifests(
    root: &Path,
    product: &Product,
    findings: &mut Findings,
) -> Result<Vec<Manifest>, Error> {
    let mut manifests = Vec::new();
    for name in names_in(&root.join(manifest::DIRECTORY))? {
        let Some(target) = name.strip_suffix(".json") else {
            continue;
        };
        let path = Manifest::path(target);
        let text = match hash::read(&root.join(&path), manifest::MAX_SIZE) {
            Ok(text) => text,
            Err(error) => {
                findings.add_at(&rules::staged::MANIFEST, path, error.to_string());
                continue;
            }
        };
        let detail = match Manifest::parse(&text, product) {
            Ok(manifest) if manifest.text().as_bytes() != text => Fault::Edited.to_string(),
            Ok(manifest) if manifest.target == target => {
                manifests.push(manifest);
                continue;
            }
            Ok(manifest) => format!("it is of the target {}", manifest.target),
            Err(fault) => fault.to_string(),
        };
        findings.add_at(&rules::staged::MANIFEST, path, detail);
    }
    Ok(manifests)
}

/// Whatever lies where artifacts do: paths in the staging directory.
fn found(root: &Path) -> io::Result<Vec<(String, u64)>> {
    let mut found = Vec::new();
    for kind in record::ArtifactKind::ALL {
        let directory = kind.directory();
        for name in names_in(&root.join(directory))? {
            let path = format!("{directory}/{name}");
            // A link that leads nowhere is as long as what it names.
            let place = root.join(&path);
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
    request: &Request,
) -> Result<BTreeMap<String, Audit>, Error> {
    let mut found = found.iter().collect::<Vec<_>>();
    found.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let jobs = request.jobs.get();
    let inner = Request {
        jobs: NonZeroUsize::new(jobs / found.len().clamp(1, jobs)).unwrap_or(NonZeroUsize::MIN),
        ..*request
    };
    let audits = parallel::map(
        request.jobs,
        &found,
        |(path, _)| match subject::audit_artifact(&root.join(path), &inner) {
            Ok(audit) => Ok(Some((path.clone(), audit))),
            Err(Error::Unknown { .. }) => Ok(None),
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
        let detail = format!(
            "{} is of {}, and {} of {}",
            first.target, first.version, other.target, other.version
        );
        findings.add(&rules::staged::VERSIONS, detail);
    }
    other.is_none()
}

/// Holds an artifact against what its manifest records of it.
fn check_artifact(
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
    let is_read = !audit
        .findings
        .iter()
        .any(|finding| rules::archive::ALL.contains(&finding.rule));
    if !is_read {
        return Ok(());
    }
    let version = &manifest.version;
    let expected = match artifact.kind {
        record::ArtifactKind::Npm => {
            let platform = product.platform(&manifest.target);
            platform.map(|platform| npm::platform_version(version, platform))
        }
        record::ArtifactKind::Crate => Some(version.to_string()),
        record::ArtifactKind::Wheel => None,
    };
    if let (Some(said), Some(expected)) = (audit.said.version.clone(), expected)
        && said != expected
    {
        let detail = format!("its version is {said:?}, and the release's is {expected:?}");
        audit.add(&rules::staged::ARTIFACT_VERSION, detail);
    }
    // Nobody else asks for it, and there may be many files in it.
    let runtime = std::mem::take(&mut audit.said.runtime);
    if !runtime.is_empty()
        && let Some(difference) = carried::difference(&manifest.bundle, runtime)
    {
        audit.add(&rules::staged::RUNTIME, difference);
    }
    Ok(())
}

/// The size and the digest of what lies where an artifact does.
fn measure(root: &Path, artifact: &Artifact, audit: &Audit) -> io::Result<(u64, Digest)> {
    match artifact.kind {
        record::ArtifactKind::Crate => Ok(of_directory(&audit.said.files)),
        record::ArtifactKind::Wheel | record::ArtifactKind::Npm => {
            hash::measure(&root.join(&artifact.path))
        }
    }
}

/// The size and the digest of a crate's directory, as [`Artifact`] has them.
fn of_directory(files: &[FileRecord]) -> (u64, Digest) {
    let lines = files
        .iter()
        .map(|file| format!("{}  {}\n", file.sha256, file.path));
    let digest = Digest::of(lines.collect::<String>().as_bytes());
    (files.iter().map(|file| file.size).sum(), digest)
}

/// Finds artifacts of the product, of whatever version, that nothing names.
fn check_unfinished(
    root: &Path,
    manifests: &[Manifest],
    product: &Product,
    audits: &mut BTreeMap<String, Audit>,
) {
    let named = |path: &String| {
        let artifacts = manifests.iter().flat_map(|manifest| &manifest.artifacts);
        let mut artifacts = artifacts.map(|artifact| &artifact.path);
        artifacts.any(|artifact| artifact == path)
            || manifests.iter().any(|manifest| {
                let index = release_index::paths(product, &manifest.version);
                index.contains(path)
            })
    };
    for (path, audit) in audits {
        if is_of_product(root, path, product) && !named(path) {
            audit.add(&rules::staged::UNFINISHED, "no manifest names it");
        }
    }
}

/// Whether a path is that of an artifact of the product, of whatever version.
fn is_of_product(root: &Path, path: &str, product: &Product) -> bool {
    let Some((directory, name)) = path.split_once('/') else {
        return false;
    };
    let follows = |prefix: &str, good: fn(char) -> bool| {
        let rest = name.strip_prefix(prefix);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(good))
    };
    let digit = |c: char| c.is_ascii_digit();
    let mut kinds = record::ArtifactKind::ALL.into_iter();
    match kinds.find(|kind| kind.directory() == directory) {
        Some(record::ArtifactKind::Wheel) => {
            follows(&format!("{}-", wheel::file_name_prefix(product)), digit)
        }
        Some(record::ArtifactKind::Npm) => follows(&npm::file_name_prefix(product), digit),
        Some(record::ArtifactKind::Crate) => {
            follows(&product.krate.name, |c| c == '-') && crates::is_staged(&root.join(path))
        }
        None => false,
    }
}
