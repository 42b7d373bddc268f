//! Rules over crates: directories that are to be published, and the `.crate` files that
//! `cargo package` makes of them.
//!
//! Of what makes Cargo resolve and build a crate, this looks at what a release can get wrong: the
//! crates beside it, its conditions on targets, its sources, what `include` takes. That the real
//! Cargo agrees is for the tests to show. A crate with a payload has the runtime decoded from it,
//! all of it, and that is held against the manifest as an installed runtime would be.

mod frames;
mod manifest;
mod payload;
mod payload_manifest;
mod publishable;
mod siblings;
mod size;
mod sources;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::finding::Findings;
use super::{Audit, Error, Kind, Request, limits};
use crate::audit::rules;
use crate::contents::Contents;
use crate::product::{Product, SizeLimits};
use crate::record::names::crates;
use manifest::{Dependency, Manifest};

/// The file that makes a directory a crate.
const CARGO_TOML: &str = "Cargo.toml";

/// A crate that was read.
struct Krate<'a> {
    contents: &'a Contents,
    /// The directory of the crate in the archive, with a slash; empty for a directory.
    prefix: String,
    /// The directory on disk; none for an archive.
    directory: Option<&'a Path>,
    manifest: Manifest,
    product: &'a Product,
}

/// The directory of the crate in an archive, if it holds one.
pub(super) fn root(contents: &Contents) -> Option<&str> {
    contents.directories_with(CARGO_TOML).next()
}

/// What is to be done about the payload of a crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Payload {
    /// It is read and held against its manifest.
    Read,
    /// It was just written, of a runtime that was checked.
    AsWritten,
}

/// Audits a crate's directory that was read from `disk`.
pub(super) fn audit_directory(
    path: &Path,
    disk: &Path,
    contents: &Contents,
    payload: Payload,
    request: &Request,
) -> Result<Audit, Error> {
    let place = Place {
        path,
        prefix: "",
        directory: Some(disk),
        payload,
    };
    audit(&place, contents, request, |krate, findings| {
        krate.check_publishable(findings);
        siblings::check(krate, findings)?;
        if krate.is_staged() {
            krate.check_workspace(findings);
        }
        // What an SDK's own source publishes is for its author to say.
        if krate.is_of_product() {
            sources::check_include(krate, findings);
        }
        let limits = krate.limits();
        if let Some(limit) = limits.in_force() {
            let size = size::of_package(disk, contents, limit)?;
            limits::check(size, limits, findings);
        }
        Ok(())
    })
}

/// Audits a `.crate` file of `size` bytes that was read, with the crate in the directory `root`.
pub(super) fn audit_file(
    path: &Path,
    size: u64,
    root: &str,
    contents: &Contents,
    request: &Request,
) -> Result<Audit, Error> {
    let place = Place {
        path,
        prefix: &format!("{root}/"),
        directory: None,
        payload: Payload::Read,
    };
    audit(&place, contents, request, |krate, findings| {
        krate.check_top_folder(root, findings);
        krate.check_paths(findings);
        krate.check_publishable(findings);
        siblings::check_pins(krate, findings);
        limits::check(size, krate.limits(), findings);
        Ok(())
    })
}

/// Where a crate is.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The artifact, as the caller knows it.
    path: &'a Path,
    /// The directory of the crate in the archive, with a slash; empty for a directory.
    prefix: &'a str,
    /// The directory on disk; none for an archive.
    directory: Option<&'a Path>,
    payload: Payload,
}

fn audit(
    place: &Place,
    contents: &Contents,
    request: &Request,
    check: impl FnOnce(&Krate, &mut Findings) -> io::Result<()>,
) -> Result<Audit, Error> {
    let Place {
        path,
        prefix,
        directory,
        payload,
    } = *place;
    let mut findings = Findings::default();
    let text = contents.text(&format!("{prefix}{CARGO_TOML}"));
    let manifest = text.ok_or_else(|| "it is no text".to_owned());
    let mut runtime = Contents::default();
    let (mut version, mut siblings) = (None, BTreeSet::new());
    match manifest.and_then(Manifest::parse) {
        Ok(manifest) => {
            let krate = Krate {
                contents,
                prefix: prefix.to_owned(),
                directory,
                manifest,
                product: request.product,
            };
            version.clone_from(&krate.manifest.version);
            siblings.extend(krate.siblings().map(|sibling| sibling.name.clone()));
            krate.manifest.check(&mut findings);
            sources::check(&krate, &mut findings);
            check(&krate, &mut findings)?;
            if payload == Payload::Read {
                runtime = payload::check(&krate, request, &mut findings)?;
            }
        }
        Err(detail) => findings.add_at(&rules::crates::MANIFEST, CARGO_TOML, detail),
    }
    let mut audit = Audit::new(path, Kind::Crate, contents, findings);
    let objects = runtime.objects();
    let objects = objects.map(|(path, facts)| (path.to_owned(), facts.clone()));
    audit.objects.extend(objects);
    if directory.is_some() {
        audit.said.files = contents.records("");
    }
    audit.said.runtime = runtime.records("");
    audit.said.version = version;
    audit.said.siblings = siblings;
    Ok(audit)
}

impl Krate<'_> {
    /// Whether it is one of the product's: the facade crate, a platform crate or a part crate.
    fn is_of_product(&self) -> bool {
        self.is_name_of_product(self.manifest.name.as_deref().unwrap_or_default())
    }

    /// The crates of the product that it depends on.
    fn siblings(&self) -> impl Iterator<Item = &Dependency> {
        let dependencies = self.manifest.dependencies.iter();
        dependencies.filter(|dependency| self.is_sibling(dependency))
    }

    /// Whether a dependency is one of the same.
    fn is_sibling(&self, dependency: &Dependency) -> bool {
        self.is_of_product() && self.is_name_of_product(&dependency.name)
    }

    fn is_name_of_product(&self, name: &str) -> bool {
        let rest = name.strip_prefix(&*self.product.krate.name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }

    /// The path in the artifact of a file of the crate.
    fn path(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn has(&self, name: &str) -> bool {
        self.contents.get(&self.path(name)).is_some()
    }

    /// The files of the crate, relative to it.
    fn files(&self) -> impl Iterator<Item = &str> {
        let files = self.contents.iter();
        files.filter_map(|(path, _)| path.strip_prefix(&self.prefix))
    }

    /// Whether `stage` made it.
    fn is_staged(&self) -> bool {
        let text = self.contents.text(&self.path(CARGO_TOML));
        self.is_of_product() || text.is_some_and(crates::is_generated)
    }

    /// A registry's hard limit holds for everybody; what it takes by default may have been raised
    /// for others, and nobody says so.
    fn limits(&self) -> SizeLimits {
        let limits = self.product.krate.limits;
        if self.is_of_product() {
            limits
        } else {
            limits.for_others()
        }
    }

    /// Whether the registry that takes it is crates.io, as far as one can know.
    fn is_for_crates_io(&self) -> bool {
        let is_elsewhere = self.is_of_product() && self.product.krate.registry.is_some();
        !is_elsewhere && publishable::is_for_crates_io(&self.manifest)
    }

    fn check_publishable(&self, findings: &mut Findings) {
        let is_packaged = self.directory.is_none();
        // A file that is there may have been made to be handed on.
        let forbidden = publishable::forbidden(&self.manifest).filter(|_| !is_packaged);
        let mut details = Vec::from_iter(forbidden.map(str::to_owned));
        if self.is_for_crates_io() {
            details.extend(publishable::faults(&self.manifest, is_packaged));
        }
        for detail in details {
            findings.add_at(&rules::crates::UNPUBLISHABLE, CARGO_TOML, detail);
        }
    }

    fn check_workspace(&self, findings: &mut Findings) {
        if !self.manifest.has_workspace() {
            let detail = "there is no [workspace]";
            findings.add_at(&rules::crates::WORKSPACE, CARGO_TOML, detail);
        }
    }

    /// Cargo unpacks nothing but `NAME-VERSION/`.
    fn check_top_folder(&self, root: &str, findings: &mut Findings) {
        let Manifest { name, version, .. } = &self.manifest;
        if let (Some(name), Some(version)) = (name, version) {
            let expected = format!("{name}-{version}");
            if root != expected {
                let detail = format!("it is {root:?} and not {expected:?}");
                findings.add(&rules::crates::TOP_FOLDER, detail);
            }
        }
        for (path, _) in self.contents.iter() {
            if !path.starts_with(&self.prefix) {
                let detail = format!("it is not below {}", self.prefix);
                findings.add_at(&rules::crates::TOP_FOLDER, path, detail);
            }
        }
    }

    fn check_paths(&self, findings: &mut Findings) {
        for dependency in &self.manifest.dependencies {
            if let Some(path) = &dependency.path {
                let detail = format!("{} is at {path:?}", dependency.shown());
                findings.add_at(&rules::crates::PATH_IN_PACKAGE, CARGO_TOML, detail);
            }
        }
    }
}
