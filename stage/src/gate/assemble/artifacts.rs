//! The artifacts, as they lie there: each the one that its manifest names, each with the same
//! runtime in it, and each without an error of `stage verify` that nobody has allowed.

use std::convert::Infallible;
use std::io;
use std::num::NonZeroUsize;

use super::gate::Gate;
use crate::audit;
use crate::audit::{Audit, Finding};
use crate::base::parallel;
use crate::record::Allowed;
use crate::record::carried::difference;
use crate::record::hash;
use crate::record::manifest::Manifest;
use crate::record::names::{expected_path, wheel_tags};
use crate::record::problem::{Problem, SetFault};
use crate::record::release_json::StagedSdk;
use crate::record::{Artifact, ArtifactKind};
use native_claims::claims;
use native_claims::{PlatformTag, WheelTags};

/// What is read by one thread.
enum Task<'a> {
    File(&'a Manifest, &'a Artifact),
    /// The crates of a target, which carry one runtime together.
    Crates(&'a Manifest),
}

/// How the fault of a changed file calls what it was compared with.
const MANIFEST: &str = "the manifest of its target";

impl Gate<'_> {
    /// Reads every artifact.
    pub(super) fn check_artifacts(&self, manifests: &[(Manifest, Vec<u8>)]) -> Vec<Problem> {
        let mut tasks = Vec::new();
        for (manifest, _) in manifests {
            let artifacts = manifest.artifacts.iter();
            let files = artifacts.filter(|artifact| artifact.kind != ArtifactKind::Crate);
            tasks.extend(files.map(|artifact| Task::File(manifest, artifact)));
            tasks.push(Task::Crates(manifest));
        }
        let problems = parallel::map(self.jobs, &tasks, |task| {
            Ok::<_, Infallible>(match task {
                Task::File(manifest, artifact) => self.check_file(manifest, artifact),
                Task::Crates(manifest) => self.check_crates(manifest),
            })
        });
        match problems {
            Ok(problems) => problems.into_iter().flatten().collect(),
        }
    }

    /// A wheel or an npm package.
    fn check_file(&self, manifest: &Manifest, artifact: &Artifact) -> Vec<Problem> {
        let listed = artifact.all_files();
        let compared = listed
            .iter()
            .map(|file| hash::compare(self.root, file, MANIFEST));
        let changed = compared.flatten().collect::<Vec<_>>();
        if !changed.is_empty() {
            // What the rules have against it says no more.
            return changed;
        }
        match self.audit(artifact, &manifest.allowed) {
            Ok(audit) => {
                let mut problems = errors(&audit, artifact);
                problems.extend(carries(manifest, artifact, &audit));
                let of_kind = |other: &&Artifact| other.kind == artifact.kind;
                let first = manifest.artifacts.iter().find(of_kind) == Some(artifact);
                if artifact.kind == ArtifactKind::Wheel && first {
                    problems.extend(self.missing_wheels(manifest, &audit));
                }
                problems
            }
            Err(problem) => vec![problem],
        }
    }

    /// The crates of a target.
    fn check_crates(&self, manifest: &Manifest) -> Vec<Problem> {
        let artifacts = manifest.artifacts.iter();
        let mut crates = Vec::new();
        let mut changed = Vec::new();
        for artifact in artifacts.filter(|artifact| artifact.kind == ArtifactKind::Crate) {
            match self.audit(artifact, &manifest.allowed) {
                Ok(audit) => {
                    changed.extend(differences(artifact, &audit));
                    crates.push((artifact, audit));
                }
                Err(problem) => changed.push(problem),
            }
        }
        if !changed.is_empty() {
            return changed;
        }
        let errors = crates
            .iter()
            .flat_map(|(artifact, audit)| errors(audit, artifact));
        let mut problems = errors.collect::<Vec<_>>();
        // The shortest name is that of the platform crate.
        let platform_crate = crates
            .iter()
            .min_by_key(|(artifact, _)| artifact.path.len());
        if let Some((artifact, audit)) = platform_crate {
            problems.extend(carries(manifest, artifact, audit));
        }
        problems
    }

    /// An SDK.
    pub(super) fn check_sdk(&self, sdk: &StagedSdk) -> Vec<Problem> {
        let path = sdk.path.strip_prefix(ArtifactKind::Crate.directory());
        if path.is_none_or(|path| !path.starts_with('/')) {
            // It is no crate, and there are no rules over projects that are to be built yet.
            return Vec::new();
        }
        let artifact = Artifact::directory(sdk.path.clone(), sdk.files.clone());
        match self.audit(&artifact, &[]) {
            Ok(audit) => errors(&audit, &artifact),
            Err(problem) => vec![problem],
        }
    }

    /// Listed wheels that are not there, although the executables allow their tags: on the systems
    /// of those tags an installer would find nothing. One with a tag of the same kind is in place of
    /// a listed one.
    fn missing_wheels(&self, manifest: &Manifest, audit: &Audit) -> Vec<Problem> {
        let Some(platform) = self.product.platform(&manifest.target) else {
            return Vec::new();
        };
        let version = &manifest.version;
        let wheels = manifest
            .artifacts
            .iter()
            .filter_map(|Artifact { kind, path, .. }| {
                let name = path.rsplit('/').next()?;
                (*kind == ArtifactKind::Wheel).then(|| wheel_tags(self.product, version, name))?
            });
        let carried = wheels.collect::<Vec<_>>();
        let stands_for = |listed: &PlatformTag| {
            let mut tags = carried.iter().flat_map(WheelTags::iter);
            tags.any(|tag| tag.same_kind(listed))
        };
        let package = &self.product.wheel.import_package;
        let entrypoint = format!("{package}/{}", manifest.bundle.entrypoint);
        let objects = audit.objects.iter().map(|(path, facts)| (&**path, facts));
        let claims = claims::allowed(objects, Some(&entrypoint));
        let missing = platform.wheel.tags.iter().filter(|tags| {
            !tags.iter().any(stands_for) && tags.iter().all(|tag| claims.check(tag).is_allowed())
        });
        let problem = |tags: &WheelTags| {
            let target = manifest.target.clone();
            let kind = ArtifactKind::Wheel;
            let path = expected_path(self.product, version, platform, kind, tags);
            Problem::new(path, SetFault::WithoutFormat { target, kind })
        };
        missing.map(problem).collect()
    }

    /// Holds an artifact against the rules of `stage verify`.
    fn audit(&self, artifact: &Artifact, allowed: &[Allowed]) -> Result<Audit, Problem> {
        let request = audit::AuditRequest {
            product: self.product,
            // Several artifacts are read at once.
            jobs: NonZeroUsize::MIN,
        };
        let path = self.root.join(&artifact.path);
        let audit = audit::audit_artifact(artifact.kind, &path, &request);
        let mut audit = audit.map_err(|error| {
            let fault = match error {
                audit::AuditError::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                    SetFault::Missing
                }
                error => SetFault::Unreadable(io::Error::other(error)),
            };
            Problem::new(&*artifact.path, fault)
        })?;
        let allowed = allowed
            .iter()
            .filter(|allowed| allowed.artifact == artifact.path);
        let codes = allowed
            .map(|allowed| allowed.code.clone())
            .collect::<Vec<_>>();
        audit.allow(&codes);
        Ok(audit)
    }
}

/// The findings that nobody has allowed.
fn errors(audit: &Audit, artifact: &Artifact) -> Vec<Problem> {
    let errors = audit.findings.iter().filter(|finding| finding.is_error());
    let problem =
        |finding: &Finding| Problem::new(&*artifact.path, SetFault::Finding(finding.text()));
    errors.map(problem).collect()
}

/// The files of a crate that are not as its manifest names them. What is too much in it is told
/// with all other files that belong to nothing.
fn differences(artifact: &Artifact, audit: &Audit) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (listed, file) in artifact.all_files().into_iter().zip(&artifact.files) {
        let fault = match audit.files().iter().find(|found| found.path == file.path) {
            None => SetFault::Missing,
            Some(found) if (found.size, found.sha256) != (file.size, file.sha256) => {
                SetFault::Changed(MANIFEST)
            }
            Some(_) => continue,
        };
        problems.push(Problem::new(listed.path, fault));
    }
    problems
}

/// What is wrong with the runtime that an artifact carries.
fn carries(manifest: &Manifest, artifact: &Artifact, audit: &Audit) -> Option<Problem> {
    if audit.runtime().is_empty() && audit.has_errors() {
        // That says why.
        return None;
    }
    let difference = difference(&manifest.bundle, audit.runtime().to_vec())?;
    Some(Problem::new(
        &*artifact.path,
        SetFault::OtherRuntime(difference),
    ))
}
