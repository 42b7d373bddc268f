use std::io;

use crate::base::failure::Advice;
use crate::base::files::io_help;

/// Why an SDK cannot be pinned.
#[derive(Debug, thiserror::Error)]
pub enum SdkError {
    /// A file of it cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is more than a source tree.
    #[error("{source_name} has more than {limit} bytes of source")]
    TooLarge {
        /// The SDK.
        source_name: String,
        /// Bytes.
        limit: u64,
    },
    /// A file cannot be part of a package.
    #[error("{0}")]
    Name(String),
    /// There is something that cannot be copied.
    #[error("{path} is {what}")]
    NoFile {
        /// Where it lies.
        path: String,
        /// What it is.
        what: &'static str,
    },
    /// There is no package.
    #[error("{0} has neither a Cargo.toml nor a pyproject.toml")]
    NoManifest(String),
    /// There are two packages.
    #[error("{0} has a Cargo.toml and a pyproject.toml")]
    TwoManifests(String),
    /// Its manifest cannot be used.
    #[error("{file}: {reason}")]
    Manifest {
        /// The file.
        file: String,
        /// Why not.
        reason: String,
    },
    /// It would take the place of the runtime.
    #[error("{file}: `{name}` is what a package of the runtime is called")]
    OwnName {
        /// The file.
        file: String,
        /// The package's name.
        name: String,
    },
    /// No requirement names the runtime.
    #[error("{file} requires none of {}", names.join(", "))]
    NoPin {
        /// The file.
        file: String,
        /// What the runtime's package is called, now and before.
        names: Vec<String>,
    },
    /// Several requirements name the runtime.
    #[error("{file} requires the runtime {} times: {}", places.len(), places.join(", "))]
    SeveralPins {
        /// The file.
        file: String,
        /// Where.
        places: Vec<String>,
    },
    /// The types are of another runtime than the pin.
    #[error("the schema is of version {schema}, and the pin is {version}")]
    OtherSchema {
        /// The version that the schema's runtime has.
        schema: String,
        /// The version that the SDK is pinned to.
        version: String,
    },
    /// There is no place for generated types.
    #[error("{0} has no src/generated.rs, which generated types take the place of")]
    NoTypes(String),
    /// The types cannot be generated.
    #[error(transparent)]
    Types(#[from] schema_types::Error),
    /// The version is none in this ecosystem.
    #[error("{version:?} is not a version of a {what}")]
    Version {
        /// What was asked for.
        version: String,
        /// `Rust crate`, `Python package`.
        what: &'static str,
    },
}

/// A fault of a manifest whose name is not known here.
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
                "name the directory of the SDK alone, and keep what is built in it out of it with \
                 .gitignore"
                    .to_owned()
            }
            Self::Name(_) => "rename the file: no registry takes it".to_owned(),
            Self::NoFile { path, .. } => {
                format!("put what belongs there in place of {path}, or name it in .gitignore")
            }
            Self::NoManifest(_) => {
                "--sdk-source takes the directory of one Cargo package or Python project".to_owned()
            }
            Self::TwoManifests(_) => {
                "move the two packages into directories of their own, and stage each".to_owned()
            }
            Self::Manifest { file, .. } => format!("correct {file}"),
            Self::NoPin { names, .. } => {
                let name = names.first().map_or("", String::as_str);
                format!("add a requirement of {name}, of any version, where the SDK uses it")
            }
            Self::OwnName { file, .. } => format!("give the package of {file} another name"),
            Self::SeveralPins { .. } => {
                "keep one of them: each would bring a runtime of its own".to_owned()
            }
            Self::OtherSchema { version, .. } => {
                format!("give the runtime or the schema of {version}")
            }
            Self::NoTypes(_) => {
                "add that file to the SDK, with a comment alone in it, and declare \
                it as a module"
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
