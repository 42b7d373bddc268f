//! A file that is being downloaded: its bytes so far, and their digest.
//!
//! A partial file in the cache outlives the process, and the next process continues where it ended.
//! The server's name for the content (its validator) is stored beside it. After a kill the two may
//! not belong together. That costs a download from the start and nothing else, because only the
//! digest decides whether a file is right.

use std::fs::TryLockError;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use fs_err::File;
use same_file::Handle;

use crate::base::digest::Digest;
use crate::base::hashed::Hasher;
use crate::base::patience;

/// The beginning of a file.
pub(super) struct Partial {
    file: File,
    path: PathBuf,
    /// Where the validator is kept for the next process.
    memo: Option<PathBuf>,
    validator: Option<String>,
    hasher: Hasher,
}

impl Partial {
    /// Creates a new file, for this process only.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut options = fs_err::OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(true);
        Ok(Self {
            file: options.open(path)?,
            path: path.to_path_buf(),
            memo: None,
            validator: None,
            hasher: Hasher::default(),
        })
    }

    /// Opens the file that another process may have begun. `None` if another process is writing it
    /// now.
    pub fn resume(path: &Path) -> io::Result<Option<Self>> {
        let mut options = fs_err::OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let file = loop {
            let file = patience::open(options, path)?;
            if !file.metadata()?.is_file() {
                // A pipe would wait for its writer.
                let why = format!("{} is not a regular file", path.display());
                return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
            }
            match file.file().try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // Whoever had the lock before may have completed the file, which then has another name.
            let locked = Handle::from_file(file.file().try_clone()?)?;
            if Handle::from_path(path).is_ok_and(|there| there == locked) {
                break file;
            }
        };
        let memo = path.with_extension("validator");
        let mut partial = Self {
            validator: fs_err::read_to_string(&memo).ok(),
            file,
            path: path.to_path_buf(),
            memo: Some(memo),
            hasher: Hasher::default(),
        };
        let mut buffer = vec![0; 256 << 10];
        loop {
            let count = partial.file.read(&mut buffer)?;
            let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else {
                return Ok(Some(partial));
            };
            partial.hasher.update(bytes);
        }
    }

    /// Returns the number of bytes so far.
    pub fn length(&self) -> u64 {
        self.hasher.length()
    }

    /// Returns the server's name for the content that the bytes belong to: an entity tag or a date.
    pub fn validator(&self) -> Option<&str> {
        self.validator.as_deref()
    }

    /// Returns the digest of the bytes so far.
    pub fn digest(&self) -> Digest {
        self.hasher.clone().finish().1
    }

    /// Returns the first bytes, at most `count`.
    pub fn head(&mut self, count: u64) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        (&mut self.file).take(count).read_to_end(&mut head)?;
        self.file.seek(SeekFrom::End(0))?;
        Ok(head)
    }

    /// Begins again with an empty file, whose content has this validator at the server.
    pub fn restart(&mut self, validator: Option<String>) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.hasher = Hasher::default();
        if let Some(memo) = &self.memo {
            match &validator {
                Some(validator) => fs_err::write(memo, validator)?,
                None => remove_if_there(memo)?,
            }
        }
        self.validator = validator;
        Ok(())
    }

    /// Adds the bytes that follow.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        Ok(())
    }

    /// Renames the file, which is complete, to its final name.
    pub fn complete(self, path: &Path) -> io::Result<()> {
        patience::rename(&self.path, path)?;
        self.memo.as_deref().map_or(Ok(()), remove_if_there)
    }

    /// Removes the file and its validator.
    pub fn discard(self) {
        // A file that cannot be removed is never taken for a finished one, and is pruned later.
        let _ = fs_err::remove_file(&self.path);
        if let Some(memo) = &self.memo {
            let _ = remove_if_there(memo);
        }
    }
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs_err::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_process_goes_on() {
        crate::base::windows_rules::impose();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("incomplete-a");
        let mut partial = Partial::resume(&path).unwrap().unwrap();
        partial.restart(Some("\"v1\"".to_owned())).unwrap();
        partial.write(b"one, ").unwrap();
        assert!(Partial::resume(&path).unwrap().is_none(), "it is locked");
        drop(partial);

        let mut partial = Partial::resume(&path).unwrap().unwrap();
        assert_eq!((partial.length(), partial.validator()), (5, Some("\"v1\"")));
        partial.write(b"two").unwrap();
        assert_eq!(partial.digest(), Digest::of(b"one, two"));
        assert_eq!(partial.head(3).unwrap(), b"one");
        let whole = directory.path().join("a");
        partial.complete(&whole).unwrap();
        assert_eq!(fs_err::read(&whole).unwrap(), b"one, two");
        assert_eq!(fs_err::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn nothing_is_left_of_what_is_discarded() {
        crate::base::windows_rules::impose();
        let directory = tempfile::tempdir().unwrap();
        let mut partial = Partial::resume(&directory.path().join("a"))
            .unwrap()
            .unwrap();
        partial.restart(Some("\"v1\"".to_owned())).unwrap();
        partial.write(b"one").unwrap();
        partial.restart(None).unwrap();
        partial.write(b"two").unwrap();
        assert_eq!(partial.digest(), Digest::of(b"two"));
        partial.discard();
        assert_eq!(fs_err::read_dir(directory.path()).unwrap().count(), 0);
    }
}
