use std::path::Path;

use super::manifest::{CARGO_TOML, CargoDependency, CargoManifest};
use crate::audit::limits::Growth;
use crate::contents::Contents;
use crate::product::{Product, SizeLimits};
use crate::record::names::crates::{self, platform_crate};

/// A crate that was read.
pub(super) struct Krate<'a> {
    /// What the artifact holds.
    pub contents: &'a Contents,
    /// The directory of the crate in the archive, with a slash; empty for a directory.
    pub prefix: String,
    /// The directory on disk; none for an archive.
    pub directory: Option<&'a Path>,
    pub manifest: CargoManifest,
    pub product: &'a Product,
}

impl Krate<'_> {
    /// Whether it is one of the product's: the facade crate, a platform crate or a part crate.
    pub fn is_of_product(&self) -> bool {
        self.is_name_of_product(self.manifest.name.as_deref().unwrap_or_default())
    }

    /// The crates of the product that it depends on.
    pub fn siblings(&self) -> impl Iterator<Item = &CargoDependency> {
        let dependencies = self.manifest.dependencies.iter();
        dependencies.filter(|dependency| self.is_sibling(dependency))
    }

    /// Whether a dependency is one of the same.
    pub fn is_sibling(&self, dependency: &CargoDependency) -> bool {
        self.is_of_product() && self.is_name_of_product(&dependency.name)
    }

    fn is_name_of_product(&self, name: &str) -> bool {
        let rest = name.strip_prefix(&*self.product.krate.name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }

    /// The path in the artifact of a file of the crate.
    pub fn path(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    pub fn has(&self, name: &str) -> bool {
        self.contents.get(&self.path(name)).is_some()
    }

    /// The files of the crate, relative to it.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let files = self.contents.iter();
        files.filter_map(|(path, _)| path.strip_prefix(&self.prefix))
    }

    /// Whether `stage` made it.
    pub fn is_staged(&self) -> bool {
        let text = self.contents.text(&self.path(CARGO_TOML));
        self.is_of_product() || text.is_some_and(crates::is_generated)
    }

    /// Returns what becomes of it in a larger release. A payload that fits into one crate is in
    /// the platform crate alone, and a larger one is spread over all parts that the platform has.
    pub fn growth(&self) -> Growth {
        let name = self.manifest.name.as_deref().unwrap_or_default();
        let mut platforms = self.product.platforms.iter();
        let platform = platforms.find(|platform| platform_crate(self.product, platform) == name);
        let has_parts_left = platform.is_some_and(|platform| {
            let parts = platform.krate.parts;
            parts.is_none_or(|parts| self.siblings().count() + 1 < usize::from(parts.get()))
        });
        if has_parts_left {
            Growth::Spread
        } else {
            Growth::Larger
        }
    }

    /// Returns the registry's limits for it. A hard limit holds for everybody; what the registry
    /// takes by default may have been raised for others, and nobody says so.
    pub fn limits(&self) -> SizeLimits {
        let limits = self.product.krate.limits;
        if self.is_of_product() {
            limits
        } else {
            limits.for_others()
        }
    }
}
