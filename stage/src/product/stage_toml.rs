//! The types of `stage.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;
use strict_archive::Limits;

use super::names::{
    CrateName, DistributionName, EnvName, LicenseExpression, NodeRange, NpmPackage,
    PythonIdentifier, PythonSpecifier, TagPrefix,
};
use super::platform::Platform;
use super::release::{ApiUrl, AssetNames, DownloadUrl};
use super::texts::{FileName, Keyword, LicenseFile, OneLine, Prose, Title, TreePath, WebUrl};
use crate::version::ReleaseVersion;

/// The file `stage.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ProductFile {
    pub product: Identity,
    pub bundle: BundleLayout,
    pub wheel: WheelText,
    #[serde(rename = "crate")]
    pub krate: CrateText,
    pub npm: NpmText,
    pub release: Option<ReleaseText>,
}

/// Names and texts that every ecosystem shows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Identity {
    /// A short name, for messages. The Python function `bundled_<name>_path` has it in its own, so
    /// it is a Python identifier.
    pub name: PythonIdentifier,
    /// The name that people use.
    pub title: Title,
    /// Who made the runtime.
    pub authors: Vec<OneLine>,
    /// An SPDX licence expression.
    pub license: LicenseExpression,
    /// Names of the licence files in the product's folder.
    pub license_files: Vec<LicenseFile>,
    /// The project's page.
    pub homepage: WebUrl,
    /// Where the source is.
    pub repository: WebUrl,
    /// Where bugs are reported.
    pub issues: WebUrl,
    /// What may stand before the version in a release tag; the first is the one that is written.
    pub tag_prefixes: Vec<TagPrefix>,
    /// The environment variable by which a user replaces the packaged runtime by another one.
    pub path_env: EnvName,
}

/// The tree that is the runtime, as upstream lays it out. Paths are relative to its root, with `/`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BundleLayout {
    /// The file in the root that describes the bundle.
    pub metadata: FileName,
    /// The version of the layout that is understood.
    pub layout_version: u64,
    /// The variant that is written into the metadata of a bare executable.
    pub variant: OneLine,
    /// The program, without the executable suffix of a target.
    pub entrypoint: TreePath,
    /// Helpers and data that the program finds by itself.
    pub resources_dir: TreePath,
    /// Programs that the caller should put in front of `PATH`.
    pub path_dir: TreePath,
    /// What is too much to unpack.
    pub limits: ArchiveLimits,
    /// How packages were laid out before they had metadata.
    #[serde(default)]
    pub legacy: Vec<LegacyLayout>,
}

/// A layout of packages without a metadata file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LegacyLayout {
    /// The kind of package that had it.
    pub container: LegacyContainer,
    /// The first version that has it no more.
    #[serde(deserialize_with = "bare_version")]
    pub before: ReleaseVersion,
    /// From a directory of the package to the directory of the bundle that its files go to.
    #[serde(default)]
    pub moves: BTreeMap<TreePath, TreePath>,
}

/// A kind of package that was published without metadata.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum LegacyContainer {
    /// A wheel; its import package is the tree.
    Wheel,
    /// An npm tarball; `package/vendor/<target>/` is the tree.
    Npm,
}

/// Reads a version without a prefix.
fn bare_version<'de, D: serde::Deserializer<'de>>(source: D) -> Result<ReleaseVersion, D::Error> {
    let text = String::deserialize(source)?;
    ReleaseVersion::parse(&text, &[]).map_err(serde::de::Error::custom)
}

/// How much a RUNTIME may unpack to.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ArchiveLimits {
    /// Entries of an archive, or of a directory with all below it.
    pub entries: u64,
    /// Bytes of all files together.
    pub unpacked_bytes: u64,
}

impl From<ArchiveLimits> for Limits {
    fn from(limits: ArchiveLimits) -> Self {
        let ArchiveLimits {
            entries,
            unpacked_bytes,
        } = limits;
        Self {
            entries,
            unpacked_bytes,
        }
    }
}

/// The names and texts of the wheels.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WheelText {
    /// The distribution's name, as it is registered.
    pub distribution: DistributionName,
    /// What it was called before: a pin of an old SDK may have one of these names.
    #[serde(default)]
    pub former_names: Vec<DistributionName>,
    /// The package that Python imports, which is the directory of the tree.
    pub import_package: PythonIdentifier,
    /// One line of description.
    pub summary: OneLine,
    /// A version specifier of Python.
    pub requires_python: PythonSpecifier,
    /// Words to search by.
    pub keywords: Vec<Keyword>,
    /// Trove classifiers.
    pub classifiers: Vec<OneLine>,
    /// The description, in Markdown.
    pub description: Prose,
    /// How large a wheel may be.
    pub limits: SizeLimits,
}

/// The names and limits of the crates.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CrateText {
    /// The facade crate's name; a platform crate's is this and the target.
    pub name: CrateName,
    /// What it was called before: a pin of an old SDK may have one of these names.
    #[serde(default)]
    pub former_names: Vec<CrateName>,
    /// One line of description.
    pub summary: OneLine,
    /// The environment variable that moves the directory the runtime is unpacked into.
    pub cache_dir_env: EnvName,
    /// The registry that the crates are in, by its name in Cargo's configuration, unless it is
    /// crates.io.
    pub registry: Option<OneLine>,
    /// How large a packaged crate may be.
    pub limits: SizeLimits,
}

/// The names and texts of the npm packages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NpmText {
    /// The package's name, with its scope.
    pub package: NpmPackage,
    /// The command that the root package installs.
    pub bin: FileName,
    /// One line of description.
    pub summary: OneLine,
    /// The README of the root package, in Markdown.
    pub description: Prose,
    /// The range of Node.js versions that the launcher runs on.
    pub node: NodeRange,
    /// How large a tarball may be.
    pub limits: SizeLimits,
}

/// Where upstream publishes the runtimes of a release, and under which names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReleaseText {
    /// Where an asset of a release is downloaded.
    pub download_url: DownloadUrl,
    /// Where the forge says which assets a release has, with their digests, in the form of
    /// [GitHub](https://docs.github.com/rest/releases/releases#get-a-release-by-tag-name).
    pub api_url: Option<ApiUrl>,
    /// The asset that has the digests of others, in the form of `sha256sum`.
    pub checksums: Option<FileName>,
    /// The names that the asset of a target may have, the one that is preferred first.
    pub assets: AssetNames,
}

impl ReleaseText {
    /// The names that the asset of a platform may have, the one that is preferred first.
    pub fn assets_of(&self, platform: &Platform) -> Vec<String> {
        let own = platform.release.assets.as_ref();
        own.unwrap_or(&self.assets).of(&platform.target)
    }
}

/// How large a registry takes a file to be, in bytes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SizeLimits {
    /// What holds for everybody, unless the registry grants more.
    pub default_bytes: Option<u64>,
    /// What the registry has granted this product.
    pub granted_bytes: Option<u64>,
    /// What no registry goes beyond.
    pub hard_bytes: Option<u64>,
}

impl SizeLimits {
    /// What is known of the limits of other products: the hard one.
    #[must_use]
    pub fn for_others(&self) -> Self {
        Self {
            default_bytes: None,
            granted_bytes: None,
            hard_bytes: self.hard_bytes,
        }
    }

    /// The limit that holds for this product, if there is one.
    pub fn in_force(&self) -> Option<u64> {
        let granted = self.granted_bytes.or(self.default_bytes);
        [granted, self.hard_bytes].into_iter().flatten().min()
    }
}
