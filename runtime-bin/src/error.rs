//! What can go wrong, each with what to do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::commands::NAMES;
use crate::payload::PRODUCT;

/// Why there is no runtime.
///
/// `Display` says what happened, and [`help`](Self::help) what to do about it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// No runtime was staged for the target of this build.
    NotStaged {
        /// The target of this build.
        target: String,
        /// The targets for which a runtime was staged. None at all in the source repository.
        staged: &'static [&'static str],
    },
    /// The payload in this program is not what its manifest says: the build is damaged.
    Payload(String),
    /// A file that the program takes the runtime from is gone, or is not what it was when the program
    /// was built. Only programs built with the feature `on-disk`, and without `embed`, need one.
    PayloadFile {
        /// The file, in the sources of the crate that brought it.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The user's own runtime cannot be used.
    Override {
        /// What named it: an environment variable, or `Locator::runtime`.
        setting: String,
        /// The path that was given.
        path: PathBuf,
        /// What is wrong with it.
        reason: BadOverride,
    },
    /// The runtime has no command of this name.
    NoCommand {
        /// The name that was asked for.
        command: String,
        /// The target of the runtime.
        target: String,
        /// The commands that it has.
        known: Vec<&'static str>,
    },
    /// There is no place into which the runtime could be extracted.
    NoPlace {
        /// Every place that was tried, in order.
        tried: Vec<Tried>,
    },
    /// The file system ran out of space, or a quota did.
    NoSpace {
        /// The bytes that the whole runtime takes.
        needed: u64,
        /// What failed.
        source: FileError,
    },
    /// Another process holds the cache, and did not finish in time.
    TimedOut {
        /// The file that it has locked.
        lock: PathBuf,
        /// How long this process waited.
        waited: Duration,
    },
    /// The runtime was extracted, and was no longer as written a moment later.
    Disturbed {
        /// The directory of the cache entry.
        entry: PathBuf,
        /// What was found.
        found: String,
    },
    /// An operation on a file failed.
    File(FileError),
}

/// A place for the cache that cannot be used, and why.
#[derive(Debug)]
#[non_exhaustive]
pub struct Tried {
    /// Where the place comes from, such as `$XDG_CACHE_HOME`.
    pub origin: String,
    /// The directory. `None`: no directory is known.
    pub path: Option<PathBuf>,
    /// Why it cannot be used.
    pub reason: String,
}

/// What is wrong with a runtime of the user's own.
#[derive(Debug)]
#[non_exhaustive]
pub enum BadOverride {
    /// There is nothing at the path.
    Missing,
    /// A directory without this metadata file is not a package directory.
    NoMetadata(&'static str),
    /// The metadata of the package directory cannot be used.
    Metadata {
        /// The metadata file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The metadata names an entrypoint that is not there.
    NoEntrypoint(PathBuf),
    /// It has no executable for a command.
    NoCommand {
        /// The name of the command.
        command: String,
        /// Where the executable should be.
        executable: PathBuf,
    },
    /// It is the program that was told to run it.
    Itself,
    /// The file may not be executed.
    NotExecutable(PathBuf),
    /// The path could not be looked at.
    File(FileError),
}

/// An operation on a file that failed.
#[derive(Debug)]
pub struct FileError {
    pub(crate) operation: &'static str,
    pub(crate) path: PathBuf,
    pub(crate) source: io::Error,
}

impl FileError {
    /// Returns the file or directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the kind of the underlying error.
    #[must_use]
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }
}

impl Error {
    /// Returns what to do about it, in one or two sentences.
    #[must_use]
    pub fn help(&self) -> String {
        let (path_env, cache_env) = (PRODUCT.path_env, PRODUCT.cache_dir_env);
        let own = format!("set {path_env} to a package directory or an executable for this system");
        match self {
            Self::NotStaged { staged: [], .. } => {
                format!(
                    "depend on {} as it was published, or {own}",
                    PRODUCT.crate_name
                )
            }
            Self::NotStaged { .. } => format!("build for one of those targets, or {own}"),
            Self::Payload(_) => format!(
                "build the program again; if that changes nothing, report it to the publisher of {}",
                PRODUCT.crate_name
            ),
            Self::PayloadFile { path, .. } => format!(
                "delete {} if Cargo put it there, and build the program again; or build it with the \
                 feature `embed` of {}, and it carries the runtime itself",
                path.parent().unwrap_or(path).display(),
                PRODUCT.crate_name
            ),
            Self::Override {
                setting, reason, ..
            } => match reason {
                BadOverride::NotExecutable(path) => format!("chmod +x {}", path.display()),
                _ => format!(
                    "point {setting} at a package directory or an executable, or unset it to use \
                     the runtime that this program carries"
                ),
            },
            Self::NoCommand { command, .. } if NAMES.contains(&command.as_str()) => format!(
                "use one of those, or set {path_env} to a package directory that has this command"
            ),
            Self::NoCommand { .. } => "use one of those".to_owned(),
            Self::NoPlace { .. } => format!(
                "set {cache_env} to a directory that you can write to, on a file system that \
                 allows programs to run"
            ),
            Self::NoSpace { needed, .. } => format!(
                "free {} MB there, or set {cache_env} to a directory on another file system",
                needed.div_ceil(1_000_000)
            ),
            Self::TimedOut { .. } => {
                format!("see what that process is doing, or set {cache_env} to another directory")
            }
            Self::Disturbed { entry, .. } => {
                format!(
                    "see what changes files in {}, and try again",
                    entry.display()
                )
            }
            Self::File(_) => format!("set {cache_env} to another directory if it persists"),
        }
    }
}

impl Error {
    /// Makes the error of a failed write. `needed` is the size of the runtime, in bytes.
    pub(crate) fn of_write(source: FileError, needed: u64) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::NoSpace { needed, source }
            }
            _ => Self::File(source),
        }
    }
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<FileError> for BadOverride {
    fn from(error: FileError) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Missing,
            _ => Self::File(error),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStaged { target, staged } => {
                write!(f, "this build of {} is for {target}, ", PRODUCT.crate_name)?;
                if staged.is_empty() {
                    write!(f, "and no runtime was staged for any target")
                } else {
                    write!(f, "for which no runtime was staged; there is one for ")?;
                    write!(f, "{}", staged.join(", "))
                }
            }
            Self::Payload(why) => write!(f, "the runtime in this program is damaged: {why}"),
            Self::PayloadFile { path, why } => write!(
                f,
                "{}, from which this program takes the runtime, {why}",
                path.display()
            ),
            Self::Override {
                setting,
                path,
                reason,
            } => {
                write!(f, "{setting} is {}: {reason}", path.display())
            }
            Self::NoCommand {
                command,
                target,
                known,
            } => write!(
                f,
                "the runtime for {target} has no command {command:?}, only {}",
                known.join(", ")
            ),
            Self::NoPlace { tried } => {
                write!(f, "there is no usable place for the runtime; tried:")?;
                tried.iter().try_for_each(|tried| write!(f, "\n  {tried}"))
            }
            Self::NoSpace { source, .. } => {
                write!(f, "there is no room for the runtime: {source}")
            }
            Self::TimedOut { lock, waited } => write!(
                f,
                "another process has held {} for {} s",
                lock.display(),
                waited.as_secs_f32()
            ),
            Self::Disturbed { entry, found } => write!(
                f,
                "the runtime was extracted to {}, and then {found}",
                entry.display()
            ),
            Self::File(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{} ({}): {}", path.display(), self.origin, self.reason),
            None => write!(f, "{}: {}", self.origin, self.reason),
        }
    }
}

impl fmt::Display for BadOverride {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(f, "there is nothing there"),
            Self::NoMetadata(file) => {
                write!(f, "a directory without {file} is not a package directory")
            }
            Self::Metadata { file, why } => write!(f, "{} {why}", file.display()),
            Self::NoEntrypoint(path) => write!(f, "its entrypoint {} is missing", path.display()),
            Self::NoCommand {
                command,
                executable,
            } => write!(
                f,
                "it has no command {command:?}: {} is missing",
                executable.display()
            ),
            Self::Itself => write!(f, "it is this program itself"),
            Self::NotExecutable(path) => write!(f, "{} is not executable", path.display()),
            Self::File(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cannot {} {}: {}",
            self.operation,
            self.path.display(),
            self.source
        )
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        // Not `self.source` itself, whose text is already part of this one.
        self.source.source()
    }
}

// The text of an inner error is part of the outer one's, so none is named as its source.
impl std::error::Error for Error {}
