//! What is to be audited, told from its bytes.

use std::io::{self, BufReader, Read as _};
use std::path::Path;

use fs_err as fs;

use super::finding::Findings;
use super::krate::Payload;
use super::{Audit, Error, Kind, Request, archive, krate, npm, rules, runtime, staged, wheel};
use crate::contents;
use crate::contents::{Contents, read_directory, read_tar, read_zip};
use strict_archive::{Fault, GzipReader, ZstdReader, tar, zip};

/// Audits whatever is at `path`.
pub(super) fn audit(path: &Path, request: &Request) -> Result<Vec<Audit>, Error> {
    if staged::is_staging_directory(path) {
        staged::audit(path, request)
    } else {
        Ok(vec![audit_artifact(path, request)?])
    }
}

/// Audits the artifact at `path`.
pub(super) fn audit_artifact(path: &Path, request: &Request) -> Result<Audit, Error> {
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_symlink() => {
            return Err(unknown(path, "a link that leads nowhere"));
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
    file.by_ref().take(4).read_to_end(&mut head)?;
    drop(file);
    match head[..] {
        [b'P', b'K', ..] => zipped(path, request),
        [0x1f, 0x8b, ..] => {
            let input = BufReader::new(fs::File::open(path)?);
            tarred(path, GzipReader::new(input), request)
        }
        [0x28, 0xb5, 0x2f, 0xfd] => {
            let input = ZstdReader::new(BufReader::new(fs::File::open(path)?))?;
            tarred(path, input, request)
        }
        _ => match Kind::of_name(path) {
            // What was put before an archive is a fault of the archive.
            Some(Kind::Wheel) => zipped(path, request),
            Some(kind) => {
                let detail = "it does not begin like an archive".to_owned();
                Ok(malformed(path, kind, detail))
            }
            None => Err(unknown(path, "nothing that is published as a package")),
        },
    }
}

fn directory(path: &Path, request: &Request) -> Result<Audit, Error> {
    // Before all of it is read: it may be anybody's home.
    let marks = ["Cargo.toml", &request.product.bundle.metadata];
    if !marks.iter().any(|mark| path.join(mark).exists()) {
        return Err(unknown(path, "a directory without a package in it"));
    }
    let contents = match read_directory(path, request.limits(), request.jobs) {
        Ok(contents) => contents,
        Err(error) => return container_fault(path, Kind::Runtime, error),
    };
    if contents.get("Cargo.toml").is_some() {
        krate::audit_directory(path, path, &contents, Payload::Read, request)
    } else if contents.get(&request.product.bundle.metadata).is_some() {
        Ok(runtime::audit(path, &contents, request))
    } else {
        Err(unknown(path, "a directory without a package in it"))
    }
}

fn zipped(path: &Path, request: &Request) -> Result<Audit, Error> {
    let kind = Kind::of_name(path).unwrap_or(Kind::Runtime);
    let archive = match zip::Archive::open(path, request.limits()) {
        Ok(archive) => archive,
        Err(error) => return container_fault(path, kind, error.into()),
    };
    match read_zip(&archive, request.jobs) {
        Ok(contents) if wheel::is_one(&contents) || kind == Kind::Wheel => {
            Ok(wheel::audit(path, &archive, &contents, request))
        }
        Ok(contents) if contents.get(&request.product.bundle.metadata).is_some() => {
            Ok(runtime::audit(path, &contents, request))
        }
        Ok(_) => Err(unknown(path, "a zip without a package in it")),
        Err(error) => container_fault(path, kind, error),
    }
}

fn tarred(path: &Path, input: impl io::Read, request: &Request) -> Result<Audit, Error> {
    let contents = match read_tar(
        tar::Reader::new(input, path, request.limits()),
        request.jobs,
    ) {
        Ok(contents) => contents,
        Err(error) => {
            let kind = Kind::of_name(path).unwrap_or(Kind::Runtime);
            return container_fault(path, kind, error);
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

/// A fault of the archive is a finding; one of the system is not.
pub(super) fn container_fault(
    path: &Path,
    kind: Kind,
    error: contents::ContentsError,
) -> Result<Audit, Error> {
    let error = match error {
        contents::ContentsError::Io(error) => return Err(error.into()),
        contents::ContentsError::Container(error) => error,
    };
    if matches!(error.fault(), Fault::Io(_)) {
        return Err(Error::Io(io::Error::other(error.to_string())));
    }
    let mut findings = Findings::default();
    archive::fault(&error, &mut findings);
    Ok(Audit::new(path, kind, &Contents::default(), findings))
}

fn malformed(path: &Path, kind: Kind, detail: String) -> Audit {
    let mut findings = Findings::default();
    findings.add(&rules::archive::MALFORMED, detail);
    Audit::new(path, kind, &Contents::default(), findings)
}

fn unknown(path: &Path, what: &str) -> Error {
    Error::Unknown {
        path: path.to_owned(),
        what: what.to_owned(),
    }
}

impl Kind {
    /// What a file is meant to be, by its name.
    fn of_name(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        match extension.to_ascii_lowercase().as_str() {
            "whl" => Some(Self::Wheel),
            "tgz" => Some(Self::Npm),
            "crate" => Some(Self::Crate),
            "gz" | "zst" | "zip" => Some(Self::Runtime),
            _ => None,
        }
    }
}
