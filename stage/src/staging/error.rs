//! What can be wrong with a staging directory, and what helps.

use std::io;
use std::path::PathBuf;

use crate::base::failure::Advice;
use crate::base::files::io_help;
use crate::record::manifest::ManifestFault;

/// A staging directory that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StagingError {
    /// Something is in the way.
    #[error("{0} is not a directory")]
    NotADirectory(PathBuf),
    /// There is nothing to work on.
    #[error("there is no directory {0}")]
    NotThere(PathBuf),
    /// It is part of what is to be staged.
    #[error("{0} lies inside the runtime {1}")]
    InsideRuntime(PathBuf, PathBuf),
    /// Another process is at work.
    #[error("another `stage` is writing into {0}")]
    Locked(PathBuf),
    /// It cannot be written, or what was there cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A manifest that cannot be used.
    #[error("the manifest {} cannot be used", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ManifestFault,
    },
    /// The runtime lies where artifacts are moved and removed.
    #[error("the runtime {} lies in the staging directory, among the artifacts", .0.display())]
    RuntimeInside(PathBuf),
    /// A directory of the user's own has the name of a staged crate.
    #[error("{} is in the way: a crate goes there, and it was not staged by `stage`", .0.display())]
    InTheWay(PathBuf),
    /// Another release.
    #[error("{root} holds version {staged} (of {target}), this is version {version}")]
    OtherVersion {
        /// The staging directory.
        root: PathBuf,
        /// The version that is there.
        staged: String,
        /// A target that has it.
        target: String,
        /// The version that was asked for.
        version: String,
    },
    /// An SDK of another release.
    #[error("{root} holds the runtime {staged}, and the pin is {version}")]
    OtherPin {
        /// The staging directory.
        root: PathBuf,
        /// The version of the runtime that is there.
        staged: String,
        /// The version that was asked for.
        version: String,
    },
    /// Another runtime of the same release and target.
    #[error(
        "another runtime is staged for {target} already: its files have the digest {staged}, \
         those of this one {bundle}"
    )]
    OtherBundle {
        /// The target.
        target: String,
        /// What is there.
        staged: String,
        /// What was to be staged.
        bundle: String,
    },
}

impl Advice for StagingError {
    fn help(&self) -> String {
        match self {
            Self::NotADirectory(_) => {
                "name a directory, or a path where one can be made".to_owned()
            }
            Self::NotThere(_) => {
                "name the directory that `stage stage-runtime` wrote into".to_owned()
            }
            Self::Locked(_) => {
                "wait until it has ended, or stage into a directory of its own and copy the two \
                 together"
                    .to_owned()
            }
            Self::InsideRuntime(..) => "use a staging directory outside of the runtime".to_owned(),
            Self::Io(error) => io_help(error),
            Self::Manifest {
                source: ManifestFault::OtherProduct(_),
                ..
            } => "stage each product into a directory of its own".to_owned(),
            Self::RuntimeInside(_) => "hand in a copy from outside of that directory".to_owned(),
            Self::InTheWay(_) => {
                "move it away, or use a staging directory of its own for the release".to_owned()
            }
            Self::Manifest { path, .. } => {
                format!("remove {} and stage its target again", path.display())
            }
            Self::OtherVersion { .. } => {
                "stage each release into a directory of its own".to_owned()
            }
            Self::OtherPin { staged, .. } => {
                format!("pin the SDK to {staged}, or stage it into a directory of its own")
            }
            Self::OtherBundle { .. } => {
                "a release has one runtime a target: stage the same one as before, or add \
                 --replace to start the target again with this one"
                    .to_owned()
            }
        }
    }
}
