//! `std::fs` with errors that name the operation and the path, and with the patience that Windows asks
//! for.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::FileError;
use crate::open_files::{patiently, rules};

pub(crate) type Result<T> = std::result::Result<T, FileError>;

/// Names the operation and the path of an error.
pub(crate) fn at<T>(operation: &'static str, path: &Path, result: io::Result<T>) -> Result<T> {
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
    let open = || OpenOptions::new().write(true).create_new(true).open(path);
    at(
        "create",
        path,
        rules::check_open(path).and_then(|()| open()),
    )
}

pub(crate) fn open(path: &Path) -> Result<File> {
    at("open", path, patiently(|| File::open(path)))
}

/// Opens a file for writing, as it is.
pub(crate) fn open_to_write(path: &Path) -> Result<File> {
    let open = || OpenOptions::new().write(true).open(path);
    at("open", path, patiently(open))
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

/// Writes all of `bytes`.
pub(crate) fn write_all(mut file: &File, path: &Path, bytes: &[u8]) -> Result<()> {
    let written = rules::check_write(file).and_then(|()| file.write_all(bytes));
    at("write", path, written)
}

pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    let rename = || rules::check_rename(from, to).and_then(|()| fs::rename(from, to));
    at("rename", from, patiently(rename))
}

pub(crate) fn remove_file(path: &Path) -> Result<()> {
    at("remove", path, fs::remove_file(path))
}

/// Removes a directory that is empty.
pub(crate) fn remove_dir(path: &Path) -> Result<()> {
    let remove = rules::check_remove_dir(path).and_then(|()| fs::remove_dir(path));
    at("remove", path, remove)
}

/// Removes whatever is at a path, as far as it can be.
pub(crate) fn remove_any(path: &Path) {
    _ = fs::remove_file(path).or_else(|_| {
        rules::check_remove_dir(path)?;
        fs::remove_dir_all(path)
    });
}

pub(crate) fn read_to_string(path: &Path) -> Result<String> {
    at("read", path, fs::read_to_string(path))
}

/// A path of a bundle, whose components are separated by `/`, in a directory of this system.
pub(crate) fn join(dir: &Path, path: &str) -> PathBuf {
    path.split('/')
        .fold(dir.to_owned(), |dir, name| dir.join(name))
}
