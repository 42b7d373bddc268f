//! Rules over runtimes as upstream publishes them.

use std::path::Path;

use super::contents::Contents;
use super::{Audit, Findings, Kind, Request};

/// Audits a runtime that was read.
pub(super) fn audit(path: &Path, contents: &Contents, _request: &Request) -> Audit {
    Audit::new(path, Kind::Runtime, contents, Findings::default())
}
