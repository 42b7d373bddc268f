//! The runtime as an artifact carries it, read from the bytes of the artifact.
//!
//! A manifest says what `stage` put in. That users of each ecosystem get the same files is told by
//! what is really there, down to the digest of every file. Content streams past: memory does not
//! grow with it.

mod payload;

use std::io::{self, BufReader};
use std::path::Path;

use fs_err::File;
use sha2::{Digest as _, Sha256};

use crate::container::{self, GzipReader, Limits, tar, zip};
use crate::digest::Digest;
use crate::package::{Kind, npm, wheel};
use crate::product::Product;
use crate::release::manifest::{BundleRecord, FileRecord, Manifest};

/// An artifact in which the runtime cannot be found.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is no archive of its kind.
    #[error("it is damaged: {0}")]
    Container(#[from] container::Error),
    /// It has something in the tree that is no file.
    #[error("it is damaged: {0:?} is no file")]
    NotAFile(String),
    /// The payload of the crates is not what `stage` writes.
    #[error("it is damaged: {0}")]
    Payload(String),
}

/// The files of the runtime in an artifact that is a single file.
pub fn in_archive(
    kind: Kind,
    path: &Path,
    product: &Product,
    target: &str,
) -> Result<Vec<FileRecord>, Error> {
    let limits = Limits {
        // The package's own files come on top of the runtime's.
        entries: product.bundle.limits.entries.saturating_add(1000),
        unpacked_bytes: product.bundle.limits.unpacked_bytes.saturating_add(1 << 30),
    };
    match kind {
        Kind::Npm => {
            let directory = format!("package/{}", npm::tree_directory(target));
            in_tarball(path, limits, &directory)
        }
        Kind::Wheel | Kind::Crate => in_wheel(path, limits, &product.wheel.import_package),
    }
}

/// The files of the runtime in the crates of a target, `root` being the staging directory.
pub fn in_crates(root: &Path, manifest: &Manifest) -> Result<Vec<FileRecord>, Error> {
    payload::read(root, manifest)
}

fn in_wheel(path: &Path, limits: Limits, package: &str) -> Result<Vec<FileRecord>, Error> {
    let archive = zip::Archive::open(path, limits)?;
    let mut files = Vec::new();
    for entry in archive.entries() {
        let mut content = archive.content(entry);
        let mut hash = Sha256::new();
        loop {
            match content.chunk()? {
                [] => break,
                chunk => hash.update(chunk),
            }
        }
        let Some(name) = entry
            .name
            .below(package)
            .filter(|name| !wheel::is_added(name))
        else {
            continue;
        };
        if entry.kind != zip::Kind::File {
            return Err(Error::NotAFile(entry.name.as_str().to_owned()));
        }
        let mode = entry.mode.unwrap_or_default();
        files.push(record(name, mode, entry.size, hash));
    }
    Ok(files)
}

fn in_tarball(path: &Path, limits: Limits, directory: &str) -> Result<Vec<FileRecord>, Error> {
    let input = BufReader::with_capacity(1 << 17, File::open(path)?);
    let mut reader = tar::Reader::new(GzipReader::new(input), path, limits);
    let mut files = Vec::new();
    while let Some(entry) = reader.next_entry()? {
        let Some(name) = entry.name.below(directory) else {
            continue;
        };
        if entry.kind != tar::Kind::File {
            return Err(Error::NotAFile(entry.name.as_str().to_owned()));
        }
        let mut hash = Sha256::new();
        loop {
            match reader.chunk()? {
                [] => break,
                chunk => hash.update(chunk),
            }
        }
        files.push(record(name, entry.mode, entry.size, hash));
    }
    Ok(files)
}

fn record(path: &str, mode: u32, size: u64, hash: Sha256) -> FileRecord {
    FileRecord {
        path: path.to_owned(),
        mode: format!("{:04o}", mode & 0o7777),
        size,
        sha256: Digest::from(<[u8; 32]>::from(hash.finalize())),
    }
}

/// How files differ from those of a runtime: nothing, or a text.
pub fn difference(expected: &BundleRecord, mut found: Vec<FileRecord>) -> Option<String> {
    /// Files that are named before the rest is counted.
    const NAMED: usize = 3;

    found.sort_by(|a, b| a.path.cmp(&b.path));
    if BundleRecord::digest(&found) == expected.sha256 {
        return None;
    }
    let of = |files: &[FileRecord], path: &str| {
        let place = files.binary_search_by(|file| (*file.path).cmp(path));
        place.ok().and_then(|place| files.get(place)).cloned()
    };
    let mut differences = Vec::new();
    for file in &expected.files {
        match of(&found, &file.path) {
            None => differences.push(format!("{:?} is missing", file.path)),
            Some(there) if there == *file => {}
            Some(there) if there.mode != file.mode => differences.push(format!(
                "{:?} has the mode {} and not {}",
                file.path, there.mode, file.mode
            )),
            Some(_) => differences.push(format!("{:?} has other content", file.path)),
        }
    }
    for file in found {
        if of(&expected.files, &file.path).is_none() {
            differences.push(format!("{:?} is not in it", file.path));
        }
    }
    let more = differences.len().saturating_sub(NAMED);
    differences.truncate(NAMED);
    let text = differences.join(", ");
    Some(match more {
        0 => text,
        more => format!("{text}, and {more} more"),
    })
}
