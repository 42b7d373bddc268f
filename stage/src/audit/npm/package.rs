use serde_json::{Map, Value};

use crate::contents::Contents;
use crate::product::{Product, SizeLimits};
use crate::record::names::npm;

/// The directory of a package in a tarball, as `npm pack` names it.
pub(super) const DIRECTORY: &str = "package";

/// The file that makes a directory an npm package.
pub(super) const PACKAGE_JSON: &str = "package.json";

/// An npm package that was read.
pub(super) struct NpmPackage<'a> {
    /// The files, as npm unpacks them.
    pub contents: &'a Contents,
    /// The directory of the package in these.
    pub root: &'a str,
    /// What `package.json` says.
    pub json: Map<String, Value>,
}

impl NpmPackage<'_> {
    /// Returns a field of `package.json`, if it is a text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.json.get(key)?.as_str()
    }

    /// Whether it is one of the product's.
    pub fn is_of(&self, product: &Product) -> bool {
        let Some(name) = self.text("name") else {
            return false;
        };
        let of_platform = |platform| npm::platform_package(product, platform) == name;
        name == &*product.npm.package || product.platforms.iter().any(of_platform)
    }

    /// Returns the registry's limits for it. A hard limit holds for everybody; what the registry
    /// takes by default may have been raised for others, and nobody says so.
    pub fn limits(&self, product: &Product) -> SizeLimits {
        let limits = product.npm.limits;
        if self.is_of(product) {
            limits
        } else {
            limits.for_others()
        }
    }
}
