//! The artifacts, as they lie there: each the one that its manifest names, each with the same
//! runtime in it, and each without an error of `stage verify` that nobody has allowed.

use std::convert::Infallible;
use std::io;
use std::num::NonZeroUsize;

use super::Gate;
use crate::audit::{self, Allowed, Audit, Finding};
use crate::package::{Artifact, Kind};
use crate::parallel;
use crate::release::carried::difference;
use crate::release::hash;
use crate::release::manifest::Manifest;
use crate::release::problem::{Fault, Problem};

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
            let files = artifacts.filter(|artifact| artifact.kind != Kind::Crate);
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
                problems.extend(self.carries(manifest, artifact, &audit));
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
        for artifact in artifacts.filter(|artifact| artifact.kind == Kind::Crate) {
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

    /// A crate that carries nothing.
    pub(super) fn check_sdk(&self, artifact: &Artifact) -> Vec<Problem> {
        match self.audit(artifact, &[]) {
            Ok(audit) => errors(&audit, artifact),
            Err(problem) => vec![problem],
        }
    }

    /// Holds an artifact against the rules of `stage verify`.
    fn audit(&self, artifact: &Artifact, allowed: &[Allowed]) -> Result<Audit, Problem> {
        let request = audit::Request {
            product: self.product,
            // Several artifacts are read at once.
            jobs: NonZeroUsize::MIN,
        };
        let path = self.root.join(&artifact.path);
        let audit = audit::audit_artifact(artifact.kind, &path, &request);
        let mut audit = audit.map_err(|error| {
            let fault = match error {
                audit::Error::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                    Fault::Missing
                }
                error => Fault::Unreadable(io::Error::other(error)),
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

    /// What is wrong with the runtime that an artifact carries.
    fn carries(&self, manifest: &Manifest, artifact: &Artifact, audit: &Audit) -> Option<Problem> {
        let runtime = audit.runtime(artifact.kind, self.product);
        if runtime.is_empty() && audit.has_errors() {
            // That says why.
            return None;
        }
        let difference = difference(&manifest.bundle, runtime)?;
        Some(Problem::new(
            &*artifact.path,
            Fault::OtherRuntime(difference),
        ))
    }
}

/// The findings that nobody has allowed.
fn errors(audit: &Audit, artifact: &Artifact) -> Vec<Problem> {
    let errors = audit.findings.iter().filter(|finding| finding.is_error());
    let problem = |finding: &Finding| Problem::new(&*artifact.path, Fault::Finding(finding.text()));
    errors.map(problem).collect()
}

/// The files of a crate that are not as its manifest names them. What is too much in it is told
/// with all other files that belong to nothing.
fn differences(artifact: &Artifact, audit: &Audit) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (listed, file) in artifact.all_files().into_iter().zip(&artifact.files) {
        let found = audit.files().iter().find(|found| found.path == file.path);
        let fault = match found {
            None => Fault::Missing,
            Some(found) if (found.size, found.sha256) != (file.size, file.sha256) => {
                Fault::Changed(MANIFEST)
            }
            Some(_) => continue,
        };
        problems.push(Problem::new(listed.path, fault));
    }
    problems
}
