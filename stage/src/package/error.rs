use std::io;

use crate::base::failure::Advice;
use crate::base::files::io_help;

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
