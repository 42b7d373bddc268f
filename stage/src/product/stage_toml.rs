//! The types of `stage.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;
use strict_archive::Limits;

use super::environment::{self, Variable};
use super::names::{
    CommandName, CrateName, DistributionName, EnvName, LicenseExpression, NodeRange, NpmPackage,
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
    /// A short name, for messages. It is part of the Python function `bundled_<name>_path`, so it
    /// is a Python identifier.
    pub name: PythonIdentifier,
    /// The name that people use.
    pub title: Title,
    /// Who made the runtime.
    pub authors: Vec<OneLine>,
    /// The commands that the packages install; never empty. The first one runs the entrypoint.
    #[serde(default)]
    pub commands: Vec<CommandName>,
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
    /// The prefixes that a release tag may have before the version. `stage` writes the first one.
    pub tag_prefixes: Vec<TagPrefix>,
    /// The environment variable with which a user runs another runtime instead of the packaged one.
    pub path_env: EnvName,
}

/// The layout of the runtime's files, as upstream publishes them. Paths are relative to the root of
/// the runtime, with `/`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BundleLayout {
    /// The file in the root that describes the bundle.
    pub metadata: FileName,
    /// The version of the layout that `stage` reads.
    pub layout_version: u64,
    /// The variant to write into the metadata of a bare executable.
    pub variant: OneLine,
    /// The program, without the executable suffix of a target.
    pub entrypoint: TreePath,
    /// The directory of helpers and data that the program finds by itself.
    pub resources_dir: TreePath,
    /// The directory of programs that the caller should put in front of `PATH`.
    pub path_dir: TreePath,
    /// The limits of what is unpacked.
    pub limits: ArchiveLimits,
    /// The layouts of old packages, from before they had metadata.
    #[serde(default)]
    pub legacy: Vec<LegacyLayout>,
}

/// A layout of packages without a metadata file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LegacyLayout {
    /// The kind of package that had this layout.
    pub container: LegacyContainer,
    /// The first version that no longer has this layout.
    #[serde(deserialize_with = "bare_version")]
    pub before: ReleaseVersion,
    /// The directory of the bundle that the files of a directory of the package go to.
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

/// The most that a RUNTIME may unpack to.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ArchiveLimits {
    /// Entries of an archive, or entries below a directory.
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
    /// Earlier names: a pin of an old SDK may have one of them.
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
    /// How the commands come onto `PATH`; `None`: as the files of the runtime call for.
    #[serde(default)]
    pub commands: Option<WheelCommands>,
    /// How large a wheel may be.
    pub limits: SizeLimits,
}

/// How a wheel brings its commands onto `PATH`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum WheelCommands {
    /// Not at all.
    None,
    /// The executables are installed as scripts. So they must not need files beside them.
    Scripts,
    /// The executables lie in the import package, and scripts that the installer makes run them.
    EntryPoints,
}

/// How the npm package of a platform is named.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum NpmPlatforms {
    /// As a version of the one package: `1.2.3-linux-x64`.
    #[default]
    Versions,
    /// As a package of its own: `NAME-linux-x64`.
    Packages,
}

/// The names and limits of the crates.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CrateText {
    /// The facade crate's name. A platform crate is named after it and the target.
    pub name: CrateName,
    /// Earlier names: a pin of an old SDK may have one of them.
    #[serde(default)]
    pub former_names: Vec<CrateName>,
    /// One line of description.
    pub summary: OneLine,
    /// The environment variable that moves the directory into which the runtime is unpacked.
    pub cache_dir_env: EnvName,
    /// Whether `cargo install` of the facade crate installs the commands.
    #[serde(default = "yes")]
    pub commands: bool,
    /// The registry of the crates, by its name in Cargo's configuration; `None` for crates.io.
    pub registry: Option<OneLine>,
    /// How large a packaged crate may be.
    pub limits: SizeLimits,
}

fn yes() -> bool {
    true
}

/// The names and texts of the npm packages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NpmText {
    /// The package's name, with its scope.
    pub package: NpmPackage,
    /// The command that the root package installs.
    pub bin: CommandName,
    /// How the packages of the platforms are named.
    #[serde(default)]
    pub platforms: NpmPlatforms,
    /// One line of description.
    pub summary: OneLine,
    /// The README of the root package, in Markdown.
    pub description: Prose,
    /// The range of Node.js versions that the launcher runs on.
    pub node: NodeRange,
    /// The environment variables that the launcher sets for the runtime.
    #[serde(default, deserialize_with = "environment::variables")]
    pub environment: Vec<Variable>,
    /// How large a tarball may be.
    pub limits: SizeLimits,
}

/// Where upstream publishes the runtimes of a release, and under which names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReleaseText {
    /// The address of an asset of a release.
    pub download_url: DownloadUrl,
    /// The address of the forge's list of the assets of a release, with their digests, in the form of
    /// [GitHub](https://docs.github.com/rest/releases/releases#get-a-release-by-tag-name).
    pub api_url: Option<ApiUrl>,
    /// The asset that lists the digests of other assets, in the form of `sha256sum`.
    pub checksums: Option<FileName>,
    /// The names that the asset of a target may have, the preferred one first.
    pub assets: AssetNames,
}

impl ReleaseText {
    /// Returns the names that the asset of a platform may have, the preferred one first.
    pub fn assets_of(&self, platform: &Platform) -> Vec<String> {
        let own = platform.release.assets.as_ref();
        own.unwrap_or(&self.assets).of(&platform.target)
    }
}

/// How large a file a registry accepts, in bytes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SizeLimits {
    /// The limit for everybody, unless the registry grants more.
    pub default_bytes: Option<u64>,
    /// The limit that the registry has granted this product.
    pub granted_bytes: Option<u64>,
    /// The limit that the registry never exceeds.
    pub hard_bytes: Option<u64>,
}

impl SizeLimits {
    /// Returns what is known about the limits of other products: the hard limit.
    #[must_use]
    pub fn for_others(&self) -> Self {
        Self {
            default_bytes: None,
            granted_bytes: None,
            hard_bytes: self.hard_bytes,
        }
    }

    /// Returns the limit that applies to this product, if there is one.
    pub fn in_force(&self) -> Option<u64> {
        let granted = self.granted_bytes.or(self.default_bytes);
        [granted, self.hard_bytes].into_iter().flatten().min()
    }
}
