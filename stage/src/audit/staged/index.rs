//! What a release has once for all its platforms, against the manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use super::measure::measure;
use crate::audit::finding::Findings;
use crate::audit::kind::SubjectKind;
use crate::audit::outcome::Audit;
use crate::audit::rule::Rule;
use crate::audit::rules;
use crate::base::regular;
use crate::contents::Contents;
use crate::contents::FileRecord;
use crate::package::index;
use crate::product::Platform;
use crate::product::Product;
use crate::record::files;
use crate::record::manifest::Manifest;
use crate::record::names::{crates, npm};
use crate::record::release_json;
use crate::record::release_json::Release;
use crate::record::{Artifact, ArtifactKind};

/// Holds the facade crate and the npm root package against the platforms that are staged, which
/// are of one version: that of `first`.
pub(super) fn check(
    staging: &Path,
    first: &Manifest,
    manifests: &[Manifest],
    product: &Product,
    audits: &mut BTreeMap<String, Audit>,
    findings: &mut Findings,
) -> io::Result<()> {
    let [facade, root] = index::paths(product, &first.version);
    let staged = |kind: ArtifactKind, name: fn(&Product, &Platform) -> String| {
        let manifests = manifests.iter().filter(|manifest| manifest.has(kind));
        let platforms = manifests.filter_map(|manifest| product.platform(&manifest.target));
        platforms
            .map(|platform| name(product, platform))
            .collect::<BTreeSet<_>>()
    };
    let released = released(staging);
    let contents = index::contents(product, &first.version, manifests)?;
    let mut check =
        |path: String, kind: ArtifactKind, rule: &'static Rule, expected: BTreeSet<String>| {
            let Some(audit) = audits.get_mut(&path) else {
                if !expected.is_empty() {
                    findings.add_at(rule, path, "it is not there");
                }
                return Ok(());
            };
            if !audit.is_read() {
                return Ok(());
            }
            let version = audit.compared.version.as_deref();
            if version != Some(&*first.version.to_string()) {
                let version = version.unwrap_or("none");
                let detail = format!(
                    "its version is {version}, and the release's {}",
                    first.version
                );
                audit.add(&rules::staged::ARTIFACT_VERSION, detail);
                // Nothing else in it is right then.
                return Ok(());
            }
            let named = &audit.compared.siblings;
            let missing = expected
                .difference(named)
                .map(|name| format!("{name} is missing"));
            let extra = named
                .difference(&expected)
                .map(|name| format!("{name} is not staged"));
            let differences = missing.chain(extra).collect::<Vec<_>>();
            if !differences.is_empty() {
                audit.add(rule, differences.join(", "));
            } else if let Some(contents) = contents.get(&path) {
                // What was assembled by another `stage`, and is the same since, is no less right.
                let is_it = |other: &&Artifact| other.path == path && other.kind == kind;
                let is_released = match released.iter().find(is_it) {
                    Some(other) => measure(staging, other, audit)? == (other.size, other.sha256),
                    None => false,
                };
                if !is_released {
                    check_files(contents, audit);
                }
            }
            Ok::<_, io::Error>(())
        };
    check(
        facade,
        ArtifactKind::Crate,
        &rules::staged::FACADE,
        staged(ArtifactKind::Crate, crates::platform_crate),
    )?;
    check(
        root,
        ArtifactKind::Npm,
        &rules::staged::ROOT,
        staged(ArtifactKind::Npm, npm::alias),
    )
}

/// What the release that is in the directory says of the facade crate and the npm root package.
fn released(staging: &Path) -> Vec<Artifact> {
    let text = regular::read(&staging.join(files::RELEASE), release_json::MAX_SIZE);
    let release = text.ok().and_then(|text| Release::parse(&text).ok());
    release.map(|release| release.shared).unwrap_or_default()
}

/// Holds each file against what would be written in its place.
fn check_files(expected: &Contents, audit: &mut Audit) {
    let mut findings = Findings::default();
    for (path, file) in expected.iter() {
        match audit.files().iter().find(|found| found.path == path) {
            Some(found) if (found.size, found.sha256) == (file.size, file.sha256) => {}
            Some(_) => findings.add_at(
                &rules::staged::INDEX,
                path,
                "it is not what the manifests give",
            ),
            None => findings.add_at(&rules::staged::INDEX, path, "it is not there"),
        }
    }
    let is_extra = |found: &&FileRecord| {
        expected.get(&found.path).is_none()
            && (audit.kind == SubjectKind::Npm || is_source(&found.path))
    };
    for found in audit.files().iter().filter(is_extra) {
        findings.add_at(
            &rules::staged::INDEX,
            &*found.path,
            "the manifests give no such file",
        );
    }
    audit.extend(findings);
}

/// Whether Cargo takes a file in a crate's directory as a part of the crate: what else lies there,
/// such as what was built in it, `include` leaves out.
fn is_source(path: &str) -> bool {
    path == "build.rs" || path.starts_with("src/") || path.starts_with("examples/")
}
