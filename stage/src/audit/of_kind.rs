//! Artifacts whose kind is known: those that a manifest names.

use std::io::BufReader;
use std::path::Path;

use fs_err as fs;

use super::krate::{self, Payload};
use super::{Audit, Error, Kind, Request, npm, subject, wheel};
use crate::contents;
use crate::contents::{read_directory, read_tar, read_zip};
use crate::record;
use strict_archive::{GzipReader, tar, zip};

/// Audits an artifact.
pub(super) fn audit(
    kind: record::ArtifactKind,
    path: &Path,
    request: &Request,
) -> Result<Audit, Error> {
    let (kind, result) = match kind {
        record::ArtifactKind::Wheel => (Kind::Wheel, wheel(path, request)),
        record::ArtifactKind::Npm => (Kind::Npm, npm(path, request)),
        record::ArtifactKind::Crate => {
            return match read_directory(path, request.limits(), request.jobs) {
                Ok(contents) => {
                    krate::audit_directory(path, path, &contents, Payload::Read, request)
                }
                Err(error) => subject::container_fault(path, Kind::Crate, error),
            };
        }
    };
    result.or_else(|error| subject::container_fault(path, kind, error))
}

fn wheel(path: &Path, request: &Request) -> Result<Audit, contents::ContentsError> {
    let archive = zip::Archive::open(path, request.limits())?;
    let contents = read_zip(&archive, request.jobs)?;
    Ok(wheel::audit(path, &archive, &contents, request))
}

fn npm(path: &Path, request: &Request) -> Result<Audit, contents::ContentsError> {
    let file = fs::File::open(path)?;
    let size = file.metadata()?.len();
    let input = GzipReader::new(BufReader::with_capacity(1 << 17, file));
    let contents = read_tar(
        tar::Reader::new(input, path, request.limits()),
        request.jobs,
    )?;
    Ok(npm::audit(path, size, &contents, request))
}
