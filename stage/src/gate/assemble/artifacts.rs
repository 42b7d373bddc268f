//! Checks the artifacts on the disk. Each must match its manifest, contain the same runtime as the
//! others of its target, and have no error of `stage verify` that was not allowed.

use std::convert::Infallible;
use std::io;
use std::num::NonZeroUsize;

use super::gate::Gate;
use crate::audit;
use crate::audit::{Audit, Finding};
use crate::base::files::below;
use crate::base::parallel;
use crate::product::WheelCommands;
use crate::record::Allowed;
use crate::record::carried::{difference, expected};
use crate::record::hash;
use crate::record::installed::Clash;
use crate::record::manifest::Manifest;
use crate::record::names::wheel::data_stem;
use crate::record::names::{expected_path, wheel_tags};
use crate::record::problem::{Problem, SetFault};
use crate::record::release_json::StagedSdk;
use crate::record::{Artifact, ArtifactKind};
use native_claims::claims;
use native_claims::{PlatformTag, WheelTags};

/// What one thread reads.
enum Task<'a> {
    File(&'a Manifest, &'a Artifact),
    /// The crates of a target, which together contain one runtime.
    Crates(&'a Manifest),
}

/// What a changed file was compared with, in the text of its fault.
const MANIFEST: &str = "the manifest of its target";

impl Gate<'_> {
    /// Checks every artifact.
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

    /// Checks a wheel or an npm package.
    fn check_file(&self, manifest: &Manifest, artifact: &Artifact) -> Vec<Problem> {
        let listed = artifact.all_files();
        let compared = listed
            .iter()
            .map(|file| hash::compare(self.root, file, MANIFEST));
        let changed = compared.flatten().collect::<Vec<_>>();
        if !changed.is_empty() {
            // Findings about a changed file would add nothing.
            return changed;
        }
        match self.audit(artifact, &manifest.allowed) {
            Ok(audit) => {
                let mut problems = errors(&audit, artifact);
                problems.extend(self.carries(manifest, artifact, &audit));
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

    /// Checks the crates of a target.
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
            problems.extend(self.carries(manifest, artifact, audit));
        }
        problems
    }

    /// Checks an SDK.
    pub(super) fn check_sdk(&self, sdk: &StagedSdk) -> Vec<Problem> {
        let path = sdk.path.strip_prefix(ArtifactKind::Crate.directory());
        if path.is_none_or(|path| !path.starts_with('/')) {
            // It is not a crate, and no rules exist for projects that are not built yet.
            return Vec::new();
        }
        let artifact = Artifact::directory(sdk.path.clone(), sdk.files.clone());
        match self.audit(&artifact, &[]) {
            Ok(audit) => errors(&audit, &artifact),
            Err(problem) => vec![problem],
        }
    }

    /// Returns the listed wheels that are missing although the executables allow their tags: on the
    /// systems of those tags an installer would find nothing. A wheel with a tag of the same kind
    /// counts as the listed one.
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
        let entrypoint = match self.entrypoint_in_wheel(manifest) {
            Ok(entrypoint) => entrypoint,
            Err(clash) => {
                let wheels = manifest.artifacts.iter();
                let mut wheels = wheels.filter(|artifact| artifact.kind == ArtifactKind::Wheel);
                let path = wheels.next().map(|wheel| wheel.path.clone());
                let fault = SetFault::OtherRuntime(clash.to_string());
                return path
                    .map(|path| Problem::new(path, fault))
                    .into_iter()
                    .collect();
            }
        };
        let objects = audit.objects.iter().map(|(path, facts)| (&**path, facts));
        let claims = claims::allowed(objects, Some(&entrypoint));
        let missing = platform.wheel.tags.iter().filter(|tags| {
            !tags.iter().any(stands_for) && tags.iter().all(|tag| claims.check(tag).is_allowed())
        });
        let problem = |tags: &WheelTags| {
            let target = manifest.target.clone();
            let kind = ArtifactKind::Wheel;
            let path = expected_path(self.product, version, platform, kind, Some(tags));
            Problem::new(path, SetFault::WithoutFormat { target, kind })
        };
        missing.map(problem).collect()
    }

    /// Returns the path of the entrypoint in the wheels of a target.
    fn entrypoint_in_wheel(&self, manifest: &Manifest) -> Result<String, Clash> {
        let Manifest {
            bundle, version, ..
        } = manifest;
        if bundle.wheel_commands(self.product) == WheelCommands::Scripts {
            let installed = bundle.installed(self.product)?;
            let mut installed = installed.iter();
            if let Some((file, _)) = installed.find(|(_, source)| *source == bundle.entrypoint) {
                let stem = data_stem(self.product, version);
                return Ok(format!("{stem}.data/{}", file.path));
            }
        }
        let import_package = &self.product.wheel.import_package;
        Ok(format!("{import_package}/{}", bundle.entrypoint))
    }

    /// Returns what is wrong with the runtime in an artifact.
    fn carries(&self, manifest: &Manifest, artifact: &Artifact, audit: &Audit) -> Option<Problem> {
        if audit.runtime().is_empty() && audit.has_errors() {
            // The errors say why.
            return None;
        }
        let expected = expected(self.product, artifact.kind, &manifest.bundle);
        let difference = difference(&expected, audit.runtime().to_vec())?;
        Some(Problem::new(
            &*artifact.path,
            SetFault::OtherRuntime(difference),
        ))
    }

    /// Checks an artifact with the rules of `stage verify`.
    fn audit(&self, artifact: &Artifact, allowed: &[Allowed]) -> Result<Audit, Problem> {
        let request = audit::AuditRequest {
            product: self.product,
            // Several artifacts are read at once.
            jobs: NonZeroUsize::MIN,
        };
        let path = below(self.root, &artifact.path);
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

/// Returns the errors that were not allowed.
fn errors(audit: &Audit, artifact: &Artifact) -> Vec<Problem> {
    let errors = audit.findings.iter().filter(|finding| finding.is_error());
    let problem =
        |finding: &Finding| Problem::new(&*artifact.path, SetFault::Finding(finding.text()));
    errors.map(problem).collect()
}

/// Returns the files of a crate that are missing or differ from the manifest of the target.
/// Unexpected files in it are reported with all others that do not belong to the set.
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
