//! SDK crates in a set: they have to want exactly the runtime beside them.

use std::io;
use std::path::Path;

use toml_edit::DocumentMut;

use super::problem::{Fault, Problem};
use super::walk::walk;
use super::{hash, index};
use crate::package::names::platform_of_crate;
use crate::package::{Artifact, Kind, ListedFile, crates};
use crate::product::Product;
use crate::version::ReleaseVersion;

/// The staged crates that belong to no platform and are not the facade.
pub fn staged(root: &Path, product: &Product) -> io::Result<Vec<Artifact>> {
    let mut artifacts = Vec::new();
    let directory = root.join(Kind::Crate.directory());
    let facade = index::facade_path(product);
    for entry in list(&directory)? {
        let path = format!("{}/{entry}", Kind::Crate.directory());
        let place = root.join(&path);
        let other = path == facade || platform_of_crate(product, &entry).is_some();
        if other || !crates::is_staged(&place) {
            continue;
        }
        let mut files = Vec::new();
        for found in walk(&place)?
            .into_iter()
            .filter(|found| found.odd.is_none())
        {
            let (size, sha256) = hash::measure(&place.join(&found.path))?;
            let path = found.path;
            files.push(ListedFile { path, size, sha256 });
        }
        artifacts.push(Artifact::directory(path, files));
    }
    Ok(artifacts)
}

/// What is wrong with the pins of SDK crates.
pub fn check(
    root: &Path,
    product: &Product,
    version: &ReleaseVersion,
    sdks: &[Artifact],
) -> Vec<Problem> {
    let check = |sdk: &Artifact| {
        let path = format!("{}/Cargo.toml", sdk.path);
        let reason = match fs_err::read_to_string(root.join(&path)) {
            Ok(text) => wrong_pin(&text, product, version)?,
            Err(error) => return Some(Problem::new(path, error)),
        };
        Some(Problem::new(path, Fault::Pin(reason)))
    };
    sdks.iter().filter_map(check).collect()
}

/// Why a `Cargo.toml` does not want exactly the facade crate of this version beside it.
fn wrong_pin(text: &str, product: &Product, version: &ReleaseVersion) -> Option<String> {
    let facade = &*product.krate.name;
    let Ok(manifest) = text.parse::<DocumentMut>() else {
        return Some("it is no Cargo.toml".to_owned());
    };
    let dependency = manifest
        .get("dependencies")
        .and_then(|table| table.get(facade));
    let Some(dependency) = dependency else {
        return Some(format!("the crate does not depend on {facade}"));
    };
    let field = |name| dependency.get(name).and_then(|value| value.as_str());
    let wants = field("version")
        .or(dependency.as_str())
        .unwrap_or("any version");
    let pin = format!("={version}");
    if wants != pin {
        return Some(format!(
            "the crate wants {facade} {wants}, and the release is {version}"
        ));
    }
    let beside = format!("../{facade}");
    (field("path") != Some(&beside)).then(|| {
        format!("the crate does not take {facade} from {beside}, as crates of one release do")
    })
}

/// The names in a directory; none if it is not there.
fn list(directory: &Path) -> io::Result<Vec<String>> {
    let entries = match fs_err::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let names = entries.map(|entry| Ok(entry?.file_name().into_string().ok()));
    let mut names = names
        .filter_map(Result::transpose)
        .collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}
