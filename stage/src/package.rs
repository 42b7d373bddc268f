//! From a bundle and its compressed content to artifacts.
//!
//! A packager decides what an artifact contains: an ordered list of entries, each literal bytes or
//! a file of the bundle. Writers of the containers turn such a list into bytes, and hash them on
//! the way. Nothing here knows where artifacts end up: they are written into a directory that the
//! caller gives, and come back as an [`Artifact`].

mod contents;
pub mod crates;
pub mod entry;
pub mod index;
pub mod npm;
mod payload;
pub mod sbom;
mod tgz;
pub mod wheel;
mod zip;

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{fmt, io};

use crate::base::failpoint;
use crate::base::failure::Advice;
use crate::base::files::io_help;
use crate::base::parallel;
use crate::bundle::Bundle;
use crate::compress::Compressed;
use crate::contents::Contents;
use crate::product::Platform;
use crate::product::Product;
use crate::record::Effort;
use crate::record::{Artifact, Recipe};
use crate::version::ReleaseVersion;
use native_claims::WheelTags;

use crate::record::timestamp::Timestamp;

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
    /// What is in the bundle, as the audit of the artifacts sees it.
    pub contents: &'a Contents,
    /// The content of the bundle's files.
    pub compressed: &'a Compressed,
    /// How hard the content was compressed.
    pub effort: Effort,
    /// The time of every entry that has one.
    pub timestamp: Timestamp,
    /// Where the artifact is written, at its path in a staging directory.
    pub out: &'a Path,
}

/// Something to make.
#[derive(Clone, Debug)]
pub enum Task {
    /// The wheel for a set of tags.
    Wheel(WheelTags),
    /// The platform crate and its part crates.
    Crates,
    /// The npm package.
    Npm,
}

/// An artifact that was made, and what it took.
#[derive(Clone, Debug)]
pub struct Made {
    /// The artifact.
    pub artifact: Artifact,
    /// Bytes of the runtime that it carries.
    pub content_size: u64,
    /// The time that it took, without the compression that artifacts share.
    pub elapsed: Duration,
}

/// Makes artifacts, several at once on as many threads. They come back in the order of the tasks,
/// each with what `look` says of it and its contents. These are gone by then: they have a record of
/// each file of the runtime.
pub fn write<T: Send>(
    input: &Input,
    tasks: &[Task],
    jobs: NonZeroUsize,
    look: impl Fn(&Artifact, &Contents) -> T + Sync,
) -> Result<Vec<(Made, T)>, Error> {
    let recipe = Recipe {
        stage: env!("CARGO_PKG_VERSION").to_owned(),
        source_date_epoch: input.timestamp.seconds(),
        compression: input.effort,
    };
    let made = parallel::map(jobs, tasks, |task| -> Result<Vec<_>, Error> {
        let made = task.write(input)?.into_iter();
        let seen = made.map(|(mut made, contents)| {
            made.artifact.recipe = Some(recipe.clone());
            let seen = look(&made.artifact, &contents);
            (made, seen)
        });
        Ok(seen.collect())
    })?;
    let made = made.into_iter().flatten().collect::<Vec<_>>();
    for (Made { artifact, .. }, _) in &made {
        let hard = artifact.kind.limits(input.product).hard_bytes;
        if let Some(limit) = hard.filter(|limit| artifact.size > *limit) {
            let (path, size) = (artifact.path.clone(), artifact.size);
            return Err(Error::TooLarge { path, size, limit });
        }
    }
    Ok(made)
}

impl Task {
    /// The artifacts, and what is in each.
    fn write(&self, input: &Input) -> Result<Vec<(Made, Contents)>, Error> {
        let start = Instant::now();
        let whole = |(artifact, contents)| {
            let made = Made {
                artifact,
                content_size: input.bundle.files().iter().map(|file| file.size).sum(),
                elapsed: start.elapsed(),
            };
            (made, contents)
        };
        let made = match self {
            Self::Wheel(tags) => vec![whole(wheel::write(input, tags)?)],
            Self::Npm => vec![whole(npm::write(input)?)],
            Self::Crates => crates::write(input)?,
        };
        failpoint::step(&format!("{self} written"));
        Ok(made)
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wheel(tags) => write!(f, "wheel for {tags}"),
            Self::Crates => f.write_str("crates"),
            Self::Npm => f.write_str("npm package"),
        }
    }
}

/// An artifact that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The bill of materials could not be written.
    #[error("the bill of materials cannot be written")]
    Sbom(#[from] serde_json::Error),
    /// The bundle has a file that the package writes itself.
    #[error("the runtime has a file {path:?}, which the {package} writes itself")]
    Conflict {
        /// The file, relative to the bundle.
        path: String,
        /// What is being made.
        package: &'static str,
    },
    /// No registry would take it.
    #[error("{path} has {size} bytes, and the registry's hard limit is {limit}")]
    TooLarge {
        /// The artifact.
        path: String,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The payload needs more crates than the platform has.
    #[error(
        "the payload for {target} has {bytes} bytes: that takes {needed} crates of at most {limit} \
         bytes, and its platform file allows {parts}"
    )]
    TooFewParts {
        /// The target.
        target: String,
        /// Bytes of the payload.
        bytes: u64,
        /// How many crates it takes.
        needed: u16,
        /// How many crates there are.
        parts: u16,
        /// The registry's limit for a crate.
        limit: u64,
    },
    /// A piece of the payload is too large for any crate.
    #[error(
        "the payload has a piece of {bytes} bytes, and a crate of at most {limit} bytes has no \
         room for it"
    )]
    TooSmallParts {
        /// Bytes of the piece.
        bytes: u64,
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
            Self::Sbom(_) => {
                "report this as a bug of `stage`, with the names of the runtime's files".into()
            }
            Self::TooLarge { .. } => "a registry grants nothing beyond its hard limit: use \
                 --compression best, or ship a runtime with less in it"
                .into(),
            Self::TooFewParts { target, needed, .. } => format!(
                "raise `crate.parts` in platforms/{target}.toml to {needed} or more, with room; or \
                 say with --max-crate-size, or `crate.limits` in stage.toml, that the registry \
                 takes more"
            ),
            Self::TooSmallParts { .. } => "a piece has at most some 4 MiB: with a limit of 5 MiB \
                 there is room for every one"
                .into(),
        }
    }
}
