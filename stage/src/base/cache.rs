//! The user's cache directory. Its files may be deleted at any time, and its size is limited.
//!
//! A file is written under a name that begins with [`INCOMPLETE`], and renamed when it is complete.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::open_files::open_dated;

/// Prefix of the names of incomplete files.
pub(crate) const INCOMPLETE: &str = "incomplete-";

/// An incomplete file that is older than this is abandoned.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// Returns the directory for one kind of content; `None` if the user has no cache directory.
pub(crate) fn directory(kind: &str) -> Option<PathBuf> {
    Some(dirs::cache_dir()?.join("stage").join(kind))
}

/// Notes that a file is used now: the files that were not used for longest are pruned first. A cache that
/// cannot be written to does not need it.
pub(crate) fn note_use(path: &Path) {
    let _ = open_dated(path).and_then(|file| file.set_modified(SystemTime::now()));
}

/// Removes what is not what its name says. It is not used, even if it cannot be removed. A directory is
/// removed too: no file could take its name.
pub(crate) fn discard(path: &Path) {
    let _ = fs_err::remove_file(path).or_else(|_| fs_err::remove_dir_all(path));
}

/// Makes room: removes abandoned incomplete files, then the files with the oldest modification
/// times until at most `most_bytes` are left.
pub(crate) fn prune(directory: &Path, most_bytes: u64) -> io::Result<()> {
    let now = SystemTime::now();
    let mut files = Vec::new();
    for entry in fs_err::read_dir(directory)? {
        let entry = entry?;
        // Another process may prune at the same time and may have removed the file.
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        let age = now.duration_since(metadata.modified()?).unwrap_or_default();
        let incomplete = entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(INCOMPLETE.as_bytes());
        if incomplete && age > ABANDONED {
            let _ = fs_err::remove_file(entry.path());
        } else if !incomplete {
            files.push((age, metadata.len(), entry.path()));
        }
    }
    files.sort();
    let mut kept = 0;
    for (_, length, path) in files {
        kept += length;
        if kept > most_bytes {
            tracing::debug!(path = %path.display(), "removed from the cache to make room");
            let _ = fs_err::remove_file(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_last_stays() {
        let directory = tempfile::tempdir().unwrap();
        let old = SystemTime::now() - ABANDONED;
        let path = |name: &str| directory.path().join(name);
        for name in ["a", "b", "c"] {
            fs_err::write(path(name), name).unwrap();
            let file = fs_err::OpenOptions::new().write(true).open(path(name));
            file.unwrap().file().set_modified(old).unwrap();
        }
        note_use(&path("b"));
        prune(directory.path(), 1).unwrap();
        let left = super::super::files::names_in(directory.path()).unwrap();
        assert_eq!(left, ["b"]);
    }
}
