//! The artifacts, as they lie there: each the one that its manifest names, each with the same
//! runtime in it, and each without an error of `stage verify` that nobody has allowed.

use std::convert::Infallible;
use std::io;
use std::num::NonZeroUsize;

use super::Gate;
use crate::audit::contents::Contents;
use crate::audit::{self, Allowed};
use crate::package::{Artifact, Kind};
use crate::parallel;
use crate::release::carried::{self, difference};
use crate::release::hash;
use crate::release::manifest::{FileRecord, Manifest};
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
        let mut problems = compared.flatten().collect::<Vec<_>>();
        if !problems.is_empty() {
            return problems;
        }
        if let Some(contents) = self.audit(artifact, &manifest.allowed, &mut problems) {
            let files =
                carried::in_archive(artifact.kind, &contents, self.product, &manifest.target);
            problems.extend(carries(manifest, &artifact.path, Ok(files)));
        }
        problems
    }

    /// The crates of a target.
    fn check_crates(&self, manifest: &Manifest) -> Vec<Problem> {
        let artifacts = manifest.artifacts.iter();
        let crates = artifacts.filter(|artifact| artifact.kind == Kind::Crate);
        let crates = crates.collect::<Vec<_>>();
        let mut problems = Vec::new();
        for artifact in &crates {
            problems.extend(self.check_crate(artifact, &manifest.allowed));
        }
        if let Some(first) = crates.first()
            && problems.is_empty()
        {
            let files = carried::in_crates(self.root, manifest);
            problems.extend(carries(manifest, &first.path, files));
        }
        problems
    }

    /// The directory of a crate, without the payload that it shares with others. What is in it and
    /// not in the manifest is told with all other files that belong to nothing.
    pub(super) fn check_crate(&self, artifact: &Artifact, allowed: &[Allowed]) -> Vec<Problem> {
        let mut problems = Vec::new();
        let Some(contents) = self.audit(artifact, allowed, &mut problems) else {
            return problems;
        };
        for (listed, file) in artifact.all_files().into_iter().zip(&artifact.files) {
            let fault = match contents.get(&file.path) {
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

    /// Holds an artifact against the rules of `stage verify`, and gives what is in it.
    fn audit(
        &self,
        artifact: &Artifact,
        allowed: &[Allowed],
        problems: &mut Vec<Problem>,
    ) -> Option<Contents> {
        let request = audit::Request {
            product: self.product,
            // Several artifacts are read at once.
            jobs: NonZeroUsize::MIN,
        };
        let path = self.root.join(&artifact.path);
        let (mut audit, contents) = match audit::audit_artifact(artifact.kind, &path, &request) {
            Ok(read) => read,
            Err(error) => {
                let fault = match error {
                    audit::Error::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                        Fault::Missing
                    }
                    error => Fault::Unreadable(io::Error::other(error)),
                };
                problems.push(Problem::new(&*artifact.path, fault));
                return None;
            }
        };
        let allowed = allowed
            .iter()
            .filter(|allowed| allowed.artifact == artifact.path);
        let codes = allowed
            .map(|allowed| allowed.code.clone())
            .collect::<Vec<_>>();
        audit.allow(&codes);
        let errors = audit.findings.iter().filter(|finding| finding.is_error());
        let errors = errors.map(|finding| Fault::Finding(finding.text()));
        problems.extend(errors.map(|fault| Problem::new(&*artifact.path, fault)));
        contents
    }
}

/// What is wrong with the runtime that was found in an artifact.
fn carries(
    manifest: &Manifest,
    path: &str,
    files: Result<Vec<FileRecord>, carried::Error>,
) -> Option<Problem> {
    let fault = match files {
        Ok(files) => difference(&manifest.bundle, files).map(Fault::OtherRuntime),
        Err(error) => Some(error.into()),
    };
    fault.map(|fault| Problem::new(path, fault))
}
