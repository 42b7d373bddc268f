//! Removes what earlier versions left in the cache.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::brief::First;
use crate::entry;
use crate::error::Error;
use crate::fs;
use crate::lock::{self, Outcome};

/// What [`prune`](crate::prune) did.
#[derive(Default)]
#[non_exhaustive]
pub struct Pruned {
    /// The entries that were removed.
    pub removed: Vec<PathBuf>,
    /// Those that were old enough, and are in use.
    pub in_use: Vec<PathBuf>,
}

impl fmt::Debug for Pruned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { removed, in_use } = self;
        f.debug_struct("Pruned")
            .field("removed", &First(removed))
            .field("in_use", &First(in_use))
            .finish()
    }
}

/// Prunes one cache, but for the entry of this name.
pub(crate) fn prune(
    cache: &Path,
    except: Option<&str>,
    keep: Duration,
    wait: Duration,
    pruned: &mut Pruned,
) -> Result<(), Error> {
    let old = candidates(cache, except, keep);
    if old.is_empty() {
        return Ok(());
    }
    let _lock = match lock::wait(cache, wait, || None) {
        Ok(Outcome::Locked(lock)) => lock,
        Ok(Outcome::Came(())) => return Ok(()),
        Err(lock::NoLock::Unusable(error)) => return Err(error.into()),
        Err(lock::NoLock::TimedOut(error)) => return Err(error),
    };
    for dir in old {
        let list = if entry::remove(&dir)? {
            &mut pruned.removed
        } else {
            &mut pruned.in_use
        };
        list.push(dir);
    }
    Ok(())
}

/// The entries that were last used longer ago than that.
fn candidates(cache: &Path, except: Option<&str>, keep: Duration) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(cache) else {
        return Vec::new();
    };
    let now = SystemTime::now();
    let name_of =
        |entry: std::io::Result<std::fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
    let mut names: Vec<String> = entries.filter_map(name_of).collect();
    names.retain(|name| entry::is_name(name) && Some(name.as_str()) != except);
    names.sort_unstable();
    let old = |dir: &PathBuf| {
        // One without a marker was never ready.
        let used = fs::metadata(&entry::marker_path(dir))
            .ok()
            .and_then(|m| m.modified().ok());
        // A use in the future is one before the clock was set back: just now, for all that is known.
        used.is_none_or(|used| now.duration_since(used).unwrap_or_default() >= keep)
    };
    names
        .into_iter()
        .map(|name| cache.join(name))
        .filter(old)
        .collect()
}
