//! Artifacts whose kind is known: those that a manifest names, and those that were just written.

use std::io::{self, BufReader};
use std::path::Path;

use fs_err as fs;

use super::error::AuditError;
use super::kind::SubjectKind;
use super::krate::{self, PayloadCheck};
use super::outcome::{Audit, Compared};
use super::request::AuditRequest;
use super::{archive, npm, wheel};
use crate::contents::{self, Contents, read_directory, read_tar, read_zip};
use crate::record::{Artifact, ArtifactKind};
use strict_archive::{GzipReader, tar, zip};

/// Audits one artifact of a staging directory, whose kind is known. It is read once.
pub fn audit_artifact(
    kind: ArtifactKind,
    path: &Path,
    request: &AuditRequest,
) -> Result<Audit, AuditError> {
    let (kind, result) = match kind {
        ArtifactKind::Wheel => (SubjectKind::Wheel, read_wheel(path, request)),
        ArtifactKind::Npm => (SubjectKind::Npm, read_npm(path, request)),
        ArtifactKind::Crate => {
            return match read_directory(path, request.limits(), request.jobs) {
                Ok(contents) => {
                    krate::audit_directory(path, path, &contents, PayloadCheck::Read, request)
                }
                Err(error) => archive::audit_unreadable(path, SubjectKind::Crate, error),
            };
        }
    };
    result.or_else(|error| archive::audit_unreadable(path, kind, error))
}

/// Audits an artifact that was just written below `out`: the same rules, and of its content what is
/// known of it already. `runtime` is what the runtime holds that it was made of.
pub fn audit_written(
    artifact: &Artifact,
    contents: &Contents,
    runtime: &Contents,
    out: &Path,
    request: &AuditRequest,
) -> Result<Audit, AuditError> {
    let path = Path::new(&artifact.path);
    let mut audit = match artifact.kind {
        ArtifactKind::Wheel => {
            let archive =
                zip::Archive::open(&out.join(path), request.limits()).map_err(io::Error::other)?;
            wheel::audit(path, &archive, contents, request)
        }
        ArtifactKind::Npm => npm::audit(path, artifact.size, contents, request),
        ArtifactKind::Crate => {
            let disk = out.join(path);
            let payload = PayloadCheck::AsWritten(runtime);
            krate::audit_directory(path, &disk, contents, payload, request)?
        }
    };
    // Nobody compares it with what it was made of.
    audit.compared = Compared::default();
    Ok(audit)
}

fn read_wheel(path: &Path, request: &AuditRequest) -> Result<Audit, contents::ContentsError> {
    let archive = zip::Archive::open(path, request.limits())?;
    let contents = read_zip(&archive, request.jobs)?;
    Ok(wheel::audit(path, &archive, &contents, request))
}

fn read_npm(path: &Path, request: &AuditRequest) -> Result<Audit, contents::ContentsError> {
    let file = fs::File::open(path)?;
    let size = file.metadata()?.len();
    let input = GzipReader::new(BufReader::with_capacity(1 << 17, file));
    let contents = read_tar(
        tar::Reader::new(input, path, request.limits()),
        request.jobs,
    )?;
    Ok(npm::audit(path, size, &contents, request))
}
