//! The lock of a cache, which is held by whoever changes something in it.
//!
//! One for the whole cache: two versions are rarely extracted at once, and a lock that is never removed
//! has no races of its own. It is asked for again and again rather than waited for, since there is no
//! waiting with a time-out, and since those who wait look in between whether they still need it.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, FileError};
use crate::fs;

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
pub(crate) enum NoLock {
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
) -> Result<Outcome<T>, NoLock> {
    let path = cache.join(LOCK);
    let file = fs::open_lock(&path).map_err(NoLock::Unusable)?;
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        let locked = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            // Some network file systems have no locks. What is ready there can be used, but nothing made.
            Err(TryLockError::Error(source)) => {
                return Err(NoLock::Unusable(FileError {
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
            return Err(NoLock::TimedOut(Error::TimedOut { lock: path, waited }));
        };
        thread::sleep(pause.min(left));
        pause = (2 * pause).min(Duration::from_millis(32));
    }
}

/// What becomes of asking for something that others use.
pub(crate) enum Claim {
    /// Nobody does, for as long as this is kept.
    Held(File),
    /// Somebody does.
    InUse,
    /// There is no such file.
    Absent,
}

/// Asks for the exclusive lock on a marker. What cannot be locked may be in use.
///
/// A process that another thread is just starting has a copy of every open file until its `exec`, locks
/// included: a moment's patience tells it from a user.
pub(crate) fn claim(marker: &Path) -> Claim {
    match marker.symlink_metadata() {
        Ok(metadata) if metadata.is_file() => {}
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Claim::InUse,
        _ => return Claim::Absent,
    }
    // For writing, since some systems give an exclusive lock to nobody else.
    let Ok(file) = fs::open_to_write(marker) else {
        return Claim::InUse;
    };
    let free = [0, 1, 2, 4, 8, 16, 32, 64].into_iter().any(|milliseconds| {
        thread::sleep(Duration::from_millis(milliseconds));
        file.try_lock().is_ok()
    });
    if free {
        Claim::Held(file)
    } else {
        Claim::InUse
    }
}
