//! What every layer uses: errors with advice, digests, threads, files.
//!
//! Nothing here knows what `stage` is for.

pub mod cache;
pub mod digest;
pub mod failpoint;
pub mod failure;
pub mod files;
pub mod hashed;
#[path = "../../runtime-bin/src/open_files.rs"]
mod open_files;
pub mod parallel;
pub mod patience;
pub mod regular;
pub mod template;
#[cfg(test)]
#[path = "../../runtime-bin/src/windows_rules.rs"]
pub mod windows_rules;
