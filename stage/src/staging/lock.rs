//! The lock of a staging directory.
//!
//! It is a lock on a file, so the system gives it back when the process ends, however it ends. The
//! file goes away with the lock, which leaves one race: a process may lock a file that its owner
//! has just removed. Whoever has taken a lock therefore looks whether the path still leads to the
//! file that it locked.

use std::fs::TryLockError;
use std::io;
use std::path::{Path, PathBuf};

use fs_err::File;
use same_file::Handle;

use super::layout::LOCK;

/// A lock that is held.
pub struct Lock {
    directory: PathBuf,
    file: File,
}

impl Lock {
    /// Takes the lock that lies in `directory`, which is created. `None` if another process has it.
    pub fn take(directory: &Path) -> io::Result<Option<Self>> {
        let path = directory.join(LOCK);
        loop {
            match fs_err::create_dir(directory) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
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
                Err(error) => return Err(error),
            };
            match file.file().try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            let locked = Handle::from_file(file.file().try_clone()?)?;
            if Handle::from_path(&path).is_ok_and(|there| there == locked) {
                return Ok(Some(Self {
                    directory: directory.to_path_buf(),
                    file,
                }));
            }
        }
    }

    /// Removes the lock's file and directory, and gives the lock back.
    pub fn release(self) {
        // The path goes first: whoever opens the file after that makes a new one.
        let _ = fs_err::remove_file(self.directory.join(LOCK));
        let _ = fs_err::remove_dir(&self.directory);
        drop(self.file);
    }
}
