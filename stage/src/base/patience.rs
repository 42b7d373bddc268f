//! Operations on files that another program may have open for a moment.
//!
//! Windows refuses to rename or remove what somebody has open without sharing it, and programs against
//! viruses open every new file. So these operations are tried again for a while, there and nowhere else.

#![expect(
    clippy::disallowed_methods,
    reason = "what they are disallowed for is here"
)]

use std::io;
use std::path::Path;

use tempfile::TempPath;

pub(crate) use super::open_files::patiently;
use super::open_files::rules;

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

/// On Windows, the rules are the system's own.
#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::*;

    /// As a program against viruses does, with what is new to it.
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
}
