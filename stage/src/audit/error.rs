use std::io;
use std::path::PathBuf;

use super::rules;
use crate::base::failure::Advice;
use crate::base::files::io_help;

/// Something that cannot be audited, whatever is in it.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The system failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is nothing that is published.
    #[error("{} is {what}", path.display())]
    Unknown {
        /// What was to be audited.
        path: PathBuf,
        /// What it is.
        what: String,
    },
    /// Some of several artifacts must not be published; what they have was said.
    #[error("{bad} of {all} must not be published")]
    Bad {
        /// How many.
        bad: usize,
        /// Of how many.
        all: usize,
    },
    /// Every manifest of a staging directory is of another product.
    #[error("{} is of the product {found:?}, and not of {expected:?}", path.display())]
    OtherProduct {
        /// The staging directory.
        path: PathBuf,
        /// The product of the manifests.
        found: String,
        /// The product by whose rules it was to be audited.
        expected: String,
    },
    /// Findings stand in the way.
    #[error("it would not work for those who install it")]
    Findings(Vec<String>),
    /// No wheel can be made.
    #[error("the executables allow none of the tags that are listed for {target}")]
    NoTag {
        /// The target.
        target: String,
        /// Why, tag by tag.
        dropped: Vec<String>,
        /// Tags that they allow.
        best: Vec<String>,
    },
    /// No tag is true.
    #[error("the executables allow no wheel tag for {target}")]
    NoTrueTag {
        /// The target.
        target: String,
        /// What stands against the tag that comes nearest, of each C library.
        nearest: Vec<String>,
    },
    /// There is no such rule.
    #[error("no finding has the code {0:?}")]
    UnknownCode(String),
}

impl Advice for AuditError {
    fn help(&self) -> String {
        match self {
            Self::Io(error) => io_help(error),
            Self::Unknown { .. } => "give a wheel, an npm tarball, a crate (its directory or a \
                .crate file), an archive of a runtime, or a staging directory"
                .to_owned(),
            Self::OtherProduct { found, .. } => {
                format!("name the folder with the stage.toml of {found:?}: --product DIR")
            }
            Self::Findings(_) | Self::Bad { .. } => {
                "`stage verify --explain CODE` says what to do about a finding; \
                --allow CODE lets it stand, for everybody to see"
                    .to_owned()
            }
            Self::NoTag { best, .. } if best.is_empty() => "stage the runtime without a wheel, \
                with --format"
                .to_owned(),
            Self::NoTag { target, best, .. } => format!(
                "they allow {}: name it with --platform-tag, or list it in platforms/{target}.toml",
                best.join(", ")
            ),
            Self::NoTrueTag { .. } => {
                "take another build of what is named, link it statically or carry \
                the library beside the program; or stage the runtime without a wheel, with --format"
                    .to_owned()
            }
            Self::UnknownCode(_) => {
                let codes = rules::all().map(|rule| rule.code).collect::<Vec<_>>();
                format!("the codes are {}", codes.join(", "))
            }
        }
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::Findings(findings) => findings.clone(),
            Self::NoTag { dropped, .. } => dropped.clone(),
            Self::NoTrueTag { nearest, .. } => nearest.clone(),
            Self::Io(_)
            | Self::Unknown { .. }
            | Self::OtherProduct { .. }
            | Self::Bad { .. }
            | Self::UnknownCode(_) => Vec::new(),
        }
    }

    fn wrong_call(&self) -> bool {
        matches!(self, Self::UnknownCode(_))
    }
}
