//! Names and versions of npm packages.
//!
//! A platform has a version of the one package, `1.2.3-linux-x64`, which the root package reaches by an
//! alias; or a package of its own, `NAME-linux-x64`, in the version of the release. The name under which
//! the root package depends on it is the same.

use crate::product::{NpmPlatforms, Platform, Product};
use crate::version::ReleaseVersion;

/// Returns the name of a platform package.
pub fn platform_package(product: &Product, platform: &Platform) -> String {
    match product.npm.platforms {
        NpmPlatforms::Versions => product.npm.package.to_string(),
        NpmPlatforms::Packages => alias(product, platform),
    }
}

/// Returns the version of a platform package.
pub fn platform_version(
    product: &Product,
    version: &ReleaseVersion,
    platform: &Platform,
) -> String {
    match product.npm.platforms {
        NpmPlatforms::Versions => format!("{version}-{}", platform.npm.name),
        NpmPlatforms::Packages => version.to_string(),
    }
}

/// Returns the name under which the root package depends on a platform package.
pub fn alias(product: &Product, platform: &Platform) -> String {
    format!("{}-{}", product.npm.package, platform.npm.name)
}

/// Returns what the root package of a version, as npm spells it, wants of a platform package.
pub fn wanted(product: &Product, version: &str, platform: &Platform) -> String {
    match product.npm.platforms {
        NpmPlatforms::Versions => {
            format!(
                "npm:{}@{version}-{}",
                product.npm.package, platform.npm.name
            )
        }
        NpmPlatforms::Packages => version.to_owned(),
    }
}

/// Returns the file name of the tarball of a version, as `npm pack` writes it.
pub fn file_name(package: &str, npm_version: &str) -> String {
    format!("{}{npm_version}.tgz", file_name_prefix(package))
}

/// Returns the file name of the tarball of a platform package.
pub fn platform_file_name(
    product: &Product,
    version: &ReleaseVersion,
    platform: &Platform,
) -> String {
    let package = platform_package(product, platform);
    file_name(&package, &platform_version(product, version, platform))
}

/// Returns the common beginning of the file names of all versions of a package.
pub fn file_name_prefix(package: &str) -> String {
    format!("{}-", package.trim_start_matches('@').replace('/', "-"))
}
