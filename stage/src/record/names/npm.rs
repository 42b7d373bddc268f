//! Names and versions of npm packages.

use crate::product::{Platform, Product};
use crate::version::ReleaseVersion;

/// Returns the version of a platform package.
pub fn platform_version(version: &ReleaseVersion, platform: &Platform) -> String {
    format!("{version}-{}", platform.npm.name)
}

/// Returns the name under which the root package depends on a platform package.
pub fn alias(product: &Product, platform: &Platform) -> String {
    format!("{}-{}", product.npm.package, platform.npm.name)
}

/// Returns the file name of the tarball of a version, as `npm pack` writes it.
pub fn file_name(product: &Product, npm_version: &str) -> String {
    format!("{}{npm_version}.tgz", file_name_prefix(product))
}

/// Returns the common beginning of the file names of all versions.
pub fn file_name_prefix(product: &Product) -> String {
    let name = product.npm.package.trim_start_matches('@');
    format!("{}-", name.replace('/', "-"))
}
