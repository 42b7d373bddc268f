//! The lock of a staging directory.
//!
//! It is a lock on a file, so the system releases it when the process ends, however it ends. The
//! file is removed with the lock, which leaves one race: a process may lock a file that its owner
//! has just removed. After taking a lock, a process therefore checks that the path still leads to
//! the file that it locked.
//!
//! On Windows, a removed file can keep its name until it is closed. So the file is closed before its
//! directory is removed, and a process that finds such a file tries again.

use std::fs::TryLockError;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use fs_err::File;
use same_file::Handle;

use super::error::StagingError;
use super::layout::LOCK;
use crate::base::patience;

/// The lock, held by this process until one of the copies of this value releases it.
#[derive(Clone)]
pub struct Lock {
    directory: PathBuf,
    file: Arc<Mutex<Option<File>>>,
}

impl Lock {
    /// Takes the lock in `directory`, and creates the directory. `None` if another process holds
    /// the lock.
    pub fn take(directory: &Path) -> Result<Option<Self>, StagingError> {
        let path = directory.join(LOCK);
        loop {
            match patience::patiently(|| fs_err::create_dir(directory)) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(error.into());
                }
                _ => {}
            }
            // A link would lead the lock, and what is removed with it, to another place.
            check(directory, "directory", std::fs::Metadata::is_dir)?;
            check(&path, "file", std::fs::Metadata::is_file)?;
            let mut options = fs_err::OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            let file = match patience::open(&options, &path) {
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
                    file: Arc::new(Mutex::new(Some(file))),
                }));
            }
        }
    }

    /// Removes the lock file and its directory, and releases the lock.
    pub fn release(&self) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(file) = file.take() else {
            return;
        };
        // The path is removed first: a process that opens it after that creates a new file.
        let _ = fs_err::remove_file(self.directory.join(LOCK));
        drop(file);
        // It is not empty if another process has taken the lock already.
        let _ = patience::remove_dir(&self.directory);
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;
    use crate::base::windows_rules;

    #[test]
    fn nothing_is_left_of_a_lock_and_one_process_has_it() {
        windows_rules::impose();
        let outer = tempfile::tempdir().unwrap();
        let directory = outer.path().join("private");
        let lock = Lock::take(&directory).unwrap().unwrap();
        assert!(Lock::take(&directory).unwrap().is_none());
        let copy = lock.clone();
        copy.release();
        assert!(!directory.exists());
        // The other copy has nothing left to release.
        let next = Lock::take(&directory).unwrap().unwrap();
        lock.release();
        assert!(Lock::take(&directory).unwrap().is_none());
        next.release();
        assert!(!directory.exists());
    }

    #[test]
    fn those_who_take_it_in_turn_never_share_it() {
        let outer = tempfile::tempdir().unwrap();
        let directory = outer.path().join("private");
        let (holders, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while taken.load(Ordering::Relaxed) < 200 {
                        let Some(lock) = Lock::take(&directory).unwrap() else {
                            continue;
                        };
                        assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0);
                        taken.fetch_add(1, Ordering::Relaxed);
                        holders.fetch_sub(1, Ordering::SeqCst);
                        lock.release();
                    }
                });
            }
        });
        assert!(!directory.exists());
    }
}
