//! Artifacts that no manifest names.

use std::collections::BTreeMap;
use std::path::Path;

use crate::audit::outcome::Audit;
use crate::audit::rules;
use crate::package::index;
use crate::product::Product;
use crate::record::ArtifactKind;
use crate::record::manifest::Manifest;
use crate::record::names::{crates, npm, wheel};

/// Finds artifacts of the product, of whatever version, that nothing names.
pub(super) fn check(
    root: &Path,
    manifests: &[Manifest],
    product: &Product,
    audits: &mut BTreeMap<String, Audit>,
) {
    let named = |path: &String| {
        let artifacts = manifests.iter().flat_map(|manifest| &manifest.artifacts);
        let mut artifacts = artifacts.map(|artifact| &artifact.path);
        artifacts.any(|artifact| artifact == path)
            || manifests.iter().any(|manifest| {
                let shared = index::paths(product, &manifest.version);
                shared.contains(path)
            })
    };
    for (path, audit) in audits {
        if is_of_product(root, path, product) && !named(path) {
            audit.add(&rules::staged::UNFINISHED, "no manifest names it");
        }
    }
}

/// Whether a path is that of an artifact of the product, of whatever version.
fn is_of_product(root: &Path, path: &str, product: &Product) -> bool {
    let Some((directory, name)) = path.split_once('/') else {
        return false;
    };
    let follows = |prefix: &str, good: fn(char) -> bool| {
        let rest = name.strip_prefix(prefix);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(good))
    };
    let digit = |c: char| c.is_ascii_digit();
    let mut kinds = ArtifactKind::ALL.into_iter();
    match kinds.find(|kind| kind.directory() == directory) {
        Some(ArtifactKind::Wheel) => {
            follows(&format!("{}-", wheel::file_name_prefix(product)), digit)
        }
        Some(ArtifactKind::Npm) => {
            let platforms = product.platforms.iter();
            let packages = platforms.map(|platform| npm::platform_package(product, platform));
            let mut packages = packages.chain([product.npm.package.to_string()]);
            packages.any(|package| follows(&npm::file_name_prefix(&package), digit))
        }
        Some(ArtifactKind::Crate) => {
            follows(&product.krate.name, |c| c == '-') && crates::is_staged(&root.join(path))
        }
        None => false,
    }
}
