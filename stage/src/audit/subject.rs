//! One artifact, whose kind is told from its bytes.

use std::io::{self, BufReader, Read as _};
use std::path::Path;

use fs_err as fs;

use super::error::AuditError;
use super::finding::Findings;
use super::kind::SubjectKind;
use super::krate::PayloadCheck;
use super::outcome::Audit;
use super::request::AuditRequest;
use super::{archive, krate, npm, rules, runtime, wheel};
use crate::contents::{Contents, read_directory, read_tar, read_zip};
use strict_archive::{Compression, tar, zip};

/// Audits the artifact at `path`.
pub(super) fn audit_artifact(path: &Path, request: &AuditRequest) -> Result<Audit, AuditError> {
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_symlink() => {
            return Err(unknown(path, "a link that leads nowhere"));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let reason = format!("{} does not exist", path.display());
            return Err(io::Error::new(error.kind(), reason).into());
        }
        metadata => metadata?,
    };
    if metadata.is_dir() {
        return directory(path, request);
    }
    if !metadata.is_file() {
        return Err(unknown(path, "neither a file nor a directory"));
    }
    let mut head = Vec::new();
    let mut file = fs::File::open(path)?;
    file.by_ref().take(6).read_to_end(&mut head)?;
    drop(file);
    if let Some(compression) = Compression::of(&head) {
        let input = compression.reader(BufReader::new(fs::File::open(path)?))?;
        return tarred(path, input, request);
    }
    match head[..] {
        [b'P', b'K', ..] => zipped(path, request),
        _ => match SubjectKind::of_name(path) {
            // What was put before an archive is a fault of the archive.
            Some(SubjectKind::Wheel) => zipped(path, request),
            Some(kind) => {
                let detail = "it does not begin like an archive".to_owned();
                Ok(malformed(path, kind, detail))
            }
            None => Err(unknown(path, "nothing that is published as a package")),
        },
    }
}

fn directory(path: &Path, request: &AuditRequest) -> Result<Audit, AuditError> {
    // Before all of it is read: it may be anybody's home.
    let marks = ["Cargo.toml", &request.product.bundle.metadata];
    if !marks.iter().any(|mark| path.join(mark).exists()) {
        return Err(unknown(path, "a directory without a package in it"));
    }
    let contents = match read_directory(path, request.limits(), request.jobs) {
        Ok(contents) => contents,
        Err(error) => return archive::audit_unreadable(path, SubjectKind::Runtime, error),
    };
    if contents.get("Cargo.toml").is_some() {
        krate::audit_directory(path, path, &contents, PayloadCheck::Read, request)
    } else if contents.get(&request.product.bundle.metadata).is_some() {
        Ok(runtime::audit(path, &contents, request))
    } else {
        Err(unknown(path, "a directory without a package in it"))
    }
}

fn zipped(path: &Path, request: &AuditRequest) -> Result<Audit, AuditError> {
    let kind = SubjectKind::of_name(path).unwrap_or(SubjectKind::Runtime);
    let archive = match zip::Archive::open(path, request.limits()) {
        Ok(archive) => archive,
        Err(error) => return archive::audit_unreadable(path, kind, error.into()),
    };
    match read_zip(&archive, request.jobs) {
        Ok(contents) if wheel::is_one(&contents) || kind == SubjectKind::Wheel => {
            Ok(wheel::audit(path, &archive, &contents, request))
        }
        Ok(contents) if contents.get(&request.product.bundle.metadata).is_some() => {
            Ok(runtime::audit(path, &contents, request))
        }
        Ok(_) => Err(unknown(path, "a zip without a package in it")),
        Err(error) => archive::audit_unreadable(path, kind, error),
    }
}

fn tarred(path: &Path, input: impl io::Read, request: &AuditRequest) -> Result<Audit, AuditError> {
    let contents = match read_tar(
        tar::Reader::new(input, path, request.limits()),
        request.jobs,
    ) {
        Ok(contents) => contents,
        Err(error) => {
            let kind = SubjectKind::of_name(path).unwrap_or(SubjectKind::Runtime);
            return archive::audit_unreadable(path, kind, error);
        }
    };
    let size = fs::metadata(path)?.len();
    if contents.get(&request.product.bundle.metadata).is_some() {
        Ok(runtime::audit(path, &contents, request))
    } else if npm::is_named_like_one(&contents) {
        Ok(npm::audit(path, size, &contents, request))
    } else if let Some(root) = krate::root(&contents) {
        krate::audit_file(path, size, root, &contents, request)
    } else if npm::is_one(&contents) {
        Ok(npm::audit(path, size, &contents, request))
    } else {
        Err(unknown(path, "an archive without a package in it"))
    }
}

fn malformed(path: &Path, kind: SubjectKind, detail: String) -> Audit {
    let mut findings = Findings::default();
    findings.add(&rules::archive::MALFORMED, detail);
    Audit::new(path, kind, &Contents::default(), findings)
}

fn unknown(path: &Path, what: &str) -> AuditError {
    AuditError::Unknown {
        path: path.to_owned(),
        what: what.to_owned(),
    }
}
