//! The lock of a cache, which is held by whoever changes something in it.
//!
//! One for the whole cache: two versions are rarely extracted at once, and a lock that is never removed
//! has no races of its own. It is asked for again and again rather than waited for, since there is no
//! waiting with a time-out, and since those who wait look in between whether they still need it.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, FileError};
use crate::fs;
use crate::sys;

const LOCK: &str = "lock";

/// The lock, held until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// What came of waiting.
pub(crate) enum Outcome<T> {
    /// The lock is held, and what was waited for did not come.
    Locked(Lock),
    /// What was waited for came.
    Came(T),
}

/// Why there is no lock.
pub(crate) enum Failure {
    /// The cache cannot be written to.
    Unusable(FileError),
    /// Another process has it.
    TimedOut(Error),
}

/// Waits for the lock of a cache, or for something that makes it unnecessary, whichever comes first.
pub(crate) fn wait<T>(
    cache: &Path,
    at_most: Duration,
    mut came: impl FnMut() -> Option<T>,
) -> Result<Outcome<T>, Failure> {
    let path = cache.join(LOCK);
    let file = fs::open_lock(&path).map_err(Failure::Unusable)?;
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        let locked = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            // Two processes may then do the same work; neither disturbs the other.
            Err(TryLockError::Error(error)) if sys::knows_no_locks(&error) => true,
            Err(TryLockError::Error(source)) => {
                return Err(Failure::Unusable(FileError {
                    operation: "lock",
                    path,
                    source,
                }));
            }
        };
        // In this order: what came before the lock was free is seen now.
        if let Some(came) = came() {
            return Ok(Outcome::Came(came));
        }
        if locked {
            return Ok(Outcome::Locked(Lock { _file: file }));
        }
        let waited = start.elapsed();
        let Some(left) = at_most.checked_sub(waited).filter(|left| !left.is_zero()) else {
            return Err(Failure::TimedOut(Error::TimedOut { lock: path, waited }));
        };
        thread::sleep(pause.min(left));
        pause = (2 * pause).min(Duration::from_millis(32));
    }
}

/// Whether somebody uses a cache entry: asks for the exclusive lock on its marker, which is held from
/// then on if nobody does. Where the file system has no locks, everything may be in use.
///
/// A process that another thread is just starting has a copy of every open file until its `exec`, locks
/// included: a moment's patience tells it from a user.
pub(crate) fn in_use(marker: &File) -> bool {
    [0, 1, 2, 4, 8].into_iter().all(|milliseconds| {
        thread::sleep(Duration::from_millis(milliseconds));
        marker.try_lock().is_err()
    })
}
