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

use super::manifest::{Dependency, Manifest};

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

/// What stands in the way of publishing a crate, in the words of its manifest. In one that was
/// packaged Cargo has left nothing of dependencies but what it publishes.
pub(super) fn faults(manifest: &Manifest, is_packaged: bool) -> Vec<String> {
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
pub(super) fn forbidden(manifest: &Manifest) -> Option<&'static str> {
    match manifest.field("publish")? {
        Value::Boolean(false) => Some("`publish` is false"),
        Value::Array(registries) if registries.is_empty() => Some("`publish` names no registry"),
        _ => None,
    }
}

/// Whether the crate may be published on crates.io.
pub(super) fn is_for_crates_io(manifest: &Manifest) -> bool {
    match manifest.field("publish") {
        Some(Value::Array(registries)) => {
            let mut registries = registries.iter().filter_map(Value::as_str);
            registries.any(|registry| registry == "crates-io")
        }
        _ => true,
    }
}

fn missing(manifest: &Manifest) -> impl Iterator<Item = String> {
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

fn too_long(manifest: &Manifest) -> Option<String> {
    let length = manifest.text("description")?.len();
    (length > LONGEST_DESCRIPTION).then(|| {
        format!("`description` has {length} bytes, and {LONGEST_DESCRIPTION} are the most")
    })
}

fn license(manifest: &Manifest) -> Option<String> {
    let text = manifest.text("license").filter(|text| !text.is_empty())?;
    let error = Expression::parse_mode(text, LICENSES).err()?;
    Some(format!("`license` is {text:?}: {}", error.reason))
}

fn links(manifest: &Manifest) -> impl Iterator<Item = String> {
    const FIELDS: [&str; 3] = ["homepage", "documentation", "repository"];
    FIELDS.iter().filter_map(|field| {
        let text = manifest.text(field)?;
        let is_web = text.starts_with("http://") || text.starts_with("https://");
        let is_good = is_web && Url::parse(text).is_ok();
        (!is_good).then(|| format!("`{field}` is {text:?}, which is no address of the web"))
    })
}

fn keywords(manifest: &Manifest) -> Vec<String> {
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

fn categories(manifest: &Manifest) -> Option<String> {
    too_many("categories", &manifest.texts("categories"))
}

fn too_many(field: &str, words: &[&str]) -> Option<String> {
    let count = words.len();
    (count > MOST_WORDS).then(|| format!("it has {count} {field}, and {MOST_WORDS} are the most"))
}

fn dependency_fault(dependency: &Dependency, is_packaged: bool) -> Option<String> {
    let reason = match &dependency.wanted {
        None if is_packaged => "has no version",
        None if dependency.path.is_some() => "has a path and no version",
        None if dependency.is_git => "has a git repository and no version",
        Some(wanted) if wanted.trim() == "*" => "may have any version",
        _ => return None,
    };
    Some(format!("{} {reason}", dependency.shown()))
}
