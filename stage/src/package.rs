//! From a bundle and its compressed content to artifacts.
//!
//! A packager decides what an artifact contains: an ordered list of entries, each literal bytes or
//! a file of the bundle. Writers of the containers turn such a list into bytes, and hash them on
//! the way. Nothing here knows where artifacts end up: they are written into a directory that the
//! caller gives, and come back as an [`Artifact`].

pub mod crates;
pub mod entry;
pub(crate) mod hashed;
pub mod names;
pub mod npm;
mod payload;
pub mod sbom;
mod tgz;
pub mod timestamp;
pub mod wheel;
mod zip;

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{fmt, io};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::audit::contents::Contents;
use crate::bundle::Bundle;
use crate::compress::{Compressed, Effort};
use crate::digest::Digest;
use crate::failpoint;
use crate::failure::Advice;
use crate::parallel;
use crate::platform::{Platform, WheelTags};
use crate::product::{Product, SizeLimits};
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

/// A finished artifact, as the manifest of its target names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// The files of a crate's directory, sorted by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<ListedFile>,
    /// How it was made from the runtime; nothing for what a release has once for all platforms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<Recipe>,
}

/// A file, by its path and content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListedFile {
    /// Relative to the directory that lists it, with `/`.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the content.
    pub sha256: Digest,
}

/// What decides, beside the runtime, the bytes of an artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The version of `stage`.
    pub stage: String,
    /// The time of every entry that has one, in seconds since 1970: `SOURCE_DATE_EPOCH`.
    pub source_date_epoch: u64,
    /// `--compression`.
    pub compression: Effort,
}

impl Artifact {
    /// A single file.
    #[must_use]
    pub fn file(kind: Kind, path: String, (size, sha256): (u64, Digest)) -> Self {
        Self {
            kind,
            path,
            size,
            sha256,
            files: Vec::new(),
            recipe: None,
        }
    }

    /// The directory of a crate, with these files.
    #[must_use]
    pub fn directory(path: String, files: Vec<ListedFile>) -> Self {
        Self {
            kind: Kind::Crate,
            path,
            size: files.iter().map(|file| file.size).sum(),
            sha256: Self::digest_of_list(&files),
            files,
            recipe: None,
        }
    }

    /// Whether the digest and the size are those of the list of files, where there has to be one.
    #[must_use]
    pub fn agrees_with_its_files(&self) -> bool {
        let sizes = self.files.iter().map(|file| file.size);
        let size = sizes.fold(0, u64::saturating_add);
        match self.kind {
            Kind::Crate => (self.size, self.sha256) == (size, Self::digest_of_list(&self.files)),
            Kind::Wheel | Kind::Npm => self.files.is_empty(),
        }
    }

    /// The digest of a list of files: of a line `DIGEST  PATH` for each.
    #[must_use]
    pub fn digest_of_list(files: &[ListedFile]) -> Digest {
        let lines = files
            .iter()
            .map(|ListedFile { path, sha256, .. }| format!("{sha256}  {path}\n"));
        Digest::of(lines.collect::<String>().as_bytes())
    }

    /// Every file of the artifact, by its path in the staging directory.
    #[must_use]
    pub fn all_files(&self) -> Vec<ListedFile> {
        let Self {
            path,
            size,
            sha256,
            files,
            ..
        } = self;
        if self.kind == Kind::Crate {
            let inside = |file: &ListedFile| ListedFile {
                path: format!("{path}/{}", file.path),
                ..file.clone()
            };
            files.iter().map(inside).collect()
        } else {
            let (path, size, sha256) = (path.clone(), *size, *sha256);
            vec![ListedFile { path, size, sha256 }]
        }
    }
}

/// A kind of artifact.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A Python wheel.
    Wheel,
    /// The directory of a Rust crate.
    Crate,
    /// The tarball of an npm package.
    Npm,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Wheel, Self::Crate, Self::Npm];

    /// What people call an artifact of this kind.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Wheel => "wheel",
            Self::Crate => "crate",
            Self::Npm => "npm package",
        }
    }

    /// The directory of a staging directory that holds artifacts of this kind.
    #[must_use]
    pub fn directory(self) -> &'static str {
        match self {
            Self::Wheel => "wheels",
            Self::Crate => "crates",
            Self::Npm => "npm",
        }
    }

    /// How large the registry takes artifacts of this kind to be.
    pub fn limits(self, product: &Product) -> SizeLimits {
        match self {
            Self::Wheel => product.wheel.limits,
            Self::Crate => product.krate.limits,
            Self::Npm => product.npm.limits,
        }
    }
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
