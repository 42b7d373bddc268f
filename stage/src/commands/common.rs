//! What several commands do.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread::available_parallelism;

use anyhow::Context as _;

use super::failure::Advised;
use super::report::Report;
use crate::audit::{self, Rule, rules};
use crate::base::cache;
use crate::product::{Product, ProductSource};
use crate::record::Allowed;
use crate::record::release_json::Release;
use crate::version::ReleaseVersion;

/// Refuses a code that no finding has: what was meant to be allowed would stand in the way.
pub(super) fn check_codes(codes: &[String]) -> Result<(), audit::AuditError> {
    codes.iter().try_for_each(|code| rule(code).map(drop))
}

/// Returns the rule with a code.
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

/// Returns the cache directory of one kind of content, unless `--no-cache` is given or the user has
/// none.
pub(super) fn cache(kind: &str, no_cache: bool) -> Option<PathBuf> {
    if no_cache {
        tracing::debug!("no cache of {kind}: --no-cache");
        return None;
    }
    let directory = cache::directory(kind);
    if let Some(directory) = &directory {
        tracing::debug!(directory = %directory.display(), "cache of {kind}");
    } else {
        tracing::debug!("no cache of {kind}: this user has no cache directory");
    }
    directory
}

/// Returns the version of a release tag, and of a revision of it if that is asked for.
pub(super) fn version(
    product: &Product,
    tag: &str,
    revision: Option<u16>,
) -> Result<ReleaseVersion, Advised> {
    let version = product.parse_version(tag)?;
    Ok(match revision {
        Some(revision) => version.with_revision(revision)?,
        None => version,
    })
}

/// Loads the product of `--product DIR`, or the one that is built in.
pub(super) fn product(folder: Option<PathBuf>) -> anyhow::Result<Product> {
    let source = folder.map_or(ProductSource::BuiltIn, ProductSource::Folder);
    let name = match &source {
        ProductSource::BuiltIn => "the built-in product".to_owned(),
        ProductSource::Folder(folder) => format!("the product in {}", folder.display()),
    };
    let product = Product::load(&source)
        .map_err(Advised::from)
        .with_context(|| format!("cannot read {name}"))?;
    tracing::debug!(
        title = &*product.identity.title,
        platforms = product.platforms.len(),
        "using {name}"
    );
    Ok(product)
}
