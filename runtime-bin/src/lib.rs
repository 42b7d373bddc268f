//! The Codex CLI runtime, embedded in your program and located when it runs.
//!
//! ```no_run
//! let runtime = codex_cli_bin::locate()?;
//! let status = runtime.command().arg("--version").status()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(missing_docs)]

mod digest;
mod embedded;
mod entry;
mod error;
mod extract;
#[cfg(test)]
mod faults;
mod fs;
mod locate;
mod lock;
mod manifest;
mod marker;
mod metadata;
mod overrides;
mod payload;
mod place;
mod prune;
mod runtime;
mod sys;
#[cfg(test)]
mod testing;
mod verify;

pub use error::{BadOverride, Error, FileError, Tried};
pub use extract::Progress;
pub use locate::Locator;
pub use prune::Pruned;
pub use runtime::{Runtime, Source, Warning};
pub use verify::{Damage, Damaged, Report};

/// Finds the runtime, and extracts it if that has not been done.
pub fn locate() -> Result<Runtime, Error> {
    Locator::new().locate()
}
