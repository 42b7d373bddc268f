//! A complete product, read from its folder.

use std::collections::BTreeMap;

use native_claims::{PlatformTag, WheelTags};

use super::names::TagPrefix;
use super::platform::Platform;
use super::stage_toml::{
    BundleLayout, CrateText, Identity, NpmText, PackageFormat, ReleaseText, WheelText,
};
use crate::base::digest::Digest;
use crate::version::{self, ReleaseVersion};

/// A product: everything in which its packages differ from those of another product.
#[derive(Clone, Debug)]
pub struct Product {
    /// Names and texts that every ecosystem shows.
    pub identity: Identity,
    /// How the files of the runtime are laid out.
    pub bundle: BundleLayout,
    /// The Python wheels.
    pub wheel: WheelText,
    /// The Rust crates.
    pub krate: CrateText,
    /// The npm packages.
    pub npm: NpmText,
    /// Where upstream publishes the runtimes of a release, if it does.
    pub release: Option<ReleaseText>,
    /// The targets, in the order of their names.
    pub platforms: Vec<Platform>,
    /// The licence files: their texts by the names under which they are installed.
    pub license_files: BTreeMap<String, String>,
    /// The digest of the files that the packages of a target are made from, by its triple.
    pub(super) origins: BTreeMap<String, Digest>,
}

impl Product {
    /// Reads a version in any spelling, see [`ReleaseVersion::parse`].
    pub fn parse_version(&self, text: &str) -> Result<ReleaseVersion, version::Error> {
        let prefixes = self.identity.tag_prefixes.iter().map(TagPrefix::to_string);
        ReleaseVersion::parse(text, &prefixes.collect::<Vec<_>>())
    }

    /// Returns the release tag of a version.
    #[must_use]
    pub fn release_tag(&self, version: &ReleaseVersion) -> String {
        version.tag(&self.identity.tag_prefixes[0])
    }

    /// Returns whether a release has packages of this kind for a platform.
    #[must_use]
    pub fn makes(&self, format: PackageFormat, platform: &Platform) -> bool {
        let possible = match format {
            PackageFormat::Wheel => platform.has_wheels(),
            PackageFormat::Npm => platform.known.is_none_or(|known| known.npm.is_some()),
            PackageFormat::Crate => true,
        };
        possible && self.identity.formats.contains(&format)
    }

    /// Returns whether there is a target for the same machines with another C library.
    #[must_use]
    pub fn has_sibling(&self, platform: &Platform) -> bool {
        let linux = |platform: &Platform| {
            let known = platform.known?;
            let npm = known.npm.filter(|npm| npm.os == "linux")?;
            Some((npm.os, known.cpu(), known.npm_libc()))
        };
        let Some((os, cpu, libc)) = linux(platform) else {
            return false;
        };
        let mut others = self.platforms.iter().filter_map(linux);
        others.any(|other| (other.0, other.1) == (os, cpu) && other.2 != libc)
    }

    /// Returns the digest of what the packages of a platform are made from beside the runtime: of
    /// `stage.toml`, the platform's file, and the licence files, without what no package carries.
    #[must_use]
    pub fn origin(&self, platform: &Platform) -> Option<Digest> {
        self.origins.get(&*platform.target).copied()
    }

    /// Returns the platform of a target triple.
    #[must_use]
    pub fn platform(&self, target: &str) -> Option<&Platform> {
        self.platforms
            .iter()
            .find(|platform| *platform.target == *target)
    }

    /// Returns the platform that a wheel tag is for.
    #[must_use]
    pub fn platform_of_tag(&self, tag: &PlatformTag) -> Option<&Platform> {
        self.platforms.iter().find(|platform| platform.accepts(tag))
    }

    /// Lists every target with its wheel tags, for messages about a tag that cannot be used.
    #[must_use]
    pub fn listed_tags(&self) -> String {
        let listed = self.platforms.iter().map(|platform| {
            let tags = platform.wheel.tags.iter().map(WheelTags::to_string);
            let tags = tags.collect::<Vec<_>>().join(", ");
            match &*tags {
                "" => platform.target.to_string(),
                tags => format!("{tags} ({})", platform.target),
            }
        });
        listed.collect::<Vec<_>>().join("; ")
    }
}
