//! Renames that can be undone.

use std::io;
use std::path::{Path, PathBuf};

use crate::base::{failpoint, patience};

/// A series of renames inside one directory. If it is dropped without [`Moves::keep`], it undoes
/// them.
pub struct Moves<'a> {
    root: &'a Path,
    /// The directory that has the new files, at the same relative paths.
    new: &'a Path,
    /// The directory that old files are moved to.
    old: PathBuf,
    done: Vec<(PathBuf, PathBuf)>,
}

impl<'a> Moves<'a> {
    pub fn new(root: &'a Path, new: &'a Path, old: PathBuf) -> io::Result<Self> {
        fs_err::create_dir(&old)?;
        Ok(Self {
            root,
            new,
            old,
            done: Vec::new(),
        })
    }

    /// Moves the file or directory at a path away, if there is one.
    pub fn remove(&mut self, path: &str) -> io::Result<()> {
        let from = self.root.join(path);
        if from.symlink_metadata().is_ok() {
            let to = self.old.join(self.done.len().to_string());
            self.rename(from, to)?;
            failpoint::step(&format!("removed {path}"));
        }
        Ok(())
    }

    /// Moves the new file or directory for a path into place, if there is one. What was there is
    /// moved away.
    pub fn place(&mut self, path: &str) -> io::Result<()> {
        let from = self.new.join(path);
        if from.symlink_metadata().is_ok() {
            self.remove(path)?;
            self.rename(from, self.root.join(path))?;
            failpoint::step(&format!("placed {path}"));
        }
        Ok(())
    }

    /// Keeps all renames.
    pub fn keep(mut self) {
        self.done.clear();
    }

    fn rename(&mut self, from: PathBuf, to: PathBuf) -> io::Result<()> {
        patience::rename(&from, &to)?;
        self.done.push((from, to));
        Ok(())
    }
}

impl Drop for Moves<'_> {
    fn drop(&mut self) {
        for (from, to) in self.done.iter().rev() {
            // Another error is already being returned. The next command removes what stays here.
            let _ = patience::rename(to, from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_is_undone() -> io::Result<()> {
        crate::base::windows_rules::impose();
        let base = tempfile::tempdir()?;
        let (root, new) = (base.path().join("root"), base.path().join("new"));
        for (directory, files) in [(&root, ["a", "b"]), (&new, ["b", "c"])] {
            fs_err::create_dir(directory)?;
            for file in files {
                fs_err::write(
                    directory.join(file),
                    directory.as_os_str().as_encoded_bytes(),
                )?;
            }
        }
        let names = || crate::base::files::names_in(&root).unwrap().join(" ");
        for keep in [false, true] {
            let mut moves = Moves::new(&root, &new, base.path().join(format!("old{keep}")))?;
            moves.remove("a")?;
            moves.remove("missing")?;
            moves.place("b")?;
            moves.place("c")?;
            moves.place("missing")?;
            assert_eq!(names(), "b c");
            assert_eq!(
                fs_err::read(root.join("b"))?,
                new.as_os_str().as_encoded_bytes()
            );
            if keep {
                moves.keep();
                assert_eq!(names(), "b c");
            } else {
                drop(moves);
                assert_eq!(names(), "a b");
                assert_eq!(
                    fs_err::read(root.join("b"))?,
                    root.as_os_str().as_encoded_bytes()
                );
            }
        }
        Ok(())
    }
}
