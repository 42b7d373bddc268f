//! What Ctrl+C leaves behind: nothing.
//!
//! The handler runs on a thread of its own, while the command goes on. It removes the private
//! directory of the command, and with it whatever is half written, and ends the process. While
//! finished artifacts are moved into place it waits: that takes no time, and then all is done. A
//! runtime that is asked for its schema ends too.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::layout::{LOCK, SCRATCH};

/// What the command of this process has in use.
static IN_USE: Mutex<Option<InUse>> = Mutex::new(None);

/// Directories to remove when the process is interrupted.
pub(super) struct InUse {
    /// The private directory: its lock, and its scratch directory with everything in it.
    pub private: PathBuf,
    /// If it is empty; the deepest first.
    pub created: Vec<PathBuf>,
}

/// Takes the place of what was in use. As long as the guard is held, no interruption happens.
pub(super) fn hold() -> MutexGuard<'static, Option<InUse>> {
    IN_USE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on, an interruption cleans up and ends the process with the status that shells expect.
///
/// Errors if the process has a handler already, or the system gives none.
pub fn install_handler() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| {
        schema_types::clean_up();
        if let Some(InUse { private, created }) = hold().take() {
            // The process ends here, whether that works or not; the next command sweeps the rest.
            let _ = fs_err::remove_dir_all(private.join(SCRATCH));
            let _ = fs_err::remove_file(private.join(LOCK));
            let _ = fs_err::remove_dir(private);
            for path in created {
                let _ = fs_err::remove_dir(path);
            }
        }
        // 128 and the number of SIGINT.
        std::process::exit(130);
    })
}
