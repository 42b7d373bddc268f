//! Rules over wheels ([binary distribution format](https://packaging.python.org/en/latest/specifications/binary-distribution-format/),
//! PEP 427).
//!
//! What pip and uv install and PyPI takes is no error, however odd it is: published wheels of
//! others go through here too. The exceptions are claims that the bytes contradict.

mod any;
mod data;
mod entry_points;
mod fields;
#[cfg(test)]
mod hostile;
mod hygiene;
mod metadata;
mod module_tag;
mod name;
mod platform_tag;
mod product;
mod record;
mod tag_fit;
mod wheel_file;

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::finding::Findings;
use super::kind::SubjectKind;
use super::limits::Growth;
use super::outcome::Audit;
use super::request::AuditRequest;
use super::{limits, rules, sbom, tags, zipped};
use crate::contents::Contents;
use crate::product::Product;
use metadata::place::MetadataPlace;
use name::FileName;
use product::Carried;
use record::Algorithm;
use strict_archive::ReadAt;
use strict_archive::zip::{Archive, Entry};

/// Audits a wheel that was read.
pub(super) fn audit<S: ReadAt>(
    path: &Path,
    archive: &Archive<S>,
    contents: &Contents,
    request: &AuditRequest,
) -> Audit {
    let mut findings = Findings::default();
    let limits = request.product.wheel.limits;
    limits::check(archive.size(), limits, Growth::Larger, &mut findings);
    zipped::check(archive, &mut findings);
    zipped::check_modes(contents, &mut findings);
    let name = file_name(path, &mut findings);
    let dist_info = dist_info(name.as_ref(), contents, &mut findings);
    hygiene::check(name.as_ref(), dist_info.as_deref(), contents, &mut findings);
    if let Some(name) = &name {
        any::check(name, contents, &mut findings);
        module_tag::check(name, contents, &mut findings);
    }
    let product = request.product;
    let carried = Carried::find(dist_info.as_deref(), contents, product);
    if let Some(dist_info) = dist_info {
        // A directory of another name is one finding, and not one for each thing that is in it.
        let name = name.as_ref().filter(|name| name.dist_info() == dist_info);
        check_dist_info(&dist_info, name, archive, contents, &mut findings);
        if let (Some(name), Some(carried)) = (name, &carried) {
            carried.check(name, &dist_info, contents, product, &mut findings);
        }
        check_claims(
            &dist_info,
            name,
            carried.as_ref(),
            contents,
            product,
            &mut findings,
        );
    }
    let mut audit = Audit::new(path, SubjectKind::Wheel, contents, findings);
    if let Some(carried) = carried {
        audit.compared.runtime = carried.records(contents, product);
    }
    audit
}

/// Whether this is what a wheel holds.
pub(super) fn is_one(contents: &Contents) -> bool {
    contents
        .iter()
        .any(|(path, _)| path.ends_with(".dist-info/WHEEL"))
}

fn file_name(path: &Path, findings: &mut Findings) -> Option<FileName> {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    match FileName::parse(&file) {
        Ok(name) => {
            name.check(findings);
            Some(name)
        }
        Err(reason) => {
            findings.add(&rules::wheel::FILE_NAME, reason);
            None
        }
    }
}

/// The directory of metadata: the one that the file name asks for, or the only one there is.
fn dist_info(
    name: Option<&FileName>,
    contents: &Contents,
    findings: &mut Findings,
) -> Option<String> {
    let tops = contents.iter().filter_map(|(path, _)| path.split_once('/'));
    let there = tops
        .map(|(top, _)| top)
        .filter(|top| top.ends_with(".dist-info"))
        .collect::<BTreeSet<_>>();
    let expected = name.map(FileName::dist_info);
    let rule = &rules::wheel::DIST_INFO;
    match there.iter().copied().collect::<Vec<_>>()[..] {
        [] => {
            findings.add(rule, "there is no .dist-info directory");
            None
        }
        [only] => {
            if let Some(expected) = expected.filter(|expected| expected != only) {
                let detail = format!("it is `{only}`, and the file name asks for `{expected}`");
                findings.add(rule, detail);
            }
            Some(only.to_owned())
        }
        [first, second, ..] => {
            let detail = format!("there are several: `{first}`, `{second}`");
            findings.add(rule, detail);
            expected.filter(|expected| there.contains(&**expected))
        }
    }
}

/// Holds the files of metadata against the rules and each other.
fn check_dist_info<S: ReadAt>(
    dist_info: &str,
    name: Option<&FileName>,
    archive: &Archive<S>,
    contents: &Contents,
    findings: &mut Findings,
) {
    let mut present = |file: &str| {
        let path = format!("{dist_info}/{file}");
        let is_there = contents.get(&path).is_some();
        if !is_there {
            findings.add_at(&rules::wheel::FILE_MISSING, &*path, "it is not there");
        }
        is_there.then_some(path)
    };
    let (wheel, metadata, record) = (present("WHEEL"), present("METADATA"), present("RECORD"));
    if let Some(path) = wheel {
        let root_is_purelib = wheel_file::check(&path, name, contents, findings);
        if let (Some(root_is_purelib), Some(name)) = (root_is_purelib, name) {
            hygiene::check_native(root_is_purelib, name, contents, findings);
        }
    }
    if let Some(path) = metadata {
        let place = MetadataPlace {
            path: &path,
            dist_info,
            name,
            contents,
        };
        metadata::check(&place, contents.text(&path), findings);
    }
    if let Some(path) = record {
        let mut entries = HashMap::new();
        let digest_of = |algorithm, file: &str| {
            if entries.is_empty() {
                let all = archive.entries().iter();
                entries.extend(all.map(|entry| (entry.name.as_str(), entry)));
            }
            digest(archive, entries.get(file)?, algorithm)
        };
        record::check(&path, contents.text(&path), contents, digest_of, findings);
    }
    let entry_points = format!("{dist_info}/entry_points.txt");
    if contents.get(&entry_points).is_some() {
        entry_points::check(&entry_points, contents.text(&entry_points), findings);
    }
}

/// The digest of a file by an algorithm other than the one that all files are read with. This is
/// the only second look at content, and few wheels have such digests.
fn digest<S: ReadAt>(archive: &Archive<S>, entry: &Entry, algorithm: Algorithm) -> Option<Vec<u8>> {
    fn of<D: sha2::Digest, S: ReadAt>(archive: &Archive<S>, entry: &Entry) -> Option<Vec<u8>> {
        let mut content = archive.content(entry);
        let mut hasher = D::new();
        loop {
            match content.chunk().ok()? {
                [] => return Some(hasher.finalize().to_vec()),
                chunk => hasher.update(chunk),
            }
        }
    }
    match algorithm {
        Algorithm::Sha384 => of::<sha2::Sha384, S>(archive, entry),
        Algorithm::Sha512 => of::<sha2::Sha512, S>(archive, entry),
    }
}

/// Holds the executables and the bills of materials against what the wheel says.
fn check_claims(
    dist_info: &str,
    name: Option<&FileName>,
    carried: Option<&Carried>,
    contents: &Contents,
    product: &Product,
    findings: &mut Findings,
) {
    if let Some(name) = name {
        let tags = name.platforms.iter().map(String::as_str);
        let directory = carried.map(|carried| carried.directory(product));
        tags::check(tags, directory.as_deref(), contents, findings);
    }
    let files = carried.map(|carried| carried.files(contents, product));
    let files = files.iter().flatten();
    let files = files.map(|(path, file)| (&**path, *file)).collect();
    let below = format!("{dist_info}/sboms/");
    for (path, _) in contents.iter() {
        if path.starts_with(&below) && path.ends_with(sbom::SUFFIX) {
            sbom::check(path, contents.text(path), &files, findings);
        }
    }
}
