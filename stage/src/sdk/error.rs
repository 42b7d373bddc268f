use std::io;

use crate::base::failure::Advice;
use crate::base::files::io_help;

/// Why an SDK cannot be pinned.
#[derive(Debug, thiserror::Error)]
pub enum SdkError {
    /// A file of the SDK cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is too large for a source tree.
    #[error("{source_name} has more than {limit} bytes of source")]
    TooLarge {
        /// The SDK.
        source_name: String,
        /// The most bytes that it may have.
        limit: u64,
    },
    /// The name of a file cannot be in a package.
    #[error("{0}")]
    Name(String),
    /// Something in the tree is not a file that can be copied.
    #[error("{path} is {what}")]
    NoFile {
        /// Where it lies.
        path: String,
        /// What it is.
        what: &'static str,
    },
    /// There is no manifest of a package.
    #[error("{0} has neither a Cargo.toml nor a pyproject.toml")]
    NoManifest(String),
    /// There are manifests of two packages.
    #[error("{0} has both a Cargo.toml and a pyproject.toml")]
    TwoManifests(String),
    /// Its manifest cannot be used.
    #[error("{file}: {reason}")]
    Manifest {
        /// The file.
        file: String,
        /// Why not.
        reason: String,
    },
    /// It has the name of a package of the runtime.
    #[error("{file}: `{name}` is the name of a package of the runtime")]
    OwnName {
        /// The file.
        file: String,
        /// The package's name.
        name: String,
    },
    /// No requirement names the runtime.
    #[error("{file} does not require the runtime: it names none of {}", names.join(", "))]
    NoPin {
        /// The file.
        file: String,
        /// The current name of the runtime's package, then its former names.
        names: Vec<String>,
    },
    /// Several requirements name the runtime.
    #[error("{file} requires the runtime {} times: {}", places.len(), places.join(", "))]
    SeveralPins {
        /// The file.
        file: String,
        /// Where they are in the manifest.
        places: Vec<String>,
    },
    /// The schema is of another runtime than the pin.
    #[error("the schema is of version {schema}, but the pin is {version}")]
    OtherSchema {
        /// The version that the schema's runtime has.
        schema: String,
        /// The version that the SDK is pinned to.
        version: String,
    },
    /// There is no file for generated types.
    #[error("{0} has no src/generated.rs, the file that generated types replace")]
    NoTypes(String),
    /// The types cannot be generated.
    #[error(transparent)]
    Types(#[from] schema_types::Error),
    /// The text is not a version in this ecosystem.
    #[error("{version:?} is not a version of a {what}")]
    Version {
        /// What was asked for.
        version: String,
        /// `Rust crate`, `Python package`.
        what: &'static str,
    },
}

/// A fault in a manifest, without the path of the manifest.
pub(super) enum PinFault {
    Manifest(String),
    NoPin(Vec<String>),
    OwnName(String),
    SeveralPins(Vec<String>),
    Version(String, &'static str),
}

impl PinFault {
    pub(super) fn at(self, file: &str) -> SdkError {
        let file = file.to_owned();
        match self {
            Self::Manifest(reason) => SdkError::Manifest { file, reason },
            Self::NoPin(names) => SdkError::NoPin { file, names },
            Self::OwnName(name) => SdkError::OwnName { file, name },
            Self::SeveralPins(places) => SdkError::SeveralPins { file, places },
            Self::Version(version, what) => SdkError::Version { version, what },
        }
    }
}

impl Advice for SdkError {
    fn help(&self) -> String {
        match self {
            Self::Io(error) => io_help(error),
            Self::TooLarge { .. } => {
                "name only the directory of the SDK, and exclude what is built in it with \
                 .gitignore"
                    .to_owned()
            }
            Self::Name(_) => "rename the file: no registry accepts this name".to_owned(),
            Self::NoFile { path, .. } => {
                format!("replace {path} with what belongs there, or name it in .gitignore")
            }
            Self::NoManifest(_) => {
                "--sdk-source takes the directory of one Cargo package or Python project".to_owned()
            }
            Self::TwoManifests(_) => {
                "move each package into a directory of its own, and stage them one by one"
                    .to_owned()
            }
            Self::Manifest { file, .. } => format!("correct {file}"),
            Self::NoPin { names, .. } => {
                let name = names.first().map_or("", String::as_str);
                format!("add a requirement of {name}, with any version, where the SDK uses it")
            }
            Self::OwnName { file, .. } => format!("give the package of {file} another name"),
            Self::SeveralPins { .. } => {
                "keep only one of them: each would install a runtime of its own".to_owned()
            }
            Self::OtherSchema { version, .. } => {
                format!("use the runtime or the schema of {version}")
            }
            Self::NoTypes(_) => {
                "add that file to the SDK, with only a comment in it, and declare it as a \
                 module"
                    .to_owned()
            }
            Self::Types(error) => error.help(),
            Self::Version { .. } => {
                "--sdk-version takes a version as the SDK's own registry spells it".to_owned()
            }
        }
    }

    fn wrong_call(&self) -> bool {
        matches!(self, Self::Version { .. })
    }
}
