//! The file WHEEL.

use std::collections::BTreeSet;

use super::fields::HeaderFields;
use super::name::{FileName, expand};
use crate::audit::finding::Findings;
use crate::audit::rule::Rule;
use crate::audit::rules;

/// Holds the file against the rules and the file name. Gives `Root-Is-Purelib`, if it is there.
pub(super) fn check(
    path: &str,
    text: Option<&str>,
    name: Option<&FileName>,
    findings: &mut Findings,
) -> Option<bool> {
    let mut add = |rule: &'static Rule, detail: String| findings.add_at(rule, path, detail);
    let Some(text) = text else {
        add(&rules::wheel::WHEEL_MALFORMED, "it is not UTF-8".to_owned());
        return None;
    };
    let fields = HeaderFields::parse(text);
    if let Some(line) = fields.fault {
        add(
            &rules::wheel::WHEEL_MALFORMED,
            format!("line {line} is no field"),
        );
        return None;
    }
    match fields.first("Wheel-Version") {
        None => add(
            &rules::wheel::WHEEL_MALFORMED,
            "it has no Wheel-Version".to_owned(),
        ),
        Some(version) => match format_version(version) {
            None => add(
                &rules::wheel::WHEEL_MALFORMED,
                format!("its Wheel-Version is {version:?}"),
            ),
            Some((1, 0)) => {}
            Some((1, _)) => add(
                &rules::wheel::FORMAT_MINOR,
                format!("its Wheel-Version is {version}, and installers know 1.0"),
            ),
            Some(_) => add(
                &rules::wheel::FORMAT_VERSION,
                format!("its Wheel-Version is {version}, and installers know 1.0"),
            ),
        },
    }
    if let Some(name) = name {
        check_name(&fields, name, &mut add);
    }
    match fields.first("Root-Is-Purelib") {
        Some(value) if value.eq_ignore_ascii_case("true") => Some(true),
        Some(value) if value.eq_ignore_ascii_case("false") => Some(false),
        Some(value) => {
            let detail = format!("its Root-Is-Purelib is {value:?}, not `true` or `false`");
            add(&rules::wheel::WHEEL_MALFORMED, detail);
            None
        }
        None => {
            add(
                &rules::wheel::WHEEL_MALFORMED,
                "it has no Root-Is-Purelib".to_owned(),
            );
            None
        }
    }
}

fn format_version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Holds what the file and the name both say against each other.
fn check_name(fields: &HeaderFields, name: &FileName, add: &mut impl FnMut(&'static Rule, String)) {
    let expected = name.tags();
    let mut tags = BTreeSet::new();
    for tag in fields.all("Tag") {
        match expand(tag) {
            Some(stands_for) => {
                if stands_for.len() > 1 {
                    let detail = format!("`{tag}` is {} tags", stands_for.len());
                    add(&rules::wheel::TAGS_COMPRESSED, detail);
                }
                tags.extend(stands_for);
            }
            None => drop(tags.insert(tag.to_owned())),
        }
    }
    for tag in expected.difference(&tags) {
        let detail = format!("it lacks `{tag}`, which the file name has");
        add(&rules::wheel::TAGS_DIFFER, detail);
    }
    for tag in tags.difference(&expected) {
        let detail = format!("it has `{tag}`, which the file name lacks");
        add(&rules::wheel::TAGS_DIFFER, detail);
    }
    let build = fields.first("Build");
    if build != name.build.as_deref() {
        let shown = |build: Option<&str>| {
            build.map_or_else(|| "none".to_owned(), |build| format!("{build:?}"))
        };
        let (inside, outside) = (shown(build), shown(name.build.as_deref()));
        let detail =
            format!("its build number is {inside}, and that of the file name is {outside}");
        add(&rules::wheel::BUILD_DIFFERS, detail);
    }
}
