//! What Cargo packages and the registry refuses.
//!
//! `cargo package` looks at little of the metadata: what is wrong with it is told when the crate is
//! uploaded, and other crates of the release are out already. The demands are those of crates.io,
//! as its source has them (`controllers/krate/publish.rs`, `models/keyword.rs`). Which categories
//! there are, and which names are taken, only the registry knows; how many features and
//! dependencies a crate may have, it may have raised.

use reqwest::Url;
use spdx::{Expression, ParseMode};
use toml::Value;

use super::manifest::{CARGO_TOML, CargoDependency, CargoManifest};
use super::package::Krate;
use crate::audit::finding::Findings;
use crate::audit::rules;

/// Most bytes of `description`.
const LONGEST_DESCRIPTION: usize = 1000;

/// Most of `keywords`, and of `categories`.
const MOST_WORDS: usize = 5;

/// Most characters of a keyword.
const LONGEST_KEYWORD: usize = 20;

/// The licence expressions that are taken: `MIT/Apache-2.0` is old, and common.
const LICENSES: ParseMode = ParseMode {
    allow_deprecated: true,
    allow_postfix_plus_on_gpl: true,
    allow_slash_as_or_operator: true,
    ..ParseMode::STRICT
};

/// Holds what a crate says against what Cargo and its registry take.
pub(super) fn check(krate: &Krate, findings: &mut Findings) {
    let is_packaged = krate.directory.is_none();
    // A file that is there may have been made to be handed on.
    let forbidden = forbidden(&krate.manifest).filter(|_| !is_packaged);
    let mut details = Vec::from_iter(forbidden.map(str::to_owned));
    if is_for_crates_io(krate) {
        details.extend(faults(&krate.manifest, is_packaged));
    }
    for detail in details {
        findings.add_at(&rules::crates::UNPUBLISHABLE, CARGO_TOML, detail);
    }
}

/// Whether the registry that takes it is crates.io, as far as one can know.
fn is_for_crates_io(krate: &Krate) -> bool {
    let is_elsewhere = krate.is_of_product() && krate.product.krate.registry.is_some();
    !is_elsewhere && may_be_on_crates_io(&krate.manifest)
}

/// What stands in the way of publishing a crate, in the words of its manifest. In one that was
/// packaged Cargo has left nothing of dependencies but what it publishes.
fn faults(manifest: &CargoManifest, is_packaged: bool) -> Vec<String> {
    let mut faults = Vec::new();
    faults.extend(missing(manifest));
    faults.extend(too_long(manifest));
    faults.extend(license(manifest));
    faults.extend(links(manifest));
    faults.extend(keywords(manifest));
    faults.extend(categories(manifest));
    for dependency in &manifest.dependencies {
        faults.extend(dependency_fault(dependency, is_packaged));
    }
    // Without a version, Cargo leaves them out.
    for dependency in manifest.dev_dependencies() {
        if dependency.wanted.is_some() {
            faults.extend(dependency_fault(&dependency, is_packaged));
        }
    }
    faults
}

/// Why Cargo publishes the crate nowhere.
fn forbidden(manifest: &CargoManifest) -> Option<&'static str> {
    match manifest.field("publish")? {
        Value::Boolean(false) => Some("`publish` is false"),
        Value::Array(registries) if registries.is_empty() => Some("`publish` names no registry"),
        _ => None,
    }
}

/// Whether the manifest lets the crate be published on crates.io.
fn may_be_on_crates_io(manifest: &CargoManifest) -> bool {
    match manifest.field("publish") {
        Some(Value::Array(registries)) => {
            let mut registries = registries.iter().filter_map(Value::as_str);
            registries.any(|registry| registry == "crates-io")
        }
        _ => true,
    }
}

fn missing(manifest: &CargoManifest) -> impl Iterator<Item = String> {
    // The workspace may have what is no text here.
    let is_empty = |key| match manifest.field(key) {
        Some(Value::String(text)) => text.trim().is_empty(),
        value => value.is_none(),
    };
    let description = is_empty("description").then_some("it has no `description`");
    let license =
        (is_empty("license") && is_empty("license-file")).then_some("it has no `license`");
    description.into_iter().chain(license).map(str::to_owned)
}

fn too_long(manifest: &CargoManifest) -> Option<String> {
    let length = manifest.text("description")?.len();
    (length > LONGEST_DESCRIPTION).then(|| {
        format!("`description` has {length} bytes, and {LONGEST_DESCRIPTION} are the most")
    })
}

fn license(manifest: &CargoManifest) -> Option<String> {
    let text = manifest.text("license").filter(|text| !text.is_empty())?;
    let error = Expression::parse_mode(text, LICENSES).err()?;
    Some(format!("`license` is {text:?}: {}", error.reason))
}

fn links(manifest: &CargoManifest) -> impl Iterator<Item = String> {
    const FIELDS: [&str; 3] = ["homepage", "documentation", "repository"];
    FIELDS.iter().filter_map(|field| {
        let text = manifest.text(field)?;
        let is_web = text.starts_with("http://") || text.starts_with("https://");
        let is_good = is_web && Url::parse(text).is_ok();
        (!is_good).then(|| format!("`{field}` is {text:?}, which is no address of the web"))
    })
}

fn keywords(manifest: &CargoManifest) -> Vec<String> {
    let keywords = manifest.texts("keywords");
    let mut faults = Vec::new();
    faults.extend(too_many("keywords", &keywords));
    for keyword in keywords {
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+');
        let reason = if keyword.len() > LONGEST_KEYWORD {
            "has more than 20 characters"
        } else if !keyword.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            "does not begin with a letter or digit"
        } else if !keyword.chars().all(good) {
            "has more in it than letters, digits, `-`, `_` and `+`"
        } else {
            continue;
        };
        faults.push(format!("the keyword {keyword:?} {reason}"));
    }
    faults
}

fn categories(manifest: &CargoManifest) -> Option<String> {
    too_many("categories", &manifest.texts("categories"))
}

fn too_many(field: &str, words: &[&str]) -> Option<String> {
    let count = words.len();
    (count > MOST_WORDS).then(|| format!("it has {count} {field}, and {MOST_WORDS} are the most"))
}

fn dependency_fault(dependency: &CargoDependency, is_packaged: bool) -> Option<String> {
    let reason = match &dependency.wanted {
        None if is_packaged => "has no version",
        None if dependency.path.is_some() => "has a path and no version",
        None if dependency.is_git => "has a git repository and no version",
        Some(wanted) if wanted.trim() == "*" => "may have any version",
        _ => return None,
    };
    Some(format!("{} {reason}", dependency.shown()))
}
