//! What a user hands in as RUNTIME, opened.
//!
//! Whatever the kind of RUNTIME, a [`Bundle`] is a directory and a sorted list of the files in it,
//! each with size, SHA-256, CRC-32 and mode. Nothing after this module knows what kind it was.
//! Archives are unpacked, and measured on the way; a directory is used where it lies, and so
//! whoever packages it measures what they read and compares.
//!
//! Each kind has its own file: `directory`, `tarball`, `zipfile`, `executable`. They give a
//! `Tree` of whatever there is; `open` and `place` find the bundle in it, and `check` holds what
//! remains against the layout in stage.toml and the caller's expectations.
//!
//! Modes are those that git knows: executable or not. A link becomes a copy of its file, since
//! neither wheels nor crates can carry links.
//!
//! Decided against: unpacking only what the bundle needs (a fault in the rest would go unseen);
//! asking for one kind of RUNTIME by option or by file name (the bytes say it); taking the
//! executable bit from what a file is (the published trees have executable `.json` files, and the
//! tree that comes out is the one that went in).

mod check;
mod directory;
mod error;
mod executable;
mod kind;
mod legacy;
mod metadata;
mod object;
mod open;
mod place;
mod tarball;
#[cfg(test)]
mod testing;
mod tree;
mod zipfile;

use std::num::NonZeroUsize;
use std::path::PathBuf;

pub use error::{BadLink, Error};
pub use legacy::LegacyFault;
pub use metadata::{Metadata, MetadataFault};
pub use object::Truncation;
pub use open::open;

use crate::base::digest::Digest;
use crate::product::Product;
use crate::product::{Platform, Selection};
use crate::version::ReleaseVersion;
use strict_archive::{Limits, PortablePath};

/// A runtime that was found whole and right: a directory, and what is in it.
#[derive(Clone, Debug)]
pub struct Bundle {
    root: PathBuf,
    files: Vec<BundleFile>,
    metadata: Metadata,
    platform: Platform,
    entrypoint: PortablePath,
    path_dir: Option<PortablePath>,
}

impl Bundle {
    /// Every file, sorted by the bytes of the path.
    #[must_use]
    pub fn files(&self) -> &[BundleFile] {
        &self.files
    }

    /// Where a file of the bundle is on disk. It may be a link there, to another file of the
    /// bundle.
    #[must_use]
    pub fn path_of(&self, file: &BundleFile) -> PathBuf {
        file.path.in_dir(&self.root)
    }

    /// What the bundle says of itself.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The target.
    #[must_use]
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// The program.
    #[must_use]
    pub fn entrypoint(&self) -> &PortablePath {
        &self.entrypoint
    }

    /// The directory that goes in front of `PATH`, if the metadata name one and it is there.
    #[must_use]
    pub fn path_dir(&self) -> Option<&PortablePath> {
        self.path_dir.as_ref()
    }
}

/// A file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleFile {
    /// Its path from the root.
    pub path: PortablePath,
    /// Whether its owner may execute it; it is packaged with mode 0755 or 0644.
    pub executable: bool,
    /// Bytes of content.
    pub size: u64,
    /// SHA-256 of the content.
    pub sha256: Digest,
    /// CRC-32 of the content.
    pub crc32: u32,
}

/// What a caller knows of the RUNTIME before it is opened.
#[derive(Clone, Copy, Debug)]
pub struct OpenRequest<'a> {
    /// The layout of bundles, how large they may be, and the targets that there are.
    pub product: &'a Product,
    /// The release that the bundle must be of.
    pub version: &'a ReleaseVersion,
    /// The tags that it must be for, if the caller named some.
    pub selection: Option<&'a Selection<'a>>,
    /// Threads that hash.
    pub jobs: NonZeroUsize,
}

impl OpenRequest<'_> {
    fn limits(&self) -> Limits {
        let limits = &self.product.bundle.limits;
        Limits {
            entries: limits.entries,
            unpacked_bytes: limits.unpacked_bytes,
        }
    }

    fn targets(&self) -> Vec<String> {
        self.product
            .platforms
            .iter()
            .map(|platform| platform.target.to_string())
            .collect()
    }
}

/// The owner's executable bit of a file, on systems that have one.
#[must_use]
pub fn is_executable(metadata: &std::fs::Metadata) -> bool {
    directory::executable(metadata).unwrap_or(false)
}

/// The owner's executable bit of a Unix mode.
const OWNER_EXECUTABLE: u32 = 0o100;
