//! Rules over runtimes: as upstream publishes them, and as every package carries one.

pub(super) mod tree;

use std::path::Path;

use super::finding::Findings;
use super::kind::SubjectKind;
use super::libraries;
use super::outcome::Audit;
use super::request::AuditRequest;

use crate::audit::rules;
use crate::contents::Contents;
use crate::product::Product;
use tree::RuntimeTree;

/// Audits a runtime that was read.
pub(super) fn audit(path: &Path, contents: &Contents, request: &AuditRequest) -> Audit {
    let product = request.product;
    let mut findings = Findings::default();
    let tree = RuntimeTree {
        contents,
        directory: "",
        version: None,
        platform: None,
    };
    if let Some(metadata) = tree.check(product, &mut findings)
        && let Some(named) = target_of_name(path, product)
        && named != metadata.target
    {
        let detail = format!("its runtime is for {}", metadata.target);
        findings.add(&rules::runtime::FILE_NAME, detail);
    }
    libraries::check(contents, &mut findings);
    Audit::new(path, SubjectKind::Runtime, contents, findings)
}

/// The target that the name of an archive has, as upstream names them: `codex-package-TARGET.tar.gz`.
fn target_of_name<'a>(path: &Path, product: &'a Product) -> Option<&'a str> {
    let metadata = &*product.bundle.metadata;
    let stem = metadata.strip_suffix(".json").unwrap_or(metadata);
    let name = path.file_name()?.to_str()?;
    let rest = name.strip_prefix(stem)?.strip_prefix('-')?;
    let mut targets = product.platforms.iter().map(|platform| &*platform.target);
    targets.find(|target| {
        rest.strip_prefix(target)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}
