//! Rules over crates: directories that are to be published, and the `.crate` files that
//! `cargo package` makes of them.
//!
//! Of what makes Cargo resolve and build a crate, this looks at what a release can get wrong: the
//! crates beside it, its conditions on targets, its sources, what `include` takes. That the real
//! Cargo agrees is for the tests to show. A crate with a payload has the runtime decoded from it,
//! all of it, and that is held against the manifest as an installed runtime would be.

mod frames;
mod manifest;
mod package;
mod packaged;
mod payload;
mod payload_manifest;
mod publishable;
mod siblings;
mod size;
mod sources;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::error::AuditError;
use super::finding::Findings;
use super::kind::SubjectKind;
use super::outcome::Audit;
use super::request::AuditRequest;
use super::{common, libraries, limits, rules};
use crate::contents::Contents;
use manifest::{CARGO_TOML, CargoManifest};
use package::Krate;

/// The directory of the crate in an archive, if it holds one.
pub(super) fn root(contents: &Contents) -> Option<&str> {
    contents.directories_with(CARGO_TOML).next()
}

/// What is to be done about the payload of a crate.
#[derive(Clone, Copy, Debug)]
pub(super) enum PayloadCheck<'a> {
    /// It is read and checked against its manifest.
    Read,
    /// It was just written, of this runtime.
    AsWritten(&'a Contents),
}

/// Audits a crate's directory that was read from `disk`.
pub(super) fn audit_directory(
    path: &Path,
    disk: &Path,
    contents: &Contents,
    payload: PayloadCheck<'_>,
    request: &AuditRequest,
) -> Result<Audit, AuditError> {
    let place = CratePlace {
        path,
        prefix: "",
        directory: Some(disk),
        payload,
    };
    audit(&place, contents, request, |krate, findings| {
        publishable::check(krate, findings);
        siblings::check(krate, findings)?;
        if krate.is_staged() {
            check_workspace(krate, findings);
        }
        // What an SDK's own source publishes is for its author to say.
        if krate.is_of_product() {
            sources::check_include(krate, findings);
        }
        let limits = krate.limits();
        if let Some(limit) = limits.in_force() {
            let size = size::of_package(disk, contents, limit)?;
            limits::check(size, limits, krate.growth(), findings);
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
    request: &AuditRequest,
) -> Result<Audit, AuditError> {
    let place = CratePlace {
        path,
        prefix: &format!("{root}/"),
        directory: None,
        payload: PayloadCheck::Read,
    };
    audit(&place, contents, request, |krate, findings| {
        packaged::check(krate, root, findings);
        publishable::check(krate, findings);
        siblings::check_pins(krate, findings);
        limits::check(size, krate.limits(), krate.growth(), findings);
        Ok(())
    })
}

/// Where a crate is.
#[derive(Clone, Copy)]
struct CratePlace<'a> {
    /// The artifact, as the caller knows it.
    path: &'a Path,
    /// The directory of the crate in the archive, with a slash; empty for a directory.
    prefix: &'a str,
    /// The directory on disk; none for an archive.
    directory: Option<&'a Path>,
    payload: PayloadCheck<'a>,
}

fn audit(
    place: &CratePlace,
    contents: &Contents,
    request: &AuditRequest,
    check: impl FnOnce(&Krate, &mut Findings) -> io::Result<()>,
) -> Result<Audit, AuditError> {
    let CratePlace {
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
    match manifest.and_then(CargoManifest::parse) {
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
            match payload {
                PayloadCheck::Read => {
                    runtime = payload::check(&krate, request, &mut findings)?;
                    common::check_objects(&runtime, &mut findings);
                    libraries::check(&runtime, &mut findings);
                }
                PayloadCheck::AsWritten(runtime) if payload::platform(&krate).is_some() => {
                    common::check_objects(runtime, &mut findings);
                    libraries::check(runtime, &mut findings);
                }
                PayloadCheck::AsWritten(_) => {}
            }
        }
        Err(detail) => findings.add_at(&rules::crates::MANIFEST, CARGO_TOML, detail),
    }
    let mut audit = Audit::new(path, SubjectKind::Crate, contents, findings);
    let objects = runtime.objects();
    let objects = objects.map(|(path, facts)| (path.to_owned(), facts.clone()));
    audit.objects.extend(objects);
    if directory.is_some() {
        audit.compared.files = contents.records("");
    }
    audit.compared.runtime = runtime.records("");
    audit.compared.version = version;
    audit.compared.siblings = siblings;
    Ok(audit)
}

fn check_workspace(krate: &Krate, findings: &mut Findings) {
    if !krate.manifest.has_workspace() {
        let detail = "there is no [workspace]";
        findings.add_at(&rules::crates::WORKSPACE, CARGO_TOML, detail);
    }
}
