//! Rules over crates.

use std::path::Path;

use super::contents::Contents;
use super::{Audit, Findings, Kind, Request};

/// Audits a crate that was read.
pub(super) fn audit(path: &Path, _root: &str, contents: &Contents, _request: &Request) -> Audit {
    Audit::new(path, Kind::Crate, contents, Findings::default())
}

/// The directory that a `.crate` file holds, with its slash.
pub(super) fn root(contents: &Contents) -> Option<String> {
    let (path, _) = contents.iter().next()?;
    let (top, _) = path.split_once('/')?;
    let manifest = format!("{top}/Cargo.toml");
    contents.get(&manifest).map(|_| format!("{top}/"))
}
