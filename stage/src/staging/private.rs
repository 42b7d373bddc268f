//! A directory that one command works in at a time, and its private place inside it.
//!
//! The place lies on the disk of the directory, so that what is finished there can be renamed into
//! the directory. It goes away with the command, however that ends: at the end, on an interruption
//! ([`interrupt`]), or, after a kill, when the next command sweeps it.

use std::io;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::interrupt::{self, InUse};
use super::layout::{PRIVATE, SCRATCH};
use super::lock::Lock;

/// A directory that this process holds the lock of.
pub struct Private {
    root: PathBuf,
    /// Directories that were not there before, the deepest first.
    created: Vec<PathBuf>,
    lock: Option<Lock>,
}

impl Private {
    /// Takes a directory, which is created if it is not there, for this process.
    pub fn open(path: &Path) -> Result<Self, Error> {
        if path.exists() && !path.is_dir() {
            return Err(Error::NotADirectory(path.to_path_buf()));
        }
        let mut private = Self {
            root: path.to_path_buf(),
            created: Vec::new(),
            lock: None,
        };
        private.create(path)?;
        let directory = path.join(PRIVATE);
        private.lock = Some(match Lock::take(&directory)? {
            Some(lock) => lock,
            None => return Err(Error::Locked(path.to_path_buf())),
        });
        // What a killed command left there.
        *interrupt::hold() = Some(InUse {
            private: directory,
            created: private.created.clone(),
        });
        let scratch = private.scratch();
        if scratch.exists() {
            fs_err::remove_dir_all(&scratch)?;
        }
        fs_err::create_dir(&scratch)?;
        Ok(private)
    }

    /// A directory on the same disk, for this command only.
    #[must_use]
    pub fn scratch(&self) -> PathBuf {
        self.root.join(PRIVATE).join(SCRATCH)
    }

    /// Creates a directory, and remembers which of it is new.
    pub fn create(&mut self, path: &Path) -> io::Result<()> {
        let missing = path
            .ancestors()
            .take_while(|path| !path.as_os_str().is_empty() && path.symlink_metadata().is_err());
        self.created.splice(0..0, missing.map(Path::to_path_buf));
        if let Some(in_use) = &mut *interrupt::hold() {
            in_use.created.clone_from(&self.created);
        }
        fs_err::create_dir_all(path)
    }

    /// Keeps the directories that were created, even where they are empty.
    pub fn keep(&mut self) {
        self.created.clear();
    }
}

impl Drop for Private {
    /// Leaves no trace: neither of the private directory nor of directories that stayed empty.
    fn drop(&mut self) {
        // Nobody is left to hear of an error here, and the next command sweeps what remains.
        if let Some(lock) = self.lock.take() {
            *interrupt::hold() = None;
            let _ = fs_err::remove_dir_all(self.scratch());
            lock.release();
        }
        for path in &self.created {
            let _ = fs_err::remove_dir(path);
        }
    }
}
