//! A package directory. It is used where it lies: nothing is copied.

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use fs_err as fs;

use super::error::Error;
use super::fault::BadLink;
use super::measure::measure;
use super::tree::{Tree, TreeFile};
use super::{kind, mode, tarball};
use crate::base::parallel;
use strict_archive::PortablePath;
use strict_archive::{EntryName, Limits, NameTree};

/// Lists and hashes the files below `runtime`.
pub(super) fn read(runtime: &Path, limits: Limits, jobs: NonZeroUsize) -> Result<Tree, Error> {
    // Some drives of Windows, such as RAM disks, know no other path than the one by which they were asked.
    let root = fs::canonicalize(runtime)
        .or_else(|_| std::path::absolute(runtime))
        .map_err(Error::Read)?;
    let mut walk = Walk {
        runtime,
        root: &root,
        limits,
        names: NameTree::default(),
        found: Vec::new(),
    };
    walk.directory(&root, "")?;
    let mut found = walk.found;
    // The largest first: it alone may take as long as all others together.
    found.sort_by(|a, b| b.size.cmp(&a.size).then_with(|| a.path.cmp(&b.path)));
    let mut unpacked = 0;
    for file in &found {
        unpacked = limits
            .add_bytes(unpacked, file.size)
            .map_err(|fault| Error::Limit {
                runtime: runtime.to_owned(),
                fault,
            })?;
    }
    let files = parallel::map(jobs, &found, |file| -> Result<_, Error> {
        let content =
            measure(&file.path.in_dir(&root), file.size, jobs.get() > 1).map_err(Error::Read)?;
        Ok(TreeFile {
            path: file.path.clone(),
            executable: file.executable,
            content,
            copy_of: file.copy_of.clone(),
        })
    })?;
    Ok(Tree {
        dir: root,
        files,
        links: Vec::new(),
    })
}

struct Walk<'a> {
    runtime: &'a Path,
    root: &'a Path,
    limits: Limits,
    names: NameTree,
    found: Vec<Found>,
}

/// A regular file, or a link to one.
struct Found {
    path: PortablePath,
    executable: Option<bool>,
    size: u64,
    /// Where it leads, if it is a link.
    copy_of: Option<PortablePath>,
}

impl Walk<'_> {
    /// Visits a directory whose path from the root is `prefix`. Its depth is bounded by that of a
    /// name.
    fn directory(&mut self, dir: &Path, prefix: &str) -> Result<(), Error> {
        // Sorted, so that of two faults the same one is found every time.
        let mut entries = fs::read_dir(dir)
            .and_then(Iterator::collect::<io::Result<Vec<_>>>)
            .map_err(Error::Read)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let raw = [prefix.as_bytes(), entry.file_name().as_encoded_bytes()].concat();
            let name = EntryName::parse(&raw).map_err(|fault| Error::Path {
                runtime: self.runtime.to_owned(),
                name: raw,
                fault: fault.into(),
            })?;
            let path = tarball::bundle_path(self.runtime, &name)?;
            let file_type = entry.file_type().map_err(Error::Read)?;
            self.names
                .insert(&name, file_type.is_dir())
                .map_err(|fault| Error::Tree {
                    runtime: self.runtime.to_owned(),
                    name: path.display().to_string(),
                    fault,
                })?;
            self.limits
                .check_entries(self.names.len())
                .map_err(|fault| Error::Limit {
                    runtime: self.runtime.to_owned(),
                    fault,
                })?;
            if file_type.is_dir() {
                self.directory(&entry.path(), &format!("{}/", path.as_str()))?;
                continue;
            }
            let real = if file_type.is_symlink() {
                self.follow(&entry.path(), &path)?
            } else {
                entry.path()
            };
            let copy_of = if file_type.is_symlink() {
                self.path_in_tree(&real)?
            } else {
                None
            };
            let metadata = fs::metadata(&real).map_err(Error::Read)?;
            if !metadata.is_file() {
                return Err(Error::Special {
                    path: entry.path(),
                    what: kind::special(metadata.file_type()),
                });
            }
            self.found.push(Found {
                path,
                executable: mode::executable(&metadata),
                size: metadata.len(),
                copy_of,
            });
        }
        Ok(())
    }

    /// The path from the root of a file in the tree.
    fn path_in_tree(&self, real: &Path) -> Result<Option<PortablePath>, Error> {
        let Ok(below) = real.strip_prefix(self.root) else {
            return Ok(None);
        };
        let parts = below
            .components()
            .map(|part| part.as_os_str().as_encoded_bytes());
        let raw = parts.collect::<Vec<_>>().join(&b'/');
        let name = EntryName::parse(&raw).map_err(|fault| Error::Path {
            runtime: self.runtime.to_owned(),
            name: raw,
            fault: fault.into(),
        })?;
        tarball::bundle_path(self.runtime, &name).map(Some)
    }

    /// Where a symbolic link ends: at something in the tree that is no directory.
    fn follow(&self, link: &Path, path: &PortablePath) -> Result<PathBuf, Error> {
        let bad = |fault| Error::Link {
            runtime: self.runtime.to_owned(),
            name: path.display().to_string(),
            fault,
        };
        let shown = || {
            fs::read_link(link)
                .map_or_else(|_| String::new(), |target| target.display().to_string())
        };
        let real = match fs::canonicalize(link) {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(bad(BadLink::Dangles(shown())));
            }
            Err(error) => return Err(bad(BadLink::Unreadable(error.to_string()))),
        };
        if !real.starts_with(self.root) {
            return Err(bad(BadLink::LeavesTree(shown())));
        }
        if real.is_dir() {
            return Err(bad(BadLink::Directory(shown())));
        }
        Ok(real)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::super::testing::{names, tree};
    use super::*;
    use crate::base::digest::Digest;

    const LIMITS: Limits = Limits {
        entries: 10,
        unpacked_bytes: 100,
    };

    /// Reads a directory that was made from some files and then changed.
    fn read_changed(files: &[&str], change: impl FnOnce(&Path)) -> Result<Tree, String> {
        let outer = tempfile::tempdir().unwrap();
        let dir = outer.path().join("runtime");
        tree(&dir, files, &[]);
        change(&dir);
        read(&dir, LIMITS, NonZeroUsize::MIN)
            .map_err(|error| error.to_string().replace(dir.to_str().unwrap(), "x"))
    }

    fn error(files: &[&str], change: impl FnOnce(&Path)) -> String {
        read_changed(files, change).unwrap_err()
    }

    #[test]
    fn files_are_listed_and_measured_with_their_modes() {
        let tree = read_changed(&["a", "dir/b"], |dir| {
            let mode = std::fs::Permissions::from_mode(0o700);
            fs::set_permissions(dir.join("a"), mode).unwrap();
            fs::create_dir_all(dir.join("empty/directory")).unwrap();
            symlink("../a", dir.join("dir/link")).unwrap();
        });
        let mut tree = tree.unwrap();
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        assert_eq!(names(&tree), ["a", "dir/b", "dir/link"]);
        let executable: Vec<_> = tree.files.iter().map(|file| file.executable).collect();
        assert_eq!(executable, [Some(true), Some(false), Some(true)]);
        assert_eq!(tree.files[1].content.sha256, Digest::of(b"dir/b"));
        assert_eq!(tree.files[2].content, tree.files[0].content);
    }

    #[test]
    fn what_no_package_can_hold_is_refused() {
        let case = "x: `a`: its name and that of another entry differ only in case";
        assert!(error(&["A", "a"], |_| ()).starts_with(case));
        let link = |target: &'static str| {
            error(&["dir/a"], move |dir| {
                symlink(target, dir.join("link")).unwrap();
            })
        };
        assert_eq!(
            link("nowhere"),
            "x: `link`: it is a link to `nowhere`, which does not exist"
        );
        assert!(link("../..").contains("it is a link that leaves the tree"));
        assert!(link("/").contains("it is a link that leaves the tree"));
        assert!(link("dir").contains("it is a link to the directory `dir`"));
        assert!(link("link").contains("it is a link that cannot be followed"));
    }

    #[test]
    fn limits_hold() {
        let many: Vec<String> = (0..11).map(|n| n.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(error(&many, |_| ()).contains("more than 10 entries"));
        let large = |dir: &Path| fs::write(dir.join("a"), [0; 101]).unwrap();
        assert!(error(&["a"], large).contains("more than 100 bytes"));
    }
}
