//! Bills of materials: [CycloneDX](https://cyclonedx.org/docs/1.6/json/) as JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::finding::Findings;
use crate::audit::rules;
use crate::contents::File;

/// What every file of this kind ends in.
pub(super) const SUFFIX: &str = ".cdx.json";

// A runtime may have many files. Of their components nothing is kept but what is compared, and that
// is read where it stands in the text.

#[derive(Debug, Deserialize)]
struct Bom<'a> {
    #[serde(rename = "bomFormat")]
    format: String,
    #[serde(rename = "specVersion")]
    _spec_version: String,
    #[serde(rename = "components", default, borrow, deserialize_with = "files")]
    files: Files<'a>,
}

/// The names of files, and the SHA-256 that is given for each.
type Files<'a> = Vec<(Cow<'a, str>, Option<Cow<'a, str>>)>;

#[derive(Debug, Deserialize)]
struct Component<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(rename = "hashes", default, borrow, deserialize_with = "sha256")]
    sha256: Option<Cow<'a, str>>,
    #[serde(rename = "components", default, borrow, deserialize_with = "files")]
    files: Files<'a>,
}

#[derive(Debug, Deserialize)]
struct Hash<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow)]
    content: Cow<'a, str>,
}

/// Reads a list of components, and keeps the files among them and among what they are made of.
fn files<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Files<'de>, D::Error> {
    struct Components;

    impl<'de> Visitor<'de> for Components {
        type Value = Files<'de>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of components")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut files = Files::new();
            while let Some(component) = list.next_element::<Component>()? {
                files.extend(component.files);
                if component.kind == "file" {
                    files.push((component.name, component.sha256));
                }
            }
            Ok(files)
        }
    }

    deserializer.deserialize_seq(Components)
}

/// Reads a list of hashes, and keeps the first SHA-256.
fn sha256<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Cow<'de, str>>, D::Error> {
    struct Hashes;

    impl<'de> Visitor<'de> for Hashes {
        type Value = Option<Cow<'de, str>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of hashes")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut hashes: A) -> Result<Self::Value, A::Error> {
            let mut sha256 = None;
            while let Some(Hash { alg, content }) = hashes.next_element()? {
                if sha256.is_none() && alg == "SHA-256" {
                    sha256 = Some(content);
                }
            }
            Ok(sha256)
        }
    }

    deserializer.deserialize_seq(Hashes)
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
    let mut listed = bom.files;
    listed.sort_unstable();
    listed.dedup_by(|(a, _), (b, _)| a == b);
    if listed.is_empty() || files.is_empty() {
        return;
    }
    for (name, sha256) in &listed {
        let Some(file) = files.get(&**name) else {
            let detail = format!("it lists `{name}`, which the package does not have");
            findings.add_at(&rules::sbom::UNKNOWN, path, detail);
            continue;
        };
        let said = sha256.as_deref().unwrap_or("none");
        if !said.eq_ignore_ascii_case(&file.sha256.to_string()) {
            let actual = file.sha256;
            let detail = format!("`{name}` has the SHA-256 {actual}, and the bill says {said}");
            findings.add_at(&rules::sbom::HASH, path, detail);
        }
    }
    let is_listed = |name: &str| {
        listed
            .binary_search_by(|(there, _)| (**there).cmp(name))
            .is_ok()
    };
    for name in files.keys().filter(|name| !is_listed(name)) {
        let detail = format!("it does not list `{name}`");
        findings.add_at(&rules::sbom::MISSING, path, detail);
    }
}
