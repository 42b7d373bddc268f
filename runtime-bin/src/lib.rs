//! The Codex CLI runtime, embedded in your program and located when it runs.
//!
//! ```no_run
//! let runtime = codex_cli_bin::locate()?;
//! let status = runtime.command().arg("--version").status()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A program that depends on this crate carries the runtime: the executable and the helpers that it
//! expects beside it, compressed, in the version that the crate has. It can be copied to a machine that
//! has nothing, and needs no network there.
//!
//! # What `locate` does
//!
//! 1. If the environment variable `CODEX_CLI_BIN_PATH` names a package directory or an executable, that
//!    is the runtime. This is for distributions, NixOS, and whoever works on the runtime itself.
//! 2. If the runtime has been extracted on this machine before, one look at each file is enough: its
//!    type, its size, its permissions. This takes some 2 µs for each file.
//! 3. Else it is extracted, on all cores, and every byte is verified on the way: about 1 GB a second on
//!    two cores. Other threads and processes that ask at the same time wait and use the result.
//!
//! A file that is missing, has another size or other permissions is noticed, and the runtime extracted
//! again beside what is there; programs that still run out of the damaged files are not disturbed. A
//! change that leaves all of these as they were is not noticed: [`Runtime::verify`] is for that. A
//! process that is killed, at whatever moment, leaves nothing that is taken for finished, and the next
//! one cleans up after it. The same holds for a full disk and for a power cut.
//!
//! # Where
//!
//! In `CODEX_CLI_BIN_CACHE_DIR` if it is set, or else in the first of these that can be used:
//!
//! - `$XDG_CACHE_HOME/codex-cli-bin` or `~/.cache/codex-cli-bin`; on macOS
//!   `~/Library/Caches/codex-cli-bin`, on Windows `%LOCALAPPDATA%\codex-cli-bin`;
//! - a private directory of the user's among the temporary files.
//!
//! A directory is not used if it belongs to another user, or if its file system does not allow
//! programs to run. An error lists every place that was tried, and why it cannot be used. A cache on a
//! read-only file system works if the runtime is in it already.
//!
//! [`Locator`] makes these choices in code. Versions do not get into each other's way; [`prune`] removes
//! those that are no longer used.
//!
//! # Commands
//!
//! [`Runtime::command`] runs the entrypoint. A runtime can have more commands, each with an executable of its
//! own: [`Runtime::commands`] lists their names, and [`Runtime::command_named`] runs one. [`run`] is the
//! `main` of a program that does nothing but run a command.
//!
//! # Asynchronous programs
//!
//! Everything here blocks: for microseconds as a rule, for a second or so the first time. Use the
//! runtime's pool for blocking work, and keep the [`Runtime`] for as long as it is used:
//!
//! ```ignore
//! let runtime = tokio::task::spawn_blocking(codex_cli_bin::locate).await??;
//! let child = tokio::process::Command::from(runtime.command()).spawn()?;
//! ```
//!
//! # Features
//!
//! - `embed` (default): the program carries the runtime.
//! - `on-disk`: the program takes the runtime, the first time, from the sources that Cargo unpacked on
//!   this machine. It is small and quickly built, and it is for this machine alone: good while
//!   developing, and in build scripts. It has an effect only if `embed` is off.
//! - `libzstd` (default): decodes with libzstd, which takes a C compiler to build.
//! - `pure-rust`: decodes without a C compiler, some five times slower. It has an effect only if `libzstd` is off.
#![deny(missing_docs)]

mod brief;
mod carried;
mod commands;
mod decode;
mod digest;
mod embedded;
mod entry;
mod error;
mod executable;
mod extract;
#[cfg(test)]
mod faults;
mod fs;
mod launch;
mod locate;
mod lock;
mod manifest;
mod marker;
mod metadata;
mod open_files;
mod overrides;
mod part;
mod payload;
mod place;
mod prune;
mod runtime;
mod sys;
#[cfg(test)]
mod testing;
mod verify;
#[cfg(test)]
mod windows_rules;

use std::time::Duration;

pub use error::{BadOverride, Error, FileError, Tried};
pub use extract::Progress;
pub use launch::run;
pub use locate::Locator;
pub use prune::Pruned;
pub use runtime::{Runtime, Source, Warning};
pub use verify::{Damage, Damaged, Report};

/// Finds the runtime, and extracts it if that has not been done.
///
/// ```no_run
/// match codex_cli_bin::locate() {
///     Ok(runtime) => println!("{}", runtime.entrypoint().display()),
///     Err(error) => eprintln!("error: {error}\nhelp: {}", error.help()),
/// }
/// ```
pub fn locate() -> Result<Runtime, Error> {
    Locator::new().locate()
}

/// Removes from the cache what other versions left there and nobody has used for as long as `keep`,
/// except what is in use now.
///
/// The last use is known to the day.
///
/// ```no_run
/// use std::time::Duration;
///
/// let month = Duration::from_secs(30 * 24 * 60 * 60);
/// let pruned = codex_cli_bin::prune(month)?;
/// println!("{} removed", pruned.removed.len());
/// # Ok::<(), codex_cli_bin::Error>(())
/// ```
pub fn prune(keep: Duration) -> Result<Pruned, Error> {
    Locator::new().prune(keep)
}
