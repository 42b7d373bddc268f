//! Cleans up after Ctrl+C, so that nothing is left behind.
//!
//! The handler runs on its own thread while the command continues. It removes the private directory
//! of the command, with everything unfinished in it, and ends the process. While finished artifacts
//! are moved into place the handler waits; this is short, and then the command is complete. The
//! handler also ends a runtime that was started to get its schema.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::layout::{LOCK, SCRATCH};

/// What the command of this process is using now.
static IN_USE: Mutex<Option<InUse>> = Mutex::new(None);

/// Directories to remove when the process is interrupted.
pub(super) struct InUse {
    /// The private directory: its lock, and its scratch directory with everything in it.
    pub private: PathBuf,
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
        if let Some(InUse { private, created }) = hold().take() {
            // The process ends here even if that fails; the next command removes the rest.
            let _ = fs_err::remove_dir_all(private.join(SCRATCH));
            let _ = fs_err::remove_file(private.join(LOCK));
            let _ = fs_err::remove_dir(private);
            for path in created {
                let _ = fs_err::remove_dir(path);
            }
        }
        // 128 plus the number of SIGINT.
        std::process::exit(130);
    })
}
