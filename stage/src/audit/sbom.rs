//! Bills of materials: [CycloneDX](https://cyclonedx.org/docs/1.6/json/) as JSON.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::contents::File;
use super::{Findings, rules};

/// What every file of this kind ends in.
pub(super) const SUFFIX: &str = ".cdx.json";

#[derive(Debug, Deserialize)]
struct Bom {
    #[serde(rename = "bomFormat")]
    format: String,
    #[serde(rename = "specVersion")]
    _spec_version: String,
    #[serde(default)]
    components: Vec<Component>,
}

#[derive(Debug, Deserialize)]
struct Component {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    hashes: Vec<Hash>,
    #[serde(default)]
    components: Vec<Component>,
}

#[derive(Debug, Deserialize)]
struct Hash {
    alg: String,
    content: String,
}

/// Holds the bill of materials at `path` against the files that it should list, by the names that
/// it has for them. A bill that lists no file at all is one of libraries, and nothing is asked of
/// it.
pub(super) fn check(
    path: &str,
    text: Option<&str>,
    files: &BTreeMap<&str, &File>,
    findings: &mut Findings,
) {
    let bom = match text.map(serde_json::from_str::<Bom>) {
        Some(Ok(bom)) if bom.format == "CycloneDX" => bom,
        Some(Ok(bom)) => {
            let detail = format!("its bomFormat is {:?}", bom.format);
            findings.add_at(&rules::sbom::MALFORMED, path, detail);
            return;
        }
        Some(Err(error)) => {
            findings.add_at(&rules::sbom::MALFORMED, path, error.to_string());
            return;
        }
        None => {
            findings.add_at(&rules::sbom::MALFORMED, path, "it is not UTF-8");
            return;
        }
    };
    let mut listed = BTreeMap::new();
    let mut left = bom.components;
    while let Some(component) = left.pop() {
        left.extend(component.components);
        if component.kind == "file" {
            listed.insert(component.name, component.hashes);
        }
    }
    if listed.is_empty() || files.is_empty() {
        return;
    }
    for (name, hashes) in &listed {
        let Some(file) = files.get(&**name) else {
            let detail = format!("it lists `{name}`, which the package does not have");
            findings.add_at(&rules::sbom::UNKNOWN, path, detail);
            continue;
        };
        let sha256 = hashes.iter().find(|hash| hash.alg == "SHA-256");
        let said = sha256.map_or("none", |hash| &hash.content);
        if !said.eq_ignore_ascii_case(&file.sha256.to_string()) {
            let actual = file.sha256;
            let detail = format!("`{name}` has the SHA-256 {actual}, and the bill says {said}");
            findings.add_at(&rules::sbom::HASH, path, detail);
        }
    }
    for name in files.keys().filter(|name| !listed.contains_key(**name)) {
        let detail = format!("it does not list `{name}`");
        findings.add_at(&rules::sbom::MISSING, path, detail);
    }
}
