use std::io;

use crate::base::failure::Advice;
use crate::base::files::io_help;
use crate::record::installed::Clash;

/// Why an artifact could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// A file could not be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The bill of materials could not be written.
    #[error("the bill of materials cannot be written")]
    Sbom(#[from] serde_json::Error),
    /// The bundle has a file with the path of one that `stage` writes itself.
    #[error("the runtime has a file {path:?}, which `stage` writes itself into the {package}")]
    Conflict {
        /// The file, relative to the bundle.
        path: String,
        /// The kind of package that is being made.
        package: &'static str,
    },
    /// The wheels are to install the executables as scripts, and the runtime has other files too.
    #[error(
        "`wheel.commands` is \"scripts\", and the runtime for {target} has {path:?}, which is data"
    )]
    DataBesideScripts {
        /// The file, relative to the bundle.
        path: String,
        /// The target.
        target: String,
    },
    /// Two files of the runtime go to one place.
    #[error(transparent)]
    Clash(#[from] Clash),
    /// The artifact exceeds the registry's hard limit.
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
        "the payload for {target} has {bytes} bytes: it needs {needed} crates of at most {limit} \
         bytes, and its platform file allows {parts}"
    )]
    TooFewParts {
        /// The target.
        target: String,
        /// Bytes of the payload.
        bytes: u64,
        /// How many crates it needs.
        needed: u16,
        /// How many crates the platform has.
        parts: u16,
        /// The registry's limit for a crate.
        limit: u64,
    },
    /// A piece of the payload is too large for any crate.
    #[error(
        "the payload has a piece of {bytes} bytes, which does not fit in a crate of at most \
         {limit} bytes"
    )]
    TooSmallParts {
        /// Bytes of the piece.
        bytes: u64,
        /// The registry's limit for a crate.
        limit: u64,
    },
}

impl Advice for PackageError {
    fn help(&self) -> String {
        match self {
            Self::Io(error) => io_help(error),
            Self::Conflict { .. } => {
                "if these are the files of an unpacked package, stage the package itself, or the runtime \
                 as it is published; if the runtime needs this file, rename it or move it into a \
                 directory of the runtime; or leave \"wheel\" out of `product.formats` in stage.toml"
                    .into()
            }
            Self::DataBesideScripts { .. } => {
                "the executables of scripts lie alone; take `wheel.commands` out of stage.toml, so that \
                 wheels of this target have entry points, or leave the file out of the runtime"
                    .into()
            }
            Self::Clash(_) => {
                "leave one of them out of the runtime, or set `wheel.commands` to \"entry-points\" in \
                 stage.toml, so that the files stay where they are"
                    .into()
            }
            Self::Sbom(_) => {
                "report this as a bug of `stage`, with the names of the runtime's files".into()
            }
            Self::TooLarge { .. } => "a registry grants nothing beyond its hard limit: use \
                --compression best, or ship a runtime with less in it"
                .into(),
            Self::TooFewParts { target, needed, .. } => format!(
                "raise `crate.parts` in platforms/{target}.toml to {needed} or more, with room to \
                 grow; or raise the limit with --max-crate-size, or `crate.limits` in stage.toml, \
                 if the registry accepts more"
            ),
            Self::TooSmallParts { .. } => "use a limit of at least 5 MiB, in which every piece \
                fits: a piece has at most some 4 MiB"
                .into(),
        }
    }
}
