//! What fails while another program has a file open, and passes when it has closed it.
//!
//! Windows refuses to open, rename or remove what somebody has open without sharing it, and programs
//! against viruses open every new file. So that is tried again for a while, there and nowhere else. `stage`
//! uses this file as well.

#![allow(
    clippy::disallowed_types,
    reason = "`stage` has wrappers for `std::fs`, and this file is of a crate without them"
)]

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// What the tests impose.
#[cfg(test)]
pub(crate) use super::windows_rules as rules;

#[cfg(not(test))]
#[allow(
    dead_code,
    clippy::disallowed_types,
    clippy::unnecessary_wraps,
    reason = "the rules of the tests refuse, and each crate uses a part"
)]
pub(crate) mod rules {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    pub(crate) fn is_refusal(_: &io::Error) -> bool {
        false
    }
    pub(crate) fn check_write(_: &File) -> io::Result<()> {
        Ok(())
    }
    pub(crate) fn check_open(_: &Path) -> io::Result<()> {
        Ok(())
    }
    pub(crate) fn check_remove_dir(_: &Path) -> io::Result<()> {
        Ok(())
    }
    pub(crate) fn check_rename(_: &Path, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

/// Opens a file to read and lock it, and where the system asks for that, with the right to change its
/// times. A file of somebody else is opened without it.
pub(crate) fn open_dated(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt;
        const GENERIC_READ: u32 = 0x8000_0000;
        const FILE_WRITE_ATTRIBUTES: u32 = 0x100;
        let mut dated = options.clone();
        dated.access_mode(GENERIC_READ | FILE_WRITE_ATTRIBUTES);
        if let Ok(file) = dated.open(path) {
            return Ok(file);
        }
    }
    options.open(path)
}

/// How long it may take the others to close a file.
const PATIENCE: Duration = Duration::from_secs(2);

/// Tries again for a while where another program has a file open. Only Windows refuses for that.
pub(crate) fn patiently<T>(attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
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
