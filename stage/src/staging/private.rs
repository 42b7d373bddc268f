//! A directory that one command at a time works in, and the private directory inside it.
//!
//! The private directory is on the same disk, so finished files can be renamed out of it. It is
//! removed however the command ends: by the command itself, on an interruption ([`interrupt`]), or,
//! after a kill, by the next command.

use std::io;
use std::path::{Path, PathBuf};

use super::error::StagingError;
use super::interrupt::{self, InUse};
use super::layout::{PRIVATE, SCRATCH};
use super::lock::Lock;
use crate::base::{failpoint, files, patience};

/// A directory whose lock this process holds.
pub struct Private {
    root: PathBuf,
    /// Directories that this process created, the deepest first.
    created: Vec<PathBuf>,
    lock: Option<Lock>,
}

impl Private {
    /// Locks a directory for this process, and creates it if it does not exist.
    pub fn open(path: &Path) -> Result<Self, StagingError> {
        if path.exists() && !path.is_dir() {
            return Err(StagingError::NotADirectory(path.to_path_buf()));
        }
        let mut private = Self {
            root: path.to_path_buf(),
            created: Vec::new(),
            lock: None,
        };
        // An interruption waits until it can know what there is to remove.
        let mut in_use = interrupt::hold();
        private.create_missing(path)?;
        let directory = path.join(PRIVATE);
        let Some(lock) = Lock::take(&directory)? else {
            return Err(StagingError::Locked(path.to_path_buf()));
        };
        private.lock = Some(lock.clone());
        *in_use = Some(InUse {
            scratch: private.scratch(),
            lock,
            created: private.created.clone(),
        });
        // What a killed command left there may be large.
        drop(in_use);
        let scratch = private.scratch();
        if scratch.symlink_metadata().is_ok() {
            // Of a link, the link.
            fs_err::remove_dir_all(&scratch).or_else(|_| fs_err::remove_file(&scratch))?;
        }
        files::create_dirs(&scratch)?;
        Ok(private)
    }

    /// Returns a directory on the same disk, for this command only.
    #[must_use]
    pub fn scratch(&self) -> PathBuf {
        self.root.join(PRIVATE).join(SCRATCH)
    }

    /// Creates a directory and its missing parents, and remembers which of them are new.
    pub fn create(&mut self, path: &Path) -> io::Result<()> {
        let mut in_use = interrupt::hold();
        self.create_missing(path)?;
        if let Some(in_use) = &mut *in_use {
            in_use.created.clone_from(&self.created);
        }
        Ok(())
    }

    fn create_missing(&mut self, path: &Path) -> io::Result<()> {
        let missing = path
            .ancestors()
            .take_while(|path| !path.as_os_str().is_empty() && path.symlink_metadata().is_err());
        self.created.splice(0..0, missing.map(Path::to_path_buf));
        fs_err::create_dir_all(path)
    }

    /// Moves new files from a directory below [`scratch`](Self::scratch) to the same paths in the
    /// locked one, in this order: all of them or none. Nothing is overwritten: a file of the same path
    /// is an error of the kind [`io::ErrorKind::AlreadyExists`].
    pub fn place_new(&mut self, from: &Path, paths: &[String]) -> io::Result<()> {
        // An interruption waits.
        let _in_use = interrupt::hold();
        let mut placed = Placed::default();
        for path in paths {
            let to = self.root.join(path);
            let parents = to.ancestors().skip(1);
            let missing = parents.take_while(|parent| !parent.exists());
            let missing = missing.map(Path::to_path_buf).collect::<Vec<_>>();
            files::create_parents(&to)?;
            placed.directories.splice(0..0, missing);
            place_new(&from.join(path), &to)?;
            placed.files.push(to);
            failpoint::step(&format!("placed {path}"));
        }
        placed.files.clear();
        placed.directories.clear();
        self.keep();
        Ok(())
    }

    /// Keeps the directories that were created, even if they are empty.
    pub fn keep(&mut self) {
        self.created.clear();
    }
}

/// Files and directories that were placed. If it is dropped, they are removed again.
#[derive(Default)]
struct Placed {
    files: Vec<PathBuf>,
    /// The deepest first.
    directories: Vec<PathBuf>,
}

impl Drop for Placed {
    fn drop(&mut self) {
        // Another error is already being returned.
        for file in &self.files {
            let _ = fs_err::remove_file(file);
        }
        for directory in &self.directories {
            let _ = fs_err::remove_dir(directory);
        }
    }
}

/// Gives a file a second name, which must be new. Some file systems have no second names: there the
/// file is copied.
fn place_new(from: &Path, to: &Path) -> io::Result<()> {
    match fs_err::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) => {
            let mut new = fs_err::File::create_new(to)?;
            let copied =
                fs_err::File::open(from).and_then(|mut from| io::copy(&mut from, &mut new));
            if copied.is_err() {
                let _ = fs_err::remove_file(to);
            }
            copied.map(drop)
        }
    }
}

impl Drop for Private {
    /// Removes the private directory, and the created directories that stayed empty.
    fn drop(&mut self) {
        // An interruption waits: this is what it would do.
        let mut in_use = interrupt::hold();
        // An error cannot be reported from here, and the next command removes what remains.
        if let Some(lock) = self.lock.take() {
            let _ = fs_err::remove_dir_all(self.scratch());
            lock.release();
            *in_use = None;
        }
        for path in &self.created {
            let _ = patience::remove_dir(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::windows_rules;

    #[test]
    fn a_refused_command_leaves_nothing_of_a_new_directory() {
        windows_rules::impose();
        let outer = tempfile::tempdir().unwrap();
        let path = outer.path().join("new/staging");
        let mut private = Private::open(&path).unwrap();
        private.create(&path.join("wheels")).unwrap();
        let out = private.scratch().join("out");
        fs_err::create_dir(&out).unwrap();
        fs_err::write(out.join("file"), "x").unwrap();
        assert!(matches!(
            Private::open(&path).err(),
            Some(StagingError::Locked(_))
        ));
        drop(private);
        assert_eq!(fs_err::read_dir(outer.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_was_placed_stays_and_what_a_killed_command_left_goes() {
        windows_rules::impose();
        let path = tempfile::tempdir().unwrap();
        let left = path.path().join(PRIVATE).join(SCRATCH);
        fs_err::create_dir_all(left.join("deep")).unwrap();
        fs_err::write(
            path.path().join(PRIVATE).join(super::super::layout::LOCK),
            "",
        )
        .unwrap();
        let mut private = Private::open(path.path()).unwrap();
        assert_eq!(fs_err::read_dir(&left).unwrap().count(), 0);
        let out = private.scratch().join("out");
        fs_err::create_dir(&out).unwrap();
        fs_err::write(out.join("a"), "x").unwrap();
        let paths = ["a".to_owned()];
        private.place_new(&out, &paths).unwrap();
        let again = private.place_new(&out, &paths).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        drop(private);
        assert_eq!(files::names_in(path.path()).unwrap(), ["a"]);
    }
}
