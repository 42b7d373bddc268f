//! From a bundle and its compressed content to artifacts.
//!
//! A packager decides what an artifact contains: an ordered list of entries, each literal bytes or
//! a file of the bundle. Writers of the containers turn such a list into bytes, and hash them on
//! the way. Nothing here knows where artifacts end up: they are written into a directory that the
//! caller gives, and come back as an [`Artifact`].

pub mod crates;
mod hashed;
mod payload;
pub mod timestamp;
pub mod wheel;
mod zip;

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::bundle::Bundle;
use crate::compress::Compressed;
use crate::digest::Digest;
use crate::failure::Advice;
use crate::platform::Platform;
use crate::product::Product;
use crate::staging::io_help;
use crate::version::ReleaseVersion;

use timestamp::Timestamp;

/// What every packager works from.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// Names and texts.
    pub product: &'a Product,
    /// The version of the runtime, and of every artifact.
    pub version: ReleaseVersion,
    /// The target of the bundle.
    pub platform: &'a Platform,
    /// The runtime.
    pub bundle: &'a Bundle,
    /// The content of the bundle's files.
    pub compressed: &'a Compressed,
    /// The time of every entry that has one.
    pub timestamp: Timestamp,
    /// Where the artifact is written, at its path in a staging directory.
    pub out: &'a Path,
}

/// A finished artifact, as the manifest of its target names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// What it is.
    pub kind: Kind,
    /// Where it lies in the staging directory, with `/`.
    pub path: String,
    /// Bytes of the file, or of all files of a crate's directory.
    pub size: u64,
    /// SHA-256 of the file. For a crate's directory: of its list of files, a line `DIGEST  PATH`
    /// for each, sorted by path.
    pub sha256: Digest,
}

/// A kind of artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A Python wheel.
    Wheel,
    /// The directory of a Rust crate.
    Crate,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Wheel, Self::Crate];

    /// The directory of a staging directory that holds artifacts of this kind.
    #[must_use]
    pub fn directory(self) -> &'static str {
        match self {
            Self::Wheel => "wheels",
            Self::Crate => "crates",
        }
    }
}

/// An artifact that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The bundle has a file that the package writes itself.
    #[error("the runtime has a file {path:?}, which the {package} writes itself")]
    Conflict {
        /// The file, relative to the bundle.
        path: String,
        /// What is being made.
        package: &'static str,
    },
    /// The payload needs more crates than the platform has.
    #[error(
        "the payload for {target} has {bytes} bytes, which takes more than the {parts} crates of \
         at most {limit} bytes that its platform file allows"
    )]
    TooFewParts {
        /// The target.
        target: String,
        /// Bytes of the payload.
        bytes: u64,
        /// How many crates there are.
        parts: u16,
        /// The registry's limit for a crate.
        limit: u64,
    },
}

impl Advice for Error {
    fn help(&self) -> String {
        match self {
            Self::Io(error) => io_help(error),
            Self::Conflict { .. } => {
                "stage the runtime as it is published, without files of a package around it".into()
            }
            Self::TooFewParts { target, .. } => {
                format!(
                    "raise `crate.parts` in platforms/{target}.toml, or `crate.max-bytes` in \
                         stage.toml to what the registry grants"
                )
            }
        }
    }
}
