//! The payload of a platform crate and its part crates: that it is whole, and a runtime.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use super::frames::{DamagedFile, Part, read_files};
use super::package::Krate;
use super::payload_manifest::PayloadManifest;
use crate::audit::finding::Findings;
use crate::audit::request::AuditRequest;
use crate::audit::runtime::tree::RuntimeTree;
use crate::audit::{rules, sbom};
use crate::contents::Contents;
use crate::package;
use crate::product::Platform;
use crate::record::names::crates::platform_crate;
use strict_archive::DiskFile;

/// What describes the payload.
const MANIFEST: &str = "payload.manifest";

/// A part of the payload.
const BIN: &str = "payload.bin";

/// Holds the payload of a platform crate against its manifest. Gives the runtime, if all of it is
/// there and whole.
pub(super) fn check(
    krate: &Krate,
    request: &AuditRequest,
    findings: &mut Findings,
) -> io::Result<Contents> {
    let nothing = Contents::default();
    let name = krate.manifest.name.as_deref().unwrap_or_default();
    let Some(platform) = platform(krate) else {
        return Ok(nothing);
    };
    let Some(manifest) = read_manifest(krate, platform, findings) else {
        return Ok(nothing);
    };
    let limits = request.limits();
    let mut sizes = manifest.files.iter().map(|file| file.size);
    if let Err(fault) = sizes.try_fold(0, |total, size| limits.add_bytes(total, size)) {
        findings.add_at(
            &rules::crates::PAYLOAD_MANIFEST,
            MANIFEST,
            fault.to_string(),
        );
        return Ok(nothing);
    }
    let Some(parts) = find_parts(krate, name, &manifest, findings)? else {
        return Ok(nothing);
    };
    let (runtime, damaged) = read_files(&manifest, &parts, request.jobs)?;
    let is_damaged = !damaged.is_empty();
    for DamagedFile { path, reason } in damaged {
        findings.add_at(&rules::crates::PAYLOAD, path, reason);
    }
    if is_damaged || parts.iter().any(Option::is_none) {
        return Ok(nothing);
    }
    let tree = RuntimeTree {
        contents: &runtime,
        directory: "",
        version: krate.manifest.version.as_deref(),
        platform: Some(platform),
    };
    let metadata = tree.check(request.product, findings);
    let bill = krate.path(package::sbom::FILE);
    if krate.contents.get(&bill).is_some() {
        let files = runtime.iter().collect();
        sbom::check(
            package::sbom::FILE,
            krate.contents.text(&bill),
            &files,
            findings,
        );
    }
    if let Some(metadata) = metadata {
        let path_dir = metadata.path_dir.filter(|path| runtime.has_directory(path));
        for (key, said, found) in [
            (
                "entrypoint",
                Some(&manifest.entrypoint),
                Some(&metadata.entrypoint),
            ),
            ("path-dir", manifest.path_dir.as_ref(), path_dir.as_ref()),
        ] {
            if said != found {
                let detail = format!("its {key} is {said:?}, and that of the runtime {found:?}");
                findings.add_at(&rules::crates::PAYLOAD_MANIFEST, MANIFEST, detail);
            }
        }
    }
    Ok(runtime)
}

/// The platform of a platform crate.
pub(super) fn platform<'a>(krate: &Krate<'a>) -> Option<&'a Platform> {
    let name = krate.manifest.name.as_deref().unwrap_or_default();
    let mut platforms = krate.product.platforms.iter();
    platforms.find(|platform| platform_crate(krate.product, platform) == name)
}

fn read_manifest(
    krate: &Krate,
    platform: &Platform,
    findings: &mut Findings,
) -> Option<PayloadManifest> {
    let path = krate.path(MANIFEST);
    if krate.contents.get(&path).is_none() {
        findings.add_at(
            &rules::crates::PAYLOAD_MANIFEST,
            MANIFEST,
            "it is not there",
        );
        return None;
    }
    let text = krate
        .contents
        .text(&path)
        .ok_or_else(|| "it is no text".to_owned());
    let detail = match text.and_then(PayloadManifest::parse) {
        Ok(manifest) => {
            let version = krate.manifest.version.as_deref();
            let runtime = krate.product.parse_version(&manifest.version).ok();
            let is_of = |version: &str| {
                let runtime = runtime.as_ref();
                version == manifest.version
                    || runtime.is_some_and(|runtime| runtime.is_packaged_as(version))
            };
            if !version.is_some_and(is_of) {
                format!(
                    "its version is {:?}, and that of the crate {version:?}",
                    manifest.version
                )
            } else if manifest.target != *platform.target {
                format!(
                    "its target is {:?}, and that of the crate {}",
                    manifest.target, platform.target
                )
            } else {
                return Some(manifest);
            }
        }
        Err(detail) => detail,
    };
    findings.add_at(&rules::crates::PAYLOAD_MANIFEST, MANIFEST, detail);
    None
}

/// The parts of the payload, in their order; `None` for one that is in another archive. Nothing,
/// if they are not the ones that the manifest names.
fn find_parts(
    krate: &Krate,
    name: &str,
    manifest: &PayloadManifest,
    findings: &mut Findings,
) -> io::Result<Option<Vec<Option<Part>>>> {
    let names = (2..=manifest.parts.len()).map(|number| format!("{name}-part{number}"));
    let names = names.collect::<Vec<_>>();
    let siblings = krate.siblings().collect::<Vec<_>>();
    let found = siblings.iter().map(|sibling| &*sibling.name);
    let found = found.collect::<BTreeSet<_>>();
    if found != names.iter().map(String::as_str).collect() {
        let detail = format!(
            "the manifest has {} parts, and the crate depends on {} others",
            manifest.parts.len(),
            found.len()
        );
        findings.add_at(&rules::crates::PAYLOAD_PARTS, MANIFEST, detail);
        return Ok(None);
    }
    let mut parts = vec![own_part(krate)?];
    if parts[0].is_none() {
        findings.add_at(&rules::crates::PAYLOAD_PARTS, BIN, "it is not there");
        return Ok(None);
    }
    for name in &names {
        let sibling = siblings.iter().find(|sibling| sibling.name == *name);
        let path = sibling.and_then(|sibling| sibling.path.as_deref());
        let part = match (krate.directory, path) {
            (Some(directory), Some(path)) => {
                let crate_directory = directory.join(path);
                if !crate_directory.is_dir() {
                    // That it is missing is a finding of its own.
                    return Ok(None);
                }
                let path = crate_directory.join(BIN);
                if !path.is_file() {
                    let detail = format!("{name} has no {BIN}");
                    findings.add_at(&rules::crates::PAYLOAD_PARTS, MANIFEST, detail);
                    return Ok(None);
                }
                Some(Part::Disk(DiskFile::open(&path)?))
            }
            _ => None,
        };
        parts.push(part);
    }
    // A payload without files has no part, and its crate has an empty one.
    let sizes = manifest.parts.iter().copied().chain([0]);
    for ((part, size), name) in parts
        .iter()
        .zip(sizes)
        .zip([name].into_iter().chain(names.iter().map(String::as_str)))
    {
        if let Some(found) = part.as_ref().map(Part::size)
            && found != size
        {
            let detail = format!("the {BIN} of {name} has {found} bytes instead of {size}");
            findings.add_at(&rules::crates::PAYLOAD_PARTS, MANIFEST, detail);
            return Ok(None);
        }
    }
    Ok(Some(parts))
}

/// The part of the payload that the platform crate has.
fn own_part(krate: &Krate) -> io::Result<Option<Part>> {
    let path = krate.path(BIN);
    let Some(file) = krate.contents.get(&path) else {
        return Ok(None);
    };
    if let Some(kept) = &file.kept {
        return Ok(Some(Part::Kept(Arc::clone(kept))));
    }
    let path = krate.directory.map(|directory| directory.join(BIN));
    path.map(|path| Ok(Part::Disk(DiskFile::open(&path)?)))
        .transpose()
}
