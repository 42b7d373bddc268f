//! The file WHEEL.

use std::collections::BTreeSet;

use super::fields::HeaderFields;
use super::name::{FileName, expand};
use super::tag_fit;
use crate::audit::finding::Findings;
use crate::audit::rule::Rule;
use crate::audit::rules;
use crate::contents::Contents;
use native_claims::claims;

/// Checks the file against the rules, the file name and the executables in the wheel. Gives
/// `Root-Is-Purelib`, if it is there.
pub(super) fn check(
    path: &str,
    name: Option<&FileName>,
    contents: &Contents,
    findings: &mut Findings,
) -> Option<bool> {
    let mut add = |rule: &'static Rule, detail: String| findings.add_at(rule, path, detail);
    let Some(text) = contents.text(path) else {
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
        check_name(&fields, name, contents, &mut add);
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

/// Checks what the file and the name both say against each other.
fn check_name(
    fields: &HeaderFields,
    name: &FileName,
    contents: &Contents,
    add: &mut impl FnMut(&'static Rule, String),
) {
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
    check_tags(&tags, &name.tags(), contents, add);
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

/// Checks the tags of the file, `tags`, against those of the file name. A difference is harmless
/// where a tag of the file fits all systems that the name is for.
fn check_tags(
    tags: &BTreeSet<String>,
    expected: &BTreeSet<String>,
    contents: &Contents,
    add: &mut impl FnMut(&'static Rule, String),
) {
    let lacking = expected.difference(tags);
    let (fit, unfit) = lacking.partition::<Vec<_>, _>(|expected| {
        let mut tags = tags.iter();
        tags.any(|tag| tag_fit::covers(tag, expected))
    });
    for tag in &unfit {
        let detail = format!("it has no tag for all systems of `{tag}`, which the file name has");
        add(&rules::wheel::TAGS_UNFIT, detail);
    }
    let claims = claims::allowed(contents.objects(), None);
    for tag in tags.difference(expected) {
        let platform = tag.rsplit('-').next().unwrap_or_default();
        let platforms = claims::single(platform).into_iter();
        let mut reasons = platforms.flat_map(|platform| claims.check(&platform).reasons);
        if let Some((path, reason)) = reasons.next() {
            let detail = format!("it has `{tag}`, which {path} does not fit: {reason}");
            add(&rules::wheel::TAGS_UNFIT, detail);
        } else if unfit.is_empty() {
            let detail = format!("it has `{tag}`, which the file name lacks");
            add(&rules::wheel::TAGS_DIFFER, detail);
        }
    }
    for tag in fit {
        let detail = format!("it lacks `{tag}`, which the file name has");
        add(&rules::wheel::TAGS_DIFFER, detail);
    }
}
