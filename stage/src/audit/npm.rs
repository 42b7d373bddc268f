//! Rules over npm packages.
//!
//! A tarball is held against what npm does with it: it takes the first directory off every path,
//! reads `package.json`, runs the scripts that have a say when a tarball is installed, and links
//! the commands. pnpm and Yarn do the same, or less. What the product's own packages have to be
//! beside that is in [`product`].

mod bin;
mod commands;
mod install;
mod machine;
mod name;
mod package;
mod product;
mod unpacked;

use std::path::Path;

use serde_json::{Map, Value};

use super::finding::Findings;
use super::kind::SubjectKind;
use super::limits::Growth;
use super::outcome::{Audit, Compared};
use super::request::AuditRequest;
use super::{libraries, limits, rules};
use crate::contents::Contents;
use package::{DIRECTORY, NpmPackage, PACKAGE_JSON};
use strict_archive::PortablePath;
use unpacked::Unpacked;

/// Whether a tarball holds a package in the directory that `npm pack` puts it in.
pub(super) fn is_named_like_one(contents: &Contents) -> bool {
    let mut directories = contents.directories_with(PACKAGE_JSON);
    directories.any(|directory| directory == DIRECTORY)
}

/// Whether a tarball holds a package, or was meant to.
pub(super) fn is_one(contents: &Contents) -> bool {
    let mut directories = contents.directories_with(PACKAGE_JSON);
    directories.next().is_some() || contents.get(PACKAGE_JSON).is_some()
}

/// Audits an npm package that was read: a tarball of `size` bytes.
pub(super) fn audit(path: &Path, size: u64, contents: &Contents, request: &AuditRequest) -> Audit {
    let mut findings = Findings::default();
    let unpacked = Unpacked::new(contents, &mut findings);
    let mut compared = Compared::default();
    match parse(&unpacked, contents, &mut findings) {
        Ok(json) => {
            let package = NpmPackage {
                contents: &unpacked.contents,
                root: &unpacked.root,
                json,
            };
            if let Some(top) = &unpacked.other_top {
                findings.add(&rules::npm::TOP_FOLDER, top);
            }
            let limits = package.limits(request.product);
            limits::check(size, limits, Growth::Larger, &mut findings);
            check(&package, &mut findings);
            if package.is_of(request.product) {
                install::check(&package, &rules::npm::INSTALL_SCRIPT, &mut findings);
                compared = product::check(&package, request.product, &mut findings);
                libraries::check(package.contents, &mut findings);
            } else {
                install::check(&package, &rules::npm::OTHER_INSTALL_SCRIPT, &mut findings);
                machine::check_cpus(&package, &mut findings);
                machine::check_libc(&package, &machine::main(&package), &mut findings);
                // What runs when it is installed may build them anew.
                if !install::runs_something(&package) {
                    libraries::check(package.contents, &mut findings);
                }
            }
        }
        Err(detail) => findings.add_at(&rules::npm::PACKAGE_JSON, PACKAGE_JSON, detail),
    }
    let mut audit = Audit::new(path, SubjectKind::Npm, contents, findings);
    audit.compared = compared;
    audit
}

/// Reads the `package.json` as npm does: a byte order mark may come first, and what is not UTF-8 is
/// replaced.
fn parse(
    unpacked: &Unpacked,
    packed: &Contents,
    findings: &mut Findings,
) -> Result<Map<String, Value>, String> {
    let path = format!("{}/{PACKAGE_JSON}", unpacked.root);
    let file = unpacked.contents.get(&path);
    let file = file.ok_or_else(|| unpacked::why_missing(packed))?;
    let raw = file.text.as_deref().ok_or("it is too large")?;
    let text = String::from_utf8_lossy(raw);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let json = serde_json::from_str(text).map_err(|error| error.to_string())?;
    check_encoding(raw, findings);
    Ok(json)
}

/// Says where text is lost.
fn check_encoding(text: &[u8], findings: &mut Findings) {
    if let Err(error) = str::from_utf8(text) {
        let at = error.valid_up_to();
        let line = text.iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        let detail = format!("line {line} has a byte that is not UTF-8");
        findings.add_at(&rules::npm::ENCODING, PACKAGE_JSON, detail);
    }
}

/// Holds what every package says against the rules.
fn check(package: &NpmPackage, findings: &mut Findings) {
    name::check(package.json.get("name"), findings);
    check_version(package, findings);
    if package.json.get("private") == Some(&Value::Bool(true)) {
        findings.add_at(&rules::npm::PRIVATE, PACKAGE_JSON, "`private` is true");
    }
    check_dependencies(package, findings);
    check_file_names(package, findings);
    check_renamed(package, findings);
    bin::check(package, findings);
    machine::check_fields(package, findings);
}

fn check_version(package: &NpmPackage, findings: &mut Findings) {
    let detail = match package.json.get("version") {
        Some(Value::String(text)) => match semver::Version::parse(text) {
            Ok(_) => return,
            Err(error) => format!("{text:?}: {error}"),
        },
        Some(_) => "it is no text".to_owned(),
        None => "there is none".to_owned(),
    };
    findings.add_at(&rules::npm::VERSION, PACKAGE_JSON, detail);
}

fn check_dependencies(package: &NpmPackage, findings: &mut Findings) {
    const TABLES: [&str; 3] = ["dependencies", "optionalDependencies", "peerDependencies"];
    const LOCAL: [&str; 4] = ["workspace:", "catalog:", "link:", "portal:"];
    for table in TABLES {
        let dependencies = package.json.get(table).and_then(Value::as_object);
        for (name, wanted) in dependencies.into_iter().flatten() {
            let wanted = wanted.as_str().unwrap_or_default();
            if LOCAL.iter().any(|protocol| wanted.starts_with(protocol)) {
                let detail = format!("`{table}` wants {name:?} as {wanted:?}");
                findings.add_at(&rules::npm::DEPENDENCY, PACKAGE_JSON, detail);
            }
        }
    }
}

/// Finds the files that npm renames while it unpacks a tarball. It drops one whose new name is taken.
fn check_renamed(package: &NpmPackage, findings: &mut Findings) {
    const FROM: &str = ".gitignore";
    const TO: &str = ".npmignore";
    for (path, _) in package.contents.iter() {
        let Some(directory) = path
            .strip_suffix(FROM)
            .filter(|directory| directory.ends_with('/'))
        else {
            continue;
        };
        let new = format!("{directory}{TO}");
        let detail = if package.contents.get(&new).is_some() {
            format!("npm drops it for the `{TO}` beside it")
        } else {
            format!("npm installs it as `{TO}`")
        };
        findings.add_at(&rules::npm::RENAMED, path, detail);
    }
}

fn check_file_names(package: &NpmPackage, findings: &mut Findings) {
    if !machine::names_windows(package) {
        return;
    }
    for (path, _) in package.contents.iter() {
        if let Err(fault) = PortablePath::parse(path) {
            findings.add_at(&rules::npm::FILE_NAME, path, fault.to_string());
        }
    }
}
