//! What a release has once for all its platforms, against the manifests.

use std::collections::{BTreeMap, BTreeSet};

use crate::audit::rules::{archive, staged as rules};
use crate::audit::{Audit, Findings, Rule};
use crate::package::{Kind, crates, npm};
use crate::platform::Platform;
use crate::product::Product;
use crate::release::index;
use crate::release::manifest::Manifest;

/// Holds the facade crate and the npm root package against the platforms that are staged, which
/// are of one version: that of `first`.
pub(super) fn check(
    first: &Manifest,
    manifests: &[Manifest],
    product: &Product,
    audits: &mut BTreeMap<String, Audit>,
    findings: &mut Findings,
) {
    let [facade, root] = index::paths(product, &first.version);
    let staged = |kind: Kind, name: fn(&Product, &Platform) -> String| {
        let manifests = manifests.iter().filter(|manifest| manifest.has(kind));
        let platforms = manifests.filter_map(|manifest| product.platform(&manifest.target));
        platforms
            .map(|platform| name(product, platform))
            .collect::<BTreeSet<_>>()
    };
    let mut check = |path: String, rule: &'static Rule, expected: BTreeSet<String>| {
        let Some(audit) = audits.get_mut(&path) else {
            if !expected.is_empty() {
                findings.add_at(rule, path, "it is not there");
            }
            return;
        };
        if audit
            .findings
            .iter()
            .any(|finding| archive::ALL.contains(&finding.rule))
        {
            return;
        }
        let version = audit.said.version.as_deref();
        if version != Some(&*first.version.to_string()) {
            let version = version.unwrap_or("none");
            let detail = format!(
                "its version is {version}, and the release's {}",
                first.version
            );
            audit.add(&rules::ARTIFACT_VERSION, detail);
        }
        let named = &audit.said.siblings;
        let missing = expected
            .difference(named)
            .map(|name| format!("{name} is missing"));
        let extra = named
            .difference(&expected)
            .map(|name| format!("{name} is not staged"));
        let differences = missing.chain(extra).collect::<Vec<_>>();
        if !differences.is_empty() {
            audit.add(rule, differences.join(", "));
        }
    };
    check(
        facade,
        &rules::FACADE,
        staged(Kind::Crate, crates::platform_crate),
    );
    check(root, &rules::ROOT, staged(Kind::Npm, npm::alias));
}
