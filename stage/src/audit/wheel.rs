//! Rules over wheels.

use std::path::Path;

use super::contents::Contents;
use super::{Audit, Findings, Kind, Request, limits};
use crate::container::ReadAt;
use crate::container::zip::Archive;

/// Audits a wheel that was read.
pub(super) fn audit<S: ReadAt>(
    path: &Path,
    archive: &Archive<S>,
    contents: &Contents,
    request: &Request,
) -> Audit {
    let mut findings = Findings::default();
    let size = archive.size();
    limits::check(size, request.product.wheel.limits, &mut findings);
    Audit::new(path, Kind::Wheel, contents, findings)
}

/// Whether this is what a wheel holds.
pub(super) fn is_one(contents: &Contents) -> bool {
    contents
        .iter()
        .any(|(path, _)| path.ends_with(".dist-info/WHEEL"))
}
