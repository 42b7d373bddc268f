//! A package directory. It is used where it lies: nothing is copied.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use fs_err as fs;

use super::error::BadLink;
use super::tree::{Content, Measure, Tree, TreeFile};
use super::{BundlePath, Error, kind, parallel, tarball};
use crate::container::{EntryName, Limits, NameTree};

/// Lists and hashes the files below `runtime`.
pub(super) fn read(runtime: &Path, limits: Limits) -> Result<Tree, Error> {
    let root = fs::canonicalize(runtime).map_err(Error::Read)?;
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
    let files = parallel::map(&found, |file| -> Result<_, Error> {
        let content = measure(&file.path.in_dir(&root)).map_err(Error::Read)?;
        Ok(TreeFile {
            path: file.path.clone(),
            executable: file.executable,
            content,
        })
    })?;
    Ok(Tree {
        dir: root,
        files,
        links: Vec::new(),
    })
}

/// Hashes a file.
fn measure(path: &Path) -> io::Result<Content> {
    let mut file = fs::File::open(path)?;
    let mut measure = Measure::default();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(measure.finish()),
            Ok(len) => measure.update(&buffer[..len]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
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
    path: BundlePath,
    executable: Option<bool>,
    size: u64,
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
                    name: path.to_string(),
                    fault,
                })?;
            self.limits
                .check_entries(self.names.len())
                .map_err(|fault| Error::Limit {
                    runtime: self.runtime.to_owned(),
                    fault,
                })?;
            if file_type.is_dir() {
                self.directory(&entry.path(), &format!("{path}/"))?;
                continue;
            }
            let real = if file_type.is_symlink() {
                self.follow(&entry.path(), &path)?
            } else {
                entry.path()
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
                executable: executable(&metadata),
                size: metadata.len(),
            });
        }
        Ok(())
    }

    /// Where a symbolic link ends: at something in the tree that is no directory.
    fn follow(&self, link: &Path, path: &BundlePath) -> Result<PathBuf, Error> {
        let bad = |fault| Error::Link {
            runtime: self.runtime.to_owned(),
            name: path.to_string(),
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

/// The owner's executable bit, on systems that have one.
#[cfg_attr(
    unix,
    expect(clippy::unnecessary_wraps, reason = "Windows has no such bit")
)]
fn executable(metadata: &std::fs::Metadata) -> Option<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        Some(metadata.permissions().mode() & super::OWNER_EXECUTABLE != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        None
    }
}
