//! Cleans up after Ctrl+C, so that nothing is left behind.
//!
//! The handler runs on its own thread while the command continues. It removes the private directory
//! of the command, with everything unfinished in it, and ends the process. The handler waits while
//! the command takes its lock, creates directories, moves finished artifacts into place, or removes
//! the private directory itself. It also ends a runtime that was started to get its schema.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::lock::Lock;
use crate::base::{files, patience};

/// How often the removal is tried. More than a few times are needed where the system does not let go
/// of open files.
const MOST_TRIES: u32 = 200;

/// What the command of this process is using now.
static IN_USE: Mutex<Option<InUse>> = Mutex::new(None);

/// Directories to remove when the process is interrupted.
pub(super) struct InUse {
    /// The directory with everything unfinished in it.
    pub scratch: PathBuf,
    /// The lock of the private directory around that.
    pub lock: Lock,
    /// New directories, the deepest first; each is removed if it is empty.
    pub created: Vec<PathBuf>,
}

/// Locks the record of what is in use. While the guard is held, the handler waits.
pub(super) fn hold() -> MutexGuard<'static, Option<InUse>> {
    IN_USE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Installs the handler: from now on, an interruption cleans up and ends the process with the
/// status that shells expect.
///
/// Fails if the process already has a handler, or if the system does not allow one.
pub fn install_handler() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| {
        schema_types::clean_up();
        // Neither is given back: the command stops where it needs one of them.
        let mut in_use = hold();
        files::stop_creating();
        if let Some(in_use) = in_use.take() {
            // The process ends here even if that fails; the next command removes the rest.
            remove(&in_use.scratch);
            in_use.lock.release();
            for path in in_use.created {
                let _ = patience::remove_dir(&path);
            }
        }
        // 128 plus the number of SIGINT.
        std::process::exit(130);
    })
}

/// Removes a directory in which other threads still create files. There are soon none: the
/// directories that they create them in are gone, and they cannot create another one.
fn remove(directory: &Path) {
    for _ in 0..MOST_TRIES {
        match fs_err::remove_dir_all(directory) {
            Ok(()) => break,
            Err(error) if error.kind() == io::ErrorKind::NotFound => break,
            Err(_) => thread::sleep(Duration::from_millis(5)),
        }
    }
}
