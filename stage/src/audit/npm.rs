//! Rules over npm packages.
//!
//! A tarball is held against what npm does with it: it takes the first directory off every path,
//! reads `package.json`, runs the scripts that have a say when a tarball is installed, and links
//! the commands. pnpm and Yarn do the same, or less. What the product's own packages have to be
//! beside that is in [`product`].

mod bin;
mod install;
mod machine;
mod name;
mod product;
mod unpacked;

use std::path::Path;

use serde_json::{Map, Value};

use super::finding::Findings;
use super::{Audit, Kind, Request, Said, limits};
use crate::audit::rules;
use crate::contents::Contents;
use crate::product::{Product, SizeLimits};
use strict_archive::PortablePath;
use unpacked::Unpacked;

/// The directory of a package in a tarball, as `npm pack` names it.
pub(super) const DIRECTORY: &str = "package";

/// The file that makes a directory an npm package.
const PACKAGE_JSON: &str = "package.json";

/// An npm package that was read.
struct Package<'a> {
    contents: &'a Contents,
    /// The directory of the package in these.
    root: &'a str,
    json: Map<String, Value>,
}

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
pub(super) fn audit(path: &Path, size: u64, contents: &Contents, request: &Request) -> Audit {
    let mut findings = Findings::default();
    let unpacked = Unpacked::new(contents, &mut findings);
    let mut said = Said::default();
    match parse(&unpacked, contents, &mut findings) {
        Ok(json) => {
            let package = Package {
                contents: &unpacked.contents,
                root: &unpacked.root,
                json,
            };
            if let Some(top) = &unpacked.other_top {
                findings.add(&rules::npm::TOP_FOLDER, top);
            }
            limits::check(size, package.limits(request.product), &mut findings);
            package.check(&mut findings);
            if package.is_of(request.product) {
                install::check(&package, &rules::npm::INSTALL_SCRIPT, &mut findings);
                said = product::check(&package, request.product, &mut findings);
            } else {
                install::check(&package, &rules::npm::OTHER_INSTALL_SCRIPT, &mut findings);
                machine::check_cpus(&package, &mut findings);
                machine::check_libc(&package, &machine::main(&package), &mut findings);
            }
        }
        Err(detail) => findings.add_at(&rules::npm::PACKAGE_JSON, PACKAGE_JSON, detail),
    }
    let mut audit = Audit::new(path, Kind::Npm, contents, findings);
    audit.said = said;
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

impl Package<'_> {
    fn text(&self, key: &str) -> Option<&str> {
        self.json.get(key)?.as_str()
    }

    fn is_of(&self, product: &Product) -> bool {
        self.text("name") == Some(&*product.npm.package)
    }

    /// A registry's hard limit holds for everybody; what it takes by default may have been raised
    /// for others, and nobody says so.
    fn limits(&self, product: &Product) -> SizeLimits {
        let limits = product.npm.limits;
        if self.is_of(product) {
            limits
        } else {
            limits.for_others()
        }
    }

    fn check(&self, findings: &mut Findings) {
        name::check(self.json.get("name"), findings);
        self.check_version(findings);
        if self.json.get("private") == Some(&Value::Bool(true)) {
            findings.add_at(&rules::npm::PRIVATE, PACKAGE_JSON, "`private` is true");
        }
        self.check_dependencies(findings);
        self.check_file_names(findings);
        bin::check(self, findings);
        machine::check_fields(self, findings);
    }

    fn check_version(&self, findings: &mut Findings) {
        let detail = match self.json.get("version") {
            Some(Value::String(text)) => match semver::Version::parse(text) {
                Ok(_) => return,
                Err(error) => format!("{text:?}: {error}"),
            },
            Some(_) => "it is no text".to_owned(),
            None => "there is none".to_owned(),
        };
        findings.add_at(&rules::npm::VERSION, PACKAGE_JSON, detail);
    }

    fn check_dependencies(&self, findings: &mut Findings) {
        const TABLES: [&str; 3] = ["dependencies", "optionalDependencies", "peerDependencies"];
        const LOCAL: [&str; 4] = ["workspace:", "catalog:", "link:", "portal:"];
        for table in TABLES {
            let dependencies = self.json.get(table).and_then(Value::as_object);
            for (name, wanted) in dependencies.into_iter().flatten() {
                let wanted = wanted.as_str().unwrap_or_default();
                if LOCAL.iter().any(|protocol| wanted.starts_with(protocol)) {
                    let detail = format!("`{table}` wants {name:?} as {wanted:?}");
                    findings.add_at(&rules::npm::DEPENDENCY, PACKAGE_JSON, detail);
                }
            }
        }
    }

    fn check_file_names(&self, findings: &mut Findings) {
        if !machine::names_windows(self) {
            return;
        }
        for (path, _) in self.contents.iter() {
            if let Err(fault) = PortablePath::parse(path) {
                findings.add_at(&rules::npm::FILE_NAME, path, fault.to_string());
            }
        }
    }
}
