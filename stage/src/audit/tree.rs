//! The runtime in a package: whether it is what the package says it is.

use super::contents::Contents;
use super::{Findings, Request, rules};
use crate::bundle::Metadata;
use crate::platform::{ObjectFormat, Platform, PlatformTag};

/// What a package says of the runtime in it.
pub(super) struct Claim<'a> {
    /// The directory of the runtime in the package, with a slash.
    pub prefix: String,
    /// The release, as the ecosystem spells it.
    pub python_version: &'a str,
    /// The wheel tags that it goes by.
    pub tags: &'a [String],
}

/// Holds the runtime below a directory against what the package says of it. A package without the
/// file that describes one is none of ours, or older than that file. Gives the path of the program.
pub(super) fn check(
    claim: &Claim,
    contents: &Contents,
    request: &Request,
    findings: &mut Findings,
) -> Option<String> {
    let layout = &request.product.bundle;
    let path = format!("{}{}", claim.prefix, layout.metadata);
    let file = contents.get(&path)?;
    let bytes = file.text.as_deref().unwrap_or_default();
    let metadata = match Metadata::parse(bytes, layout.layout_version) {
        Ok(metadata) => metadata,
        Err(fault) => {
            findings.add_at(&rules::tree::METADATA, path, fault.to_string());
            return None;
        }
    };
    if metadata.variant != *layout.variant {
        let detail = format!(
            "its variant is {:?}, and this product's is {:?}",
            metadata.variant, &*layout.variant
        );
        findings.add_at(&rules::tree::METADATA, &*path, detail);
    }
    check_version(claim, &metadata, &path, request, findings);
    let platform = check_target(claim, &metadata, &path, request, findings);
    Some(check_entrypoint(
        claim, &metadata, platform, contents, findings,
    ))
}

fn check_version(
    claim: &Claim,
    metadata: &Metadata,
    path: &str,
    request: &Request,
    findings: &mut Findings,
) {
    let version = request.product.parse_version(&metadata.version);
    if version.is_ok_and(|version| version.python() == claim.python_version) {
        return;
    }
    let detail = format!(
        "its version is {:?}, and the package is {}",
        metadata.version, claim.python_version
    );
    findings.add_at(&rules::tree::VERSION, path, detail);
}

/// Gives the platform that the runtime is for.
fn check_target<'a>(
    claim: &Claim,
    metadata: &Metadata,
    path: &str,
    request: &'a Request,
    findings: &mut Findings,
) -> Option<&'a Platform> {
    let target = &metadata.target;
    let Some(platform) = request.product.platform(target) else {
        let detail = format!("its target is {target:?}, which the product is not made for");
        findings.add_at(&rules::tree::TARGET, path, detail);
        return None;
    };
    for tag in claim.tags {
        // A tag that is none is a finding of its own.
        let parsed = tag.parse::<PlatformTag>();
        if parsed.is_ok_and(|tag| !platform.accepts(&tag)) || tag == "any" {
            let detail = format!("its target is {target}, and the package goes by the tag `{tag}`");
            findings.add_at(&rules::tree::TARGET, path, detail);
        }
    }
    Some(platform)
}

fn check_entrypoint(
    claim: &Claim,
    metadata: &Metadata,
    platform: Option<&Platform>,
    contents: &Contents,
    findings: &mut Findings,
) -> String {
    let path = format!("{}{}", claim.prefix, metadata.entrypoint);
    let Some(file) = contents.get(&path) else {
        let detail = "the package is for it, and does not have it";
        findings.add_at(&rules::tree::ENTRYPOINT, &*path, detail);
        return path;
    };
    let has_modes = platform.is_none_or(|platform| platform.executable.format != ObjectFormat::Pe);
    if has_modes && !file.is_executable() {
        let detail = match file.mode {
            Some(mode) => format!("its mode is {:04o}", mode & 0o7777),
            None => "the archive gives it no mode".to_owned(),
        };
        findings.add_at(&rules::tree::NOT_EXECUTABLE, &*path, detail);
    }
    path
}
