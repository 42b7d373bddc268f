//! What can be wrong with a staging directory, and advice for each case.

use std::io;
use std::path::PathBuf;

use crate::base::failure::Advice;
use crate::base::files::io_help;
use crate::record::manifest::ManifestFault;

/// A staging directory that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StagingError {
    /// The path leads to something else.
    #[error("{0} is not a directory")]
    NotADirectory(PathBuf),
    /// The directory does not exist.
    #[error("the directory {0} does not exist")]
    NotThere(PathBuf),
    /// It is inside the runtime that is to be staged.
    #[error("{0} lies inside the runtime {1}")]
    InsideRuntime(PathBuf, PathBuf),
    /// Another process is at work.
    #[error("another `stage` is writing into {0}")]
    Locked(PathBuf),
    /// Something else has the path of a private file or directory: a link, for example.
    #[error("{} is not a {expected}", path.display())]
    NotPrivate {
        /// The path.
        path: PathBuf,
        /// What should be there.
        expected: &'static str,
    },
    /// It cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A manifest cannot be used.
    #[error("the manifest {} cannot be used", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ManifestFault,
    },
    /// The runtime is where artifacts are moved and removed.
    #[error("the runtime {} lies in the staging directory, among the artifacts", .0.display())]
    RuntimeInside(PathBuf),
    /// A directory of the user's own has the name of a staged crate.
    #[error("{} is in the way: a crate goes there, but `stage` did not make it", .0.display())]
    InTheWay(PathBuf),
    /// Another release is staged.
    #[error("{root} contains version {staged} (for {target}), but this is version {version}")]
    OtherVersion {
        /// The staging directory.
        root: PathBuf,
        /// The version that is staged.
        staged: String,
        /// A target that is staged with it.
        target: String,
        /// The version that was asked for.
        version: String,
    },
    /// Another release is staged, and it has the same version in an ecosystem.
    #[error(
        "{root} contains the release {staged} (for {target}), and this is the release {tag}: {clash}"
    )]
    SameVersion {
        /// The staging directory.
        root: PathBuf,
        /// The tag of the release that is staged.
        staged: String,
        /// A target that is staged with it.
        target: String,
        /// The tag of the release that was asked for.
        tag: String,
        /// Where the versions are the same.
        clash: String,
    },
    /// The SDK is for another release.
    #[error("{root} contains the runtime {staged}, but the pin is {version}")]
    OtherPin {
        /// The staging directory.
        root: PathBuf,
        /// The version of the runtime that is staged.
        staged: String,
        /// The version that was asked for.
        version: String,
    },
    /// The product was changed after the same runtime was staged.
    #[error(
        "{target} is already staged, and stage.toml or a file beside it was changed since: its \
         packages would not fit together"
    )]
    OtherOrigin {
        /// The target.
        target: String,
    },
    /// Another runtime is staged for the same release and target.
    #[error(
        "another runtime is already staged for {target}: its files have the digest {staged}, \
         those of this runtime {bundle}"
    )]
    OtherBundle {
        /// The target.
        target: String,
        /// The digest of the staged runtime.
        staged: String,
        /// The digest of the runtime that was to be staged.
        bundle: String,
    },
}

impl Advice for StagingError {
    fn help(&self) -> String {
        match self {
            Self::NotADirectory(_) => {
                "name a directory, or a path where one can be created".to_owned()
            }
            Self::NotThere(_) => {
                "name the directory that `stage stage-runtime` wrote into".to_owned()
            }
            Self::Locked(_) => {
                "wait until it has ended, or stage into another directory and copy the two \
                 together"
                    .to_owned()
            }
            Self::NotPrivate { path, .. } => format!(
                "remove {}: `stage` keeps private files there while it works",
                path.display()
            ),
            Self::InsideRuntime(..) => "use a staging directory outside of the runtime".to_owned(),
            Self::Io(error) => io_help(error),
            Self::Manifest {
                source: ManifestFault::OtherProduct(_),
                ..
            } => "name the folder of that product with --product, or stage into a directory of its own"
                .to_owned(),
            Self::RuntimeInside(_) => "use a copy of it outside of that directory".to_owned(),
            Self::InTheWay(_) => {
                "move it away, or use a separate staging directory for the release".to_owned()
            }
            Self::Manifest { path, .. } => {
                format!("remove {} and stage its target again", path.display())
            }
            Self::OtherVersion { .. } => {
                "stage each release, and each revision of it, into a directory of its own"
                    .to_owned()
            }
            Self::SameVersion { staged, .. } => format!(
                "if it is the same release, give {staged} as its --release-tag each time; two \
                 releases that have the same version cannot both be published"
            ),
            Self::OtherPin { staged, .. } => {
                format!("pin the SDK to {staged}, or stage it into a directory of its own")
            }
            Self::OtherOrigin { .. } => {
                "add --replace to start the target again with the files as they are now, and stage \
                 the other targets again too"
                    .to_owned()
            }
            Self::OtherBundle { .. } => {
                "a release has one runtime per target: stage the same one as before, or add \
                 --replace to start the target again with this one"
                    .to_owned()
            }
        }
    }
}
