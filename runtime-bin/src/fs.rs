//! `std::fs` with errors that name the operation and the path, and with the patience that Windows asks
//! for.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::FileError;

/// What the tests impose.
#[cfg(test)]
use crate::windows_rules as rules;

#[cfg(not(test))]
mod rules {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    pub(super) fn is_refusal(_: &io::Error) -> bool {
        false
    }
    pub(super) fn check_write(_: &File) -> io::Result<()> {
        Ok(())
    }
    pub(super) fn check_open(_: &Path) -> io::Result<()> {
        Ok(())
    }
    pub(super) fn check_remove_dir(_: &Path) -> io::Result<()> {
        Ok(())
    }
    pub(super) fn check_rename(_: &Path, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) type Result<T> = std::result::Result<T, FileError>;

/// Names the operation and the path of an error.
pub(crate) fn at<T>(operation: &'static str, path: &Path, result: io::Result<T>) -> Result<T> {
    result.map_err(|source| FileError {
        operation,
        path: path.to_owned(),
        source,
    })
}

/// How long a new file may be held by a program that looks at every new file, as those against viruses
/// do.
const PATIENCE: Duration = Duration::from_secs(2);

/// Tries again for a while where another program has a file open. Only Windows refuses for that.
fn patiently<T>(attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let passes = |error: &io::Error| {
        (cfg!(windows) && is_of_an_open_file(error.raw_os_error())) || rules::is_refusal(error)
    };
    try_for(PATIENCE, passes, attempt)
}

/// Whether an error of Windows may be over when another program closes a file.
fn is_of_an_open_file(code: Option<i32>) -> bool {
    const ACCESS_DENIED: i32 = 5;
    const SHARING_VIOLATION: i32 = 32;
    const LOCK_VIOLATION: i32 = 33;
    matches!(
        code,
        Some(ACCESS_DENIED | SHARING_VIOLATION | LOCK_VIOLATION)
    )
}

fn try_for<T>(
    at_most: Duration,
    passes: impl Fn(&io::Error) -> bool,
    mut attempt: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    let begin = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        match attempt() {
            Err(error) if passes(&error) && begin.elapsed() < at_most => {
                thread::sleep(pause);
                pause = (2 * pause).min(Duration::from_millis(64));
            }
            result => return result,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Tries something that is refused so many times, and says how often it was tried.
    fn tried(refusals: u32, at_most: Duration, passes: bool) -> (u32, bool) {
        let mut attempts = 0;
        let result = try_for(
            at_most,
            |_| passes,
            || {
                attempts += 1;
                if attempts > refusals {
                    Ok(())
                } else {
                    Err(io::ErrorKind::PermissionDenied.into())
                }
            },
        );
        (attempts, result.is_ok())
    }

    #[test]
    fn what_another_program_holds_is_tried_again_and_not_for_ever() {
        let long = Duration::from_secs(60);
        assert_eq!(tried(0, long, true), (1, true));
        assert_eq!(tried(6, long, true), (7, true));
        // What will not pass is not waited for.
        assert_eq!(tried(6, long, false), (1, false));
        let (attempts, done) = tried(u32::MAX, Duration::from_millis(20), true);
        assert!(attempts > 1 && !done, "{attempts}");
    }

    #[test]
    fn errors_of_windows_that_pass_are_those_of_open_files() {
        for code in [5, 32, 33] {
            assert!(is_of_an_open_file(Some(code)));
        }
        // Not found, path not found, disk full, directory not empty.
        for code in [2, 3, 112, 145] {
            assert!(!is_of_an_open_file(Some(code)));
        }
        assert!(!is_of_an_open_file(None));
    }
}
