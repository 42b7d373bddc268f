//! `std::fs` with errors that name the operation and the path.

use std::fs::{self, File, Metadata, OpenOptions};
use std::path::{Path, PathBuf};

use crate::error::FileError;

pub(crate) type Result<T> = std::result::Result<T, FileError>;

/// Names the operation and the path of an error.
pub(crate) fn at<T>(operation: &'static str, path: &Path, result: std::io::Result<T>) -> Result<T> {
    result.map_err(|source| FileError {
        operation,
        path: path.to_owned(),
        source,
    })
}

/// What lies at a path, links followed.
pub(crate) fn metadata(path: &Path) -> Result<Metadata> {
    at("look at", path, fs::metadata(path))
}

/// What lies at a path, a link being a link.
pub(crate) fn symlink_metadata(path: &Path) -> Result<Metadata> {
    at("look at", path, fs::symlink_metadata(path))
}

pub(crate) fn create_dir_all(path: &Path) -> Result<()> {
    at("create directory", path, fs::create_dir_all(path))
}

/// Creates a file that must not be there yet.
pub(crate) fn create_new(path: &Path) -> Result<File> {
    at(
        "create",
        path,
        OpenOptions::new().write(true).create_new(true).open(path),
    )
}

pub(crate) fn open(path: &Path) -> Result<File> {
    at("open", path, File::open(path))
}

/// Opens a file for writing, as it is.
pub(crate) fn open_to_write(path: &Path) -> Result<File> {
    at("open", path, OpenOptions::new().write(true).open(path))
}

/// Opens a file that may have to be made, and that may be locked.
pub(crate) fn open_lock(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    at(
        "open",
        path,
        options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path),
    )
}

pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    at("rename", from, fs::rename(from, to))
}

pub(crate) fn read_to_string(path: &Path) -> Result<String> {
    at("read", path, fs::read_to_string(path))
}

/// A path of a bundle, whose components are separated by `/`, in a directory of this system.
pub(crate) fn join(dir: &Path, path: &str) -> PathBuf {
    path.split('/')
        .fold(dir.to_owned(), |dir, name| dir.join(name))
}
