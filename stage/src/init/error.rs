//! Why `stage init` cannot do its work, and advice for each case.

use std::io;
use std::path::PathBuf;

use crate::base::failure::Advice;
use crate::base::files::io_help;
use crate::fetch::FetchError;
use crate::staging::StagingError;

/// Why a product cannot be made of archives, or does not fit them.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is a product already.
    #[error("{} exists already", .0.display())]
    AlreadyThere(PathBuf),
    /// There is no such folder.
    #[error("the folder {} does not exist", .0.display())]
    NoFolder(PathBuf),
    /// Another process is at work.
    #[error("another `stage` is working in {}", .0.display())]
    Locked(PathBuf),
    /// No archive of a program is there.
    #[error("{place} has no archive of a program{}", among(*files))]
    Nothing {
        /// The folder, or the address of the release.
        place: String,
        /// How many files were looked at.
        files: usize,
        /// Each of them, and what it is.
        reasons: Vec<String>,
    },
    /// There are more files than a release has.
    #[error("{place} has more than {limit} files, the most that are looked at")]
    TooMany {
        /// The folder, or the address of the release.
        place: String,
        /// The most.
        limit: usize,
    },
    /// Two archives are for one target.
    #[error("{first} and {second} are for one target, {target}: each is {what}")]
    SameTarget {
        /// The name of one.
        first: String,
        /// The name of the other one.
        second: String,
        /// The target.
        target: String,
        /// What both are.
        what: String,
    },
    /// The archives are of several releases.
    #[error("the names of the archives are of several versions: {}", versions(.0))]
    Versions(Vec<(String, usize)>),
    /// A tag has no version.
    #[error("the release tag {0:?} does not end in a version")]
    Tag(String),
    /// A file or the scratch directory cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The folder cannot be worked in.
    #[error(transparent)]
    Folder(StagingError),
    /// The release cannot be downloaded.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A product and its archives do not fit.
    #[error("{wrong} of {all} checks failed")]
    Check {
        /// How many failed.
        wrong: usize,
        /// How many there were.
        all: usize,
    },
}

fn among(files: usize) -> String {
    match files {
        0 => String::new(),
        1 => " (one file was looked at)".to_owned(),
        files => format!(" ({files} files were looked at)"),
    }
}

fn versions(found: &[(String, usize)]) -> String {
    let found = found.iter().map(|(version, count)| match count {
        1 => format!("{version} (one archive)"),
        count => format!("{version} ({count} archives)"),
    });
    found.collect::<Vec<_>>().join(", ")
}

impl From<StagingError> for InitError {
    fn from(error: StagingError) -> Self {
        match error {
            StagingError::Locked(folder) => Self::Locked(folder),
            error => Self::Folder(error),
        }
    }
}

impl Advice for InitError {
    fn help(&self) -> String {
        match self {
            Self::AlreadyThere(_) => {
                "stage init never overwrites: remove the file or move it away, or use --check to \
                 compare it with the archives"
                    .to_owned()
            }
            Self::NoFolder(_) => {
                "name the folder that the archives of a release are in, or download them with --from \
                 URL"
                    .to_owned()
            }
            Self::Locked(_) => "wait until it has ended".to_owned(),
            Self::Nothing { .. } => {
                "put the archives of a release there, one for each target (.tar.gz, .tar.xz, \
                 .tar.zst, .zip, or executables as they are), or name a release with --from URL"
                    .to_owned()
            }
            Self::TooMany { .. } => "use a folder with the files of one release".to_owned(),
            Self::SameTarget { .. } => {
                "move one of them away, or let their names say what each is for, such as `gnu` and \
                 `musl`; of two products, --name NAME says which one it is"
                    .to_owned()
            }
            Self::Versions(_) => {
                "say which release counts with --release-tag TAG, or move the other archives away"
                    .to_owned()
            }
            Self::Tag(_) => {
                "give the tag of the release with its version, such as v1.2.3: --release-tag TAG"
                    .to_owned()
            }
            Self::Io(error) => io_help(error),
            Self::Folder(error) => error.help(),
            Self::Fetch(error) => error.help(),
            Self::Check { .. } => {
                "correct stage.toml, or replace the archives that are wrong".to_owned()
            }
        }
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::Nothing { reasons, .. } => reasons.clone(),
            Self::Folder(error) => error.details(),
            Self::Fetch(error) => error.details(),
            _ => Vec::new(),
        }
    }

    fn wrong_call(&self) -> bool {
        matches!(self, Self::Tag(_))
    }
}
