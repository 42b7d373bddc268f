//! The artifacts, as they lie there: each the one that its manifest names, and each with the same
//! runtime in it.

use std::convert::Infallible;

use super::Gate;
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
            let files = manifest
                .artifacts
                .iter()
                .filter(|artifact| artifact.kind != Kind::Crate);
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

    fn check_file(&self, manifest: &Manifest, artifact: &Artifact) -> Vec<Problem> {
        let problems = self.compare(artifact);
        if !problems.is_empty() {
            return problems;
        }
        let path = self.root.join(&artifact.path);
        let files = carried::in_archive(artifact.kind, &path, self.product, &manifest.target);
        carries(manifest, &artifact.path, files)
    }

    fn check_crates(&self, manifest: &Manifest) -> Vec<Problem> {
        let crates = || {
            manifest
                .artifacts
                .iter()
                .filter(|artifact| artifact.kind == Kind::Crate)
        };
        let problems = crates()
            .flat_map(|artifact| self.compare(artifact))
            .collect::<Vec<_>>();
        match crates().next() {
            Some(first) if problems.is_empty() => carries(
                manifest,
                &first.path,
                carried::in_crates(self.root, manifest),
            ),
            _ => problems,
        }
    }

    /// Every file of an artifact, against the manifest.
    fn compare(&self, artifact: &Artifact) -> Vec<Problem> {
        let files = artifact.all_files();
        let compared = files
            .iter()
            .map(|file| hash::compare(self.root, file, MANIFEST));
        compared.flatten().collect()
    }
}

/// What is wrong with the runtime that was found in an artifact.
fn carries(
    manifest: &Manifest,
    path: &str,
    files: Result<Vec<FileRecord>, carried::Error>,
) -> Vec<Problem> {
    let fault = match files {
        Ok(files) => difference(&manifest.bundle, files).map(Fault::OtherRuntime),
        Err(error) => Some(error.into()),
    };
    fault
        .map(|fault| Problem::new(path, fault))
        .into_iter()
        .collect()
}
