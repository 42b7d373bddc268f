//! The artifacts that a release has once for all platforms: the facade crate and the npm root
//! package.
//!
//! They name the platforms, so they depend on the manifests of the staging directory: every command
//! that adds or removes a target writes them again, with the functions here.

mod facade;
mod npm_root;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use crate::contents::{Contents, File};
use crate::product::Platform;
use crate::product::Product;
use crate::record::manifest::Manifest;
use crate::record::timestamp::Timestamp;
use crate::record::{Artifact, ArtifactKind};
use crate::version::ReleaseVersion;

/// Writes these artifacts for the platforms of the manifests, below `out`, at their paths in a
/// staging directory.
pub fn write(
    product: &Product,
    version: &ReleaseVersion,
    timestamp: Timestamp,
    manifests: &[Manifest],
    out: &Path,
) -> io::Result<Vec<Artifact>> {
    let mut artifacts = Vec::new();
    let crates = staged(product, manifests, ArtifactKind::Crate);
    if !crates.is_empty() {
        artifacts.push(facade::write(product, version, &crates, out)?);
    }
    let packages = staged(product, manifests, ArtifactKind::Npm);
    if !packages.is_empty() {
        artifacts.push(npm_root::write(
            product, version, timestamp, &packages, out,
        )?);
    }
    Ok(artifacts)
}

/// Returns what [`write()`] writes: the files of each artifact, by its path in a staging directory.
pub fn contents(
    product: &Product,
    version: &ReleaseVersion,
    manifests: &[Manifest],
) -> io::Result<BTreeMap<String, Contents>> {
    let mut artifacts = BTreeMap::new();
    let crates = staged(product, manifests, ArtifactKind::Crate);
    if !crates.is_empty() {
        let mut contents = Contents::default();
        for (path, content) in facade::files(product, version, &crates)? {
            let file = File::of_literal(&path, content);
            contents.insert(path, file);
        }
        artifacts.insert(facade::path(product), contents);
    }
    let packages = staged(product, manifests, ArtifactKind::Npm);
    if !packages.is_empty() {
        let entries = npm_root::entries(product, version, &packages);
        let contents = Contents::of_entries(entries, &Contents::default());
        artifacts.insert(npm_root::path(product, version), contents);
    }
    Ok(artifacts)
}

/// Returns the path of the facade crate in a staging directory.
pub fn facade_path(product: &Product) -> String {
    facade::path(product)
}

/// Returns the paths of the artifacts that [`write()`] makes, in a staging directory.
pub fn paths(product: &Product, version: &ReleaseVersion) -> [String; 2] {
    [facade::path(product), npm_root::path(product, version)]
}

/// Returns the platforms whose manifest has artifacts of a kind, in the order of their targets.
fn staged<'a>(
    product: &'a Product,
    manifests: &'a [Manifest],
    kind: ArtifactKind,
) -> Vec<(&'a Platform, &'a Manifest)> {
    let staged = |platform: &'a Platform| {
        let manifest = manifests.iter().find(|m| m.target == platform.target)?;
        manifest.has(kind).then_some((platform, manifest))
    };
    product.platforms.iter().filter_map(staged).collect()
}
