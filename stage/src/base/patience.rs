//! Operations on files that another program may have open for a moment.
//!
//! Windows refuses to rename or remove what somebody has open without sharing it, and programs against
//! viruses open every new file. So these operations are tried again for a while, there and nowhere else.

use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempPath;

#[cfg(test)]
use super::windows_rules as rules;

#[cfg(not(test))]
mod rules {
    use std::io;
    use std::path::Path;

    pub(super) fn is_refusal(_: &io::Error) -> bool {
        false
    }
    #[expect(clippy::unnecessary_wraps, reason = "the rules of the tests refuse")]
    pub(super) fn check_open(_: &Path) -> io::Result<()> {
        Ok(())
    }
    #[expect(clippy::unnecessary_wraps, reason = "the rules of the tests refuse")]
    pub(super) fn check_remove_dir(_: &Path) -> io::Result<()> {
        Ok(())
    }
    #[expect(clippy::unnecessary_wraps, reason = "the rules of the tests refuse")]
    pub(super) fn check_rename(_: &Path, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

/// How long it may take the others to close a file.
const PATIENCE: Duration = Duration::from_secs(2);

/// Renames a file or directory.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    patiently(|| {
        rules::check_rename(from, to)?;
        fs_err::rename(from, to)
    })
}

/// Removes a directory that is empty.
pub fn remove_dir(path: &Path) -> io::Result<()> {
    patiently(|| {
        rules::check_remove_dir(path)?;
        fs_err::remove_dir(path)
    })
}

/// Gives a temporary file its name.
pub fn persist(temporary: TempPath, path: &Path) -> io::Result<()> {
    let mut temporary = Some(temporary);
    patiently(|| {
        let Some(complete) = temporary.take() else {
            return Ok(());
        };
        let renamed = match rules::check_rename(&complete, path) {
            Ok(()) => complete
                .persist(path)
                .map_err(|error| (error.error, error.path)),
            Err(error) => Err((error, complete)),
        };
        renamed.map_err(|(error, complete)| {
            temporary = Some(complete);
            error
        })
    })
}

/// Opens a file. Where another process has just removed it, Windows refuses until it has closed it too.
pub fn open(options: &fs_err::OpenOptions, path: &Path) -> io::Result<fs_err::File> {
    patiently(|| {
        rules::check_open(path)?;
        options.open(path)
    })
}

/// Tries again for a while where another program has a file open. Only Windows refuses for that.
pub fn patiently<T>(attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Tries something that is refused so many times, and says how often it was tried.
    fn tried(refusals: u32, at_most: Duration, passes: bool) -> (u32, bool) {
        let mut attempts = 0;
        let attempt = || {
            attempts += 1;
            if attempts > refusals {
                Ok(())
            } else {
                Err(io::ErrorKind::PermissionDenied.into())
            }
        };
        let result = try_for(at_most, |_| passes, attempt);
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

    /// As a program against viruses does, with what is new to it.
    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_open_for_a_moment_is_replaced_after_it() {
        rules::impose();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        for persisted in [false, true] {
            fs_err::write(&path, "old").unwrap();
            let mut new = tempfile::NamedTempFile::new_in(dir.path()).unwrap();
            io::Write::write_all(&mut new, b"new").unwrap();
            let new = new.into_temp_path();
            let held = fs_err::File::open(&path).unwrap();
            assert!(rules::check_rename(&new, &path).is_err());
            let closing = thread::spawn(move || {
                thread::sleep(Duration::from_millis(50));
                drop(held);
            });
            if persisted {
                persist(new, &path).unwrap();
            } else {
                rename(&new, &path).unwrap();
            }
            closing.join().unwrap();
            assert_eq!(fs_err::read(&path).unwrap(), b"new");
        }
        // One that is held for ever is an error, and the file stays as it was.
        let held = fs_err::File::open(&path).unwrap();
        let other = dir.path().join("other");
        fs_err::write(&other, "other").unwrap();
        assert!(rename(&other, &path).is_err());
        assert_eq!(fs_err::read(&path).unwrap(), b"new");
        drop(held);
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
