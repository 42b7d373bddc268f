//! A runtime that has been found.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crate::carried::Carried;
use crate::error::Error;
use crate::executable::{self, Tree};
use crate::marker::Modes;
use crate::sys;
use crate::verify::{self, Report};

/// A runtime on this machine, ready to run.
///
/// While it, or a clone of it, is alive, a shared lock keeps the extracted files from being pruned by
/// another process.
#[derive(Clone)]
pub struct Runtime {
    pub(crate) entrypoint: PathBuf,
    pub(crate) package_dir: Option<PathBuf>,
    pub(crate) path_dir: Option<PathBuf>,
    pub(crate) version: Option<String>,
    pub(crate) source: Source,
    pub(crate) warnings: Vec<Warning>,
    /// The cache entry that it lies in, if it does.
    pub(crate) held: Option<Held>,
}

/// A cache entry in use.
#[derive(Clone)]
pub(crate) struct Held {
    /// The marker, with a shared lock on it.
    pub(crate) marker: Arc<File>,
    pub(crate) modes: Modes,
    pub(crate) carried: &'static Carried,
}

/// Where a [`Runtime`] comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// This program carries it, or knows where to take it from; it was extracted into a cache.
    Embedded,
    /// It is the user's own, named by what is said here: an environment variable or the caller.
    Override(String),
}

/// Something about a [`Runtime`] that may or may not be as intended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The user's own runtime is not of the version that this crate was made for.
    OtherVersion {
        /// What named the runtime: an environment variable or the caller.
        setting: String,
        /// Its version.
        found: String,
        /// The version of this crate's runtime.
        expected: String,
    },
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            entrypoint,
            package_dir,
            path_dir,
            version,
            source,
            warnings,
            // It leads to the payload.
            held: _,
        } = self;
        f.debug_struct("Runtime")
            .field("entrypoint", entrypoint)
            .field("package_dir", package_dir)
            .field("path_dir", path_dir)
            .field("version", version)
            .field("source", source)
            .field("warnings", warnings)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherVersion {
                setting,
                found,
                expected,
            } => write!(
                f,
                "{setting} names a runtime of version {found}, and this program was made for {expected}"
            ),
        }
    }
}

impl Runtime {
    /// Returns the path of the executable.
    #[must_use]
    pub fn entrypoint(&self) -> &Path {
        &self.entrypoint
    }

    /// Returns the package directory: the executable with its helpers and resources.
    ///
    /// `None` only for an executable of the user's own that does not lie in one.
    #[must_use]
    pub fn package_dir(&self) -> Option<&Path> {
        self.package_dir.as_deref()
    }

    /// Returns the directory of the helpers that the runtime expects to find on `PATH`, if it has one.
    #[must_use]
    pub fn path_dir(&self) -> Option<&Path> {
        self.path_dir.as_deref()
    }

    /// Returns the version.
    ///
    /// `None` only for an executable of the user's own that does not lie in a package directory.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Returns where the runtime comes from.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Returns what may not be as intended, for the program to show to its user.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Returns a command that runs the executable, with [`path_dir`](Self::path_dir) in front of `PATH`.
    ///
    /// On Unix, what it starts goes on holding the lock that keeps it from being pruned, however long
    /// this process lives.
    ///
    /// ```no_run
    /// let runtime = codex_cli_bin::locate()?;
    /// let mut child = runtime.command().arg("--version").spawn()?;
    /// # child.wait()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn command(&self) -> Command {
        self.command_for(&self.entrypoint)
    }

    /// Returns what is known of where executables are.
    pub(crate) fn tree(&self) -> Tree<'_> {
        Tree {
            entrypoint: &self.entrypoint,
            package_dir: self.package_dir.as_deref(),
            setting: match &self.source {
                Source::Embedded => None,
                Source::Override(setting) => Some(setting),
            },
            carried: self.held.as_ref().map(|held| held.carried),
        }
    }

    fn command_for(&self, executable: &Path) -> Command {
        let mut command = Command::new(executable);
        if let Some(path) = self.path_dir.as_deref().and_then(in_front_of_path) {
            command.env("PATH", path);
        }
        if let Some(held) = &self.held {
            sys::inherit(&mut command, held.marker.clone());
        }
        command
    }

    /// Returns the names of the commands of the runtime. [`command`](Self::command) runs the first one.
    ///
    /// ```no_run
    /// let runtime = codex_cli_bin::locate()?;
    /// for name in runtime.commands() {
    ///     println!("{name}: {}", runtime.executable(name)?.display());
    /// }
    /// # Ok::<(), codex_cli_bin::Error>(())
    /// ```
    #[must_use]
    pub fn commands(&self) -> Vec<&'static str> {
        executable::OF_THIS_BUILD.names().collect()
    }

    /// Returns the path of the executable of a command.
    ///
    /// For the first of the [`commands`](Self::commands), this is the [`entrypoint`](Self::entrypoint). In a
    /// runtime of the user's own, the executable of another one may also lie beside the entrypoint.
    pub fn executable(&self, command: &str) -> Result<PathBuf, Error> {
        executable::OF_THIS_BUILD.find(&self.tree(), command)
    }

    /// Returns a command that runs the executable of one of the [`commands`](Self::commands). All else is
    /// as with [`command`](Self::command).
    pub fn command_named(&self, command: &str) -> Result<Command, Error> {
        Ok(self.command_for(&self.executable(command)?))
    }

    /// Reads every file and compares its hash: the one check that finds a changed byte.
    ///
    /// `None` for a runtime of the user's own: nothing is known to compare it with. To repair what is
    /// damaged, delete it: the next [`locate`](crate::locate) extracts it again.
    ///
    /// ```no_run
    /// let runtime = codex_cli_bin::locate()?;
    /// for damaged in runtime.verify().iter().flat_map(|report| &report.damaged) {
    ///     eprintln!("{damaged}");
    /// }
    /// # Ok::<(), codex_cli_bin::Error>(())
    /// ```
    #[must_use]
    pub fn verify(&self) -> Option<Report> {
        let (held, package) = (self.held.as_ref()?, self.package_dir.as_deref()?);
        Some(verify::verify(held.carried, package, held.modes))
    }
}

/// Returns `PATH` with a directory in front of it. `None` where the directory's name has the character that
/// separates directories: no `PATH` can name it.
fn in_front_of_path(dir: &Path) -> Option<OsString> {
    let path = env::var_os("PATH").filter(|path| !path.is_empty());
    let rest = path.iter().flat_map(env::split_paths);
    env::join_paths(std::iter::once(dir.to_owned()).chain(rest)).ok()
}
