//! Artifacts whose kind is known: those that a manifest names.

use std::io::BufReader;
use std::path::Path;

use fs_err as fs;

use super::contents::{self, Contents, read_directory, read_tar, read_zip};
use super::krate::Payload;
use super::{Audit, Error, Kind, Request, krate, npm, subject, wheel};
use crate::container::{GzipReader, tar, zip};
use crate::package;

/// Reads an artifact once: for the rules, and for the caller, who gets what is in it unless it
/// cannot be read to the end.
pub(super) fn audit(
    kind: package::Kind,
    path: &Path,
    request: &Request,
) -> Result<(Audit, Option<Contents>), Error> {
    let (audited, read) = match kind {
        package::Kind::Wheel => (Kind::Wheel, wheel(path, request)),
        package::Kind::Npm => (Kind::Npm, npm(path, request)),
        package::Kind::Crate => (Kind::Crate, krate(path, request)),
    };
    match read {
        Ok((audit, contents)) => Ok((audit, Some(contents))),
        Err(error) => Ok((subject::container_fault(path, audited, error)?, None)),
    }
}

fn wheel(path: &Path, request: &Request) -> Result<(Audit, Contents), contents::Error> {
    let archive = zip::Archive::open(path, request.limits())?;
    let contents = read_zip(&archive, request.jobs)?;
    Ok((wheel::audit(path, &archive, &contents, request), contents))
}

fn npm(path: &Path, request: &Request) -> Result<(Audit, Contents), contents::Error> {
    let input = GzipReader::new(BufReader::with_capacity(1 << 17, fs::File::open(path)?));
    let contents = read_tar(tar::Reader::new(input, path, request.limits()))?;
    let size = fs::metadata(path)?.len();
    let audit = npm::audit(path, size, npm::DIRECTORY, &contents, request);
    Ok((audit, contents))
}

fn krate(path: &Path, request: &Request) -> Result<(Audit, Contents), contents::Error> {
    let contents = read_directory(path, request.limits(), request.jobs)?;
    let audit = krate::audit_directory(path, path, &contents, Payload::AsWritten, request)
        .map_err(std::io::Error::other)?;
    Ok((audit, contents))
}
