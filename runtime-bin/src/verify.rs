//! The full check of an extracted runtime: every byte.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::brief::First;
use crate::carried::Carried;
use crate::digest;
use crate::error::FileError;
use crate::fs;
use crate::manifest;
use crate::marker::Modes;
use crate::sys;

/// What [`Runtime::verify`](crate::Runtime::verify) found.
#[non_exhaustive]
pub struct Report {
    /// The files that were checked.
    pub files: usize,
    /// The bytes that they should have.
    pub bytes: u64,
    /// The files that are not as they should be, in the order of their paths.
    pub damaged: Vec<Damaged>,
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            files,
            bytes,
            damaged,
        } = self;
        f.debug_struct("Report")
            .field("files", files)
            .field("bytes", bytes)
            .field("damaged", &First(damaged))
            .finish()
    }
}

impl Report {
    /// Returns whether every file is as it should be.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.damaged.is_empty()
    }
}

/// A file that is not as it should be.
#[derive(Debug)]
#[non_exhaustive]
pub struct Damaged {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub damage: Damage,
}

/// What is wrong with a file.
#[derive(Debug)]
#[non_exhaustive]
pub enum Damage {
    /// Something that is not a file is in its place.
    NotAFile,
    /// It has another size.
    Size {
        /// The size that it has.
        found: u64,
        /// The size that it should have.
        expected: u64,
    },
    /// It has other permissions.
    Mode {
        /// Those that it has.
        found: u32,
        /// Those that it should have.
        expected: u32,
    },
    /// It has other content.
    Content,
    /// It is missing, or cannot be read.
    Unreadable(FileError),
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.damage {
            Damage::NotAFile => write!(f, "{path} is not a file"),
            Damage::Size { found, expected } => {
                write!(f, "{path} has {found} bytes instead of {expected}")
            }
            Damage::Mode { found, expected } => {
                write!(
                    f,
                    "{path} has the permissions {found:o} instead of {expected:o}"
                )
            }
            Damage::Content => write!(f, "{path} has other content"),
            Damage::Unreadable(error) => error.fmt(f),
        }
    }
}

/// Checks every file of an extracted runtime, on all cores.
pub(crate) fn verify(carried: &Carried, package: &Path, modes: Modes) -> Report {
    let files = &carried.bundle.files;
    let next = AtomicUsize::new(0);
    // The largest first: one file is most of a runtime, and would else be begun last.
    let mut order: Vec<_> = files.iter().collect();
    order.sort_by_key(|file| std::cmp::Reverse(file.size));
    let work = || {
        let mut damaged = Vec::new();
        while let Some(file) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            let path = package.join(file.path);
            if let Err(damage) = check(file, &path, modes) {
                damaged.push(Damaged { path, damage });
            }
        }
        damaged
    };
    let mut damaged = thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let others: Vec<_> = (1..cores.min(files.len()))
            .map_while(|_| thread::Builder::new().spawn_scoped(scope, work).ok())
            .collect();
        let mut damaged = work();
        for other in others {
            damaged.extend(other.join().unwrap_or_default());
        }
        damaged
    });
    damaged.sort_by(|a, b| a.path.cmp(&b.path));
    Report {
        files: files.len(),
        bytes: carried.bundle.size,
        damaged,
    }
}

fn check(file: &manifest::File<'_>, path: &Path, modes: Modes) -> Result<(), Damage> {
    let metadata = fs::symlink_metadata(path).map_err(Damage::Unreadable)?;
    if !metadata.is_file() {
        return Err(Damage::NotAFile);
    }
    let (found, expected) = (metadata.len(), file.size);
    if found != expected {
        return Err(Damage::Size { found, expected });
    }
    let found = sys::mode(&metadata);
    if !modes.accept(found, file.mode)
        && let Some(found) = found
    {
        return Err(Damage::Mode {
            found,
            expected: file.mode,
        });
    }
    let content = fs::open(path).map_err(Damage::Unreadable)?;
    let hash = fs::at("read", path, digest::of(content)).map_err(Damage::Unreadable)?;
    if hash == file.sha256 {
        Ok(())
    } else {
        Err(Damage::Content)
    }
}
