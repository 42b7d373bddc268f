//! The lock of a staging directory.
//!
//! It is a lock on a file, so the system releases it when the process ends, however it ends. The
//! file is removed with the lock, which leaves one race: a process may lock a file that its owner
//! has just removed. After taking a lock, a process therefore checks that the path still leads to
//! the file that it locked.

use std::fs::TryLockError;
use std::io;
use std::path::{Path, PathBuf};

use fs_err::File;
use same_file::Handle;

use super::error::StagingError;
use super::layout::LOCK;

/// The lock, held by this process.
pub struct Lock {
    directory: PathBuf,
    file: File,
}

impl Lock {
    /// Takes the lock in `directory`, and creates the directory. `None` if another process holds
    /// the lock.
    pub fn take(directory: &Path) -> Result<Option<Self>, StagingError> {
        let path = directory.join(LOCK);
        loop {
            match fs_err::create_dir(directory) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(error.into());
                }
                _ => {}
            }
            // A link would lead the lock, and what is removed with it, to another place.
            check(directory, "directory", std::fs::Metadata::is_dir)?;
            check(&path, "file", std::fs::Metadata::is_file)?;
            let mut options = fs_err::OpenOptions::new();
            let file = match options
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)
            {
                Ok(file) => file,
                // The owner has removed the directory in between.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error.into()),
            };
            match file.file().try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    tracing::debug!(lock = %path.display(), "locked by another process");
                    return Ok(None);
                }
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
            let locked = Handle::from_file(file.file().try_clone()?)?;
            if Handle::from_path(&path).is_ok_and(|there| there == locked) {
                tracing::debug!(lock = %path.display(), "locked");
                return Ok(Some(Self {
                    directory: directory.to_path_buf(),
                    file,
                }));
            }
        }
    }

    /// Removes the lock file and its directory, and releases the lock.
    pub fn release(self) {
        // The path is removed first: a process that opens it after that creates a new file.
        let _ = fs_err::remove_file(self.directory.join(LOCK));
        let _ = fs_err::remove_dir(&self.directory);
        drop(self.file);
        tracing::debug!(lock = %self.directory.join(LOCK).display(), "unlocked");
    }
}

/// Fails if something else is at a path. Nothing may be there: another process may have removed it.
fn check(
    path: &Path,
    expected: &'static str,
    is_expected: fn(&std::fs::Metadata) -> bool,
) -> Result<(), StagingError> {
    match fs_err::symlink_metadata(path) {
        Ok(metadata) if is_expected(&metadata) => Ok(()),
        Ok(_) => Err(StagingError::NotPrivate {
            path: path.to_path_buf(),
            expected,
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
    }
}
