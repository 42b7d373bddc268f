//! The file METADATA, as the [core metadata specifications](https://packaging.python.org/en/latest/specifications/core-metadata/)
//! and the index want it.

mod description;
mod field;
mod license;
pub(super) mod place;
mod requirement;

use std::collections::HashSet;
use std::str::FromStr as _;

use pep440_rs::Version;

use super::super::rule::Rule;
use super::fields::HeaderFields;
use super::name::{FileName, normal_name};
use crate::audit::finding::Findings;
use crate::audit::rules;
use field::{FIELDS, Field, MetadataVersion};
use place::MetadataPlace;

/// Holds METADATA against the rules.
pub(super) fn check(place: &MetadataPlace, text: Option<&str>, findings: &mut Findings) {
    let mut add = |rule: &'static Rule, detail: String| findings.add_at(rule, place.path, detail);
    let Some(text) = text else {
        add(
            &rules::metadata::METADATA_MALFORMED,
            "it is not UTF-8".to_owned(),
        );
        return;
    };
    let fields = HeaderFields::parse(text);
    if let Some(line) = fields.fault {
        add(
            &rules::metadata::METADATA_MALFORMED,
            format!("line {line} is no field"),
        );
        return;
    }
    let version = check_version(&fields, &mut add);
    check_identity(&fields, place.name, &mut add);
    check_fields(&fields, version, &mut add);
    for (name, value) in fields.iter() {
        // The index drops these, which old tools write for what nobody said.
        if !value.is_empty() && value != "UNKNOWN" {
            check_value(name, value, &mut add);
        }
    }
    license::check(&fields, version, place, &mut add);
    description::check(&fields, &mut add);
}

fn check_version(
    fields: &HeaderFields,
    add: &mut impl FnMut(&'static Rule, String),
) -> Option<MetadataVersion> {
    let Some(text) = fields.first("Metadata-Version") else {
        add(
            &rules::metadata::METADATA_MISSING,
            "it has no Metadata-Version".to_owned(),
        );
        return None;
    };
    let version = MetadataVersion::parse(text);
    let rule = match version {
        None => &rules::metadata::METADATA_VERSION,
        Some(version) if version.is_new() => &rules::metadata::METADATA_VERSION_NEW,
        Some(_) => return version,
    };
    add(rule, format!("its Metadata-Version is {text:?}"));
    version
}

/// Name and version, as such and against the file name.
fn check_identity(
    fields: &HeaderFields,
    name: Option<&FileName>,
    add: &mut impl FnMut(&'static Rule, String),
) {
    match fields.first("Name") {
        None => add(
            &rules::metadata::METADATA_MISSING,
            "it has no Name".to_owned(),
        ),
        Some(own) if !requirement::is_name(own) => {
            add(
                &rules::metadata::FIELD_VALUE,
                format!("its Name is {own:?}"),
            );
        }
        Some(own) => {
            if let Some(name) = name.filter(|name| normal_name(&name.name) != normal_name(own)) {
                let detail = format!("its Name is `{own}`, and the file is of `{}`", name.name);
                add(&rules::metadata::METADATA_NAME, detail);
            }
        }
    }
    let Some(own) = fields.first("Version") else {
        add(
            &rules::metadata::METADATA_MISSING,
            "it has no Version".to_owned(),
        );
        return;
    };
    let Ok(version) = Version::from_str(own) else {
        add(
            &rules::metadata::FIELD_VALUE,
            format!("its Version is {own:?}"),
        );
        return;
    };
    if version.is_local() {
        add(
            &rules::metadata::LOCAL_VERSION,
            format!("its Version is `{own}`"),
        );
    }
    if let Some(name) = name.filter(|name| !name.is_of_version(&version)) {
        let detail = format!(
            "its Version is `{own}`, and the file is of `{}`",
            name.version
        );
        add(&rules::metadata::METADATA_RELEASE, detail);
    }
}

/// Which fields may be there, and how often.
fn check_fields(
    fields: &HeaderFields,
    version: Option<MetadataVersion>,
    add: &mut impl FnMut(&'static Rule, String),
) {
    let mut seen = HashSet::new();
    for (name, _) in fields.iter() {
        let Some(field) = Field::find(name) else {
            add(
                &rules::metadata::FIELD_UNKNOWN,
                format!("it has the field {name:?}"),
            );
            continue;
        };
        let is_first = seen.insert(field.name);
        if !is_first && !field.repeats {
            let detail = format!("it has the field {} more than once", field.name);
            add(&rules::metadata::FIELD_REPEATED, detail);
        }
        if let Some(version) = version.filter(|version| is_first && field.since > *version) {
            let Field { name, since, .. } = field;
            let detail = format!("it has the field {name} of version {since}, and says {version}");
            add(&rules::metadata::FIELD_TOO_NEW, detail);
        }
    }
    if seen.contains("Description") && !fields.body.trim().is_empty() {
        let detail = "it has a description as a field, and another after the fields";
        add(&rules::metadata::FIELD_REPEATED, detail.to_owned());
    }
}

/// Holds the value of a field against what it can be.
fn check_value(name: &str, value: &str, add: &mut impl FnMut(&'static Rule, String)) {
    let mut wrong =
        |reason: String| add(&rules::metadata::FIELD_VALUE, format!("{name}: {reason}"));
    match name.to_ascii_lowercase().as_str() {
        "summary" if value.contains('\n') => {
            add(&rules::metadata::SUMMARY, "it has several lines".to_owned());
        }
        "summary" => {
            let length = value.chars().count();
            if length > 512 {
                add(
                    &rules::metadata::SUMMARY,
                    format!("it has {length} characters"),
                );
            }
        }
        "requires-python" => {
            if let Err(reason) = requirement::check_specifiers(value) {
                add(
                    &rules::metadata::REQUIRES_PYTHON,
                    format!("{value:?}: {reason}"),
                );
            }
        }
        "requires-dist" | "provides-dist" | "obsoletes-dist" => match requirement::check(value) {
            Err(reason) => add(
                &rules::metadata::REQUIRES_DIST,
                format!("{name} {value:?}: {reason}"),
            ),
            Ok(requirement::RequirementSource::Url) => {
                add(&rules::metadata::REQUIRES_URL, format!("{name} {value:?}"));
            }
            Ok(requirement::RequirementSource::Index) => {}
        },
        "provides-extra" if !requirement::is_name(value) => {
            wrong(format!("{value:?} is no name of an extra"));
        }
        "home-page" | "download-url" if !is_url(value) => {
            wrong(format!("{value:?} is no http:// or https:// address"));
        }
        "import-name" | "import-namespace" if !is_import_name(value) => {
            wrong(format!("{value:?} is no name that Python can import"));
        }
        "project-url" => {
            if let Some(reason) = project_url_fault(value) {
                add(
                    &rules::metadata::PROJECT_URL,
                    format!("{value:?}: {reason}"),
                );
            }
        }
        "classifier" => {
            if let Some(reason) = classifier_fault(value) {
                add(&rules::metadata::CLASSIFIER, format!("{value:?}: {reason}"));
            }
        }
        "dynamic" => {
            let never = ["name", "version", "metadata-version"];
            let lower = value.to_ascii_lowercase();
            if never.contains(&&*lower) || !FIELDS.iter().any(|field| field.is_called(value)) {
                add(&rules::metadata::DYNAMIC, format!("it names {value:?}"));
            }
        }
        _ => {}
    }
}

fn project_url_fault(value: &str) -> Option<String> {
    let (label, url) = value.split_once(',').unwrap_or((value, ""));
    let (label, url) = (label.trim(), url.trim());
    let length = label.chars().count();
    if label.is_empty() {
        Some("it has no label".to_owned())
    } else if length > 32 {
        Some(format!("its label has {length} characters"))
    } else if !is_url(url) {
        Some("it has no http:// or https:// address after a comma".to_owned())
    } else {
        None
    }
}

fn is_url(text: &str) -> bool {
    let scheme = text.split_once("://");
    scheme.is_some_and(|(scheme, rest)| {
        (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
            && !rest.is_empty()
            && !rest.contains(char::is_whitespace)
    })
}

fn is_import_name(text: &str) -> bool {
    let name = text.strip_suffix("private").map_or(text, |name| {
        name.trim_end().strip_suffix(';').unwrap_or(text)
    });
    name.trim().split('.').all(|part| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    })
}

/// The list of classifiers is long and grows; what it never holds can be told without it.
fn classifier_fault(value: &str) -> Option<&'static str> {
    const TOP: [&str; 10] = [
        "Development Status",
        "Environment",
        "Framework",
        "Intended Audience",
        "License",
        "Natural Language",
        "Operating System",
        "Programming Language",
        "Topic",
        "Typing",
    ];
    let mut parts = value.split(" :: ");
    let top = parts.next().unwrap_or_default();
    let well_formed = |part: &str| !part.is_empty() && part.trim() == part;
    if top == "Private" {
        Some("the index refuses whatever begins with it")
    } else if !TOP.contains(&top) {
        Some("no classifier begins like this")
    } else if parts.clone().next().is_none() || !parts.all(well_formed) {
        Some("its parts are not separated by ` :: `")
    } else {
        None
    }
}
