//! The user's cache directory: what may be gone tomorrow, and is bounded.
//!
//! A file is written under a name that begins with [`INCOMPLETE`], and renamed when it is whole.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How the names of files that are not complete begin.
pub(crate) const INCOMPLETE: &str = "incomplete-";

/// A file that has not been completed after this time never will be.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// The directory of one kind of content, if the user has a cache directory.
pub(crate) fn directory(kind: &str) -> Option<PathBuf> {
    Some(dirs::cache_dir()?.join("stage").join(kind))
}

/// Makes room: removes what was not used for the longest time, by its time of modification, until
/// `most_bytes` are left, and what was never completed.
pub(crate) fn prune(directory: &Path, most_bytes: u64) -> io::Result<()> {
    let now = SystemTime::now();
    let mut files = Vec::new();
    for entry in fs_err::read_dir(directory)? {
        let entry = entry?;
        // Another process may prune at the same time: what is gone is gone.
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
