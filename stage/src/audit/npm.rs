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

use std::path::Path;

use serde_json::{Map, Value};

use super::contents::Contents;
use super::rules::npm as rules;
use super::{Audit, Findings, Kind, Request, Said, limits};
use crate::bundle::BundlePath;
use crate::product::{Product, SizeLimits};

/// The directory of a package in a tarball, as `npm pack` names it.
pub(super) const DIRECTORY: &str = "package";

/// The file that makes a directory an npm package.
const PACKAGE_JSON: &str = "package.json";

/// An npm package that was read.
struct Package<'a> {
    contents: &'a Contents,
    /// The directory of the package in the tarball.
    root: &'a str,
    json: Map<String, Value>,
}

/// The directory of the package in a tarball, if it holds one: `package`, and any other only where
/// that is missing.
pub(super) fn root(contents: &Contents) -> Option<&str> {
    let mut roots = contents.directories_with(PACKAGE_JSON).peekable();
    let first = roots.peek().copied();
    roots.find(|root| *root == DIRECTORY).or(first)
}

/// Audits an npm package that was read: a tarball of `size` bytes, with the package in the
/// directory `root`.
pub(super) fn audit(
    path: &Path,
    size: u64,
    root: &str,
    contents: &Contents,
    request: &Request,
) -> Audit {
    let mut findings = Findings::default();
    check_paths(root, contents, &mut findings);
    let mut said = Said::default();
    let text = contents.get(&format!("{root}/{PACKAGE_JSON}"));
    let text = text.and_then(|file| file.text.as_deref());
    let read = text.map(|text| (text, parse(text)));
    match read.unwrap_or((&[], Err("it is too large".to_owned()))) {
        (text, Ok(json)) => {
            check_encoding(text, &mut findings);
            let package = Package {
                contents,
                root,
                json,
            };
            limits::check(size, package.limits(request.product), &mut findings);
            package.check(&mut findings);
            if package.is_of(request.product) {
                install::check(&package, &rules::INSTALL_SCRIPT, &mut findings);
                said = product::check(&package, request.product, &mut findings);
            } else {
                install::check(&package, &rules::OTHER_INSTALL_SCRIPT, &mut findings);
                machine::check_cpus(&package, &mut findings);
                machine::check_libc(&package, &machine::main(&package), &mut findings);
            }
        }
        (_, Err(detail)) => findings.add_at(&rules::PACKAGE_JSON, PACKAGE_JSON, detail),
    }
    let mut audit = Audit::new(path, Kind::Npm, contents, findings);
    audit.said = said;
    audit
}

/// Reads a `package.json` as npm does: a byte order mark may come first, and what is not UTF-8 is
/// replaced.
fn parse(text: &[u8]) -> Result<Map<String, Value>, String> {
    let text = String::from_utf8_lossy(text);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Says where text is lost.
fn check_encoding(text: &[u8], findings: &mut Findings) {
    if let Err(error) = str::from_utf8(text) {
        let at = error.valid_up_to();
        let line = text.iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        let detail = format!("line {line} has a byte that is not UTF-8");
        findings.add_at(&rules::ENCODING, PACKAGE_JSON, detail);
    }
}

/// Everything lies in one directory, under names that every system of the package can hold.
fn check_paths(root: &str, contents: &Contents, findings: &mut Findings) {
    if root != DIRECTORY {
        findings.add(&rules::TOP_FOLDER, format!("it is {root:?}"));
    }
    for (path, _) in contents.iter() {
        if path.split('/').next() != Some(root) || path == root {
            findings.add_at(&rules::OUTSIDE, path, format!("it is not below {root}/"));
        }
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
            findings.add_at(&rules::PRIVATE, PACKAGE_JSON, "`private` is true");
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
        findings.add_at(&rules::VERSION, PACKAGE_JSON, detail);
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
                    findings.add_at(&rules::DEPENDENCY, PACKAGE_JSON, detail);
                }
            }
        }
    }

    fn check_file_names(&self, findings: &mut Findings) {
        if !machine::names_windows(self) {
            return;
        }
        for (path, _) in self.contents.iter() {
            if let Err(fault) = BundlePath::parse(path) {
                findings.add_at(&rules::FILE_NAME, path, fault.to_string());
            }
        }
    }
}
