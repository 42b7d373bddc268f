//! What several commands do.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread::available_parallelism;

use super::report::Report;
use crate::audit::{self, Rule, rules};
use crate::base::failure::{Attempt as _, Failure};
use crate::product::{Product, Source};
use crate::record::Allowed;
use crate::record::release_json::Release;

/// Refuses a code that no finding has: what was meant to be allowed would stand in the way.
pub(super) fn check_codes(codes: &[String]) -> Result<(), audit::AuditError> {
    codes.iter().try_for_each(|code| rule(code).map(drop))
}

/// Returns the rule with a code that was given on the command line.
pub(super) fn rule(code: &str) -> Result<&'static Rule, audit::AuditError> {
    rules::find(code).ok_or_else(|| audit::AuditError::UnknownCode(code.to_owned()))
}

/// Shows what somebody has let stand when a platform of a release was staged.
pub(super) fn show_allowed(release: &Release, report: &Report) {
    for Allowed {
        code,
        artifact,
        detail,
    } in release.platforms.iter().flat_map(|p| &p.allowed)
    {
        report.warning(&format!("{artifact}: {code} was allowed: {detail}"));
    }
}

/// The number of threads that was asked for, or one per processor.
pub(super) fn jobs(asked: Option<NonZeroUsize>) -> NonZeroUsize {
    asked
        .or(available_parallelism().ok())
        .unwrap_or(NonZeroUsize::MIN)
}

/// The product of `--product DIR`, or the one that is built in.
pub(super) fn product(folder: Option<PathBuf>) -> Result<Product, Failure> {
    let source = folder.map_or(Source::BuiltIn, Source::Folder);
    Product::load(&source).attempting(|| match &source {
        Source::BuiltIn => "cannot read the built-in product".to_owned(),
        Source::Folder(folder) => format!("cannot read the product in {}", folder.display()),
    })
}
