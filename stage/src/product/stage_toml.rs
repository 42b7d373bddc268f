//! The types of `stage.toml`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use strict_archive::Limits;

use super::author::Author;
use super::environment::{self, Variable};
use super::names::{
    CommandName, CrateName, DistributionName, EnvName, LicenseExpression, NodeRange, NpmCommand,
    NpmPackage, ProductName, PythonIdentifier, PythonSpecifier, Requirement, TagPrefix,
    TargetTriple,
};
use super::platform::Platform;
use super::release::{ApiUrl, AssetName, AssetNames, AssetValues, DownloadUrl};
use super::texts::{
    FileName, Keyword, LicenseFile, OneLine, Prose, Title, TreePath, UrlName, WebUrl,
};
use crate::version::ReleaseVersion;

/// What is distributed: names, texts and limits. `[product]` alone is enough; everything else has
/// defaults.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ProductFile {
    /// What every ecosystem shows.
    pub product: Identity,
    /// What the runtimes of upstream look like.
    pub bundle: BundleLayout,
    /// The Python wheels.
    pub wheel: WheelText,
    /// The Rust crates.
    #[serde(rename = "crate")]
    pub krate: CrateText,
    /// The npm packages.
    pub npm: NpmText,
    /// Where upstream publishes its runtimes. Default: the releases of a `repository` on GitHub, with the
    /// usual names, unless `bundle.metadata` is set.
    pub release: Option<ReleaseText>,
}

/// Names and texts that every ecosystem shows.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Identity {
    /// The product's name. The names of its packages and of its command are this one, if nothing else
    /// is said.
    pub name: ProductName,
    /// The name that people use. Default: `name`.
    pub title: Title,
    /// One line of description. Default: a line with the title.
    pub summary: OneLine,
    /// Who made the runtime: `Name` or `Name <mail@example.org>`.
    pub authors: Vec<Author>,
    /// An SPDX licence expression.
    pub license: LicenseExpression,
    /// The licence files, in the product's folder. Default: those in the folder whose names begin with
    /// `LICENSE`, `COPYING`, `NOTICE` and the like.
    #[serde(default)]
    pub license_files: Option<Vec<LicenseFile>>,
    /// A README in Markdown, in the product's folder: the description of the packages.
    pub readme: Option<FileName>,
    /// Words to search by. The facade crate has the first five that crates.io takes: at most 20
    /// characters, ASCII letters, digits and `_-+`, a letter or a digit first. It leaves out the others.
    pub keywords: Vec<Keyword>,
    /// The project's page. Default: `repository`.
    pub homepage: WebUrl,
    /// Where the source is.
    pub repository: WebUrl,
    /// Where bugs are reported. Default: `/issues` of a `repository` on GitHub, GitLab or Codeberg.
    pub issues: Option<WebUrl>,
    /// More addresses by their names: `Documentation`, `Changelog`.
    #[serde(default)]
    pub urls: BTreeMap<UrlName, WebUrl>,
    /// The target triples that a release is made for. Default: those of the files in `platforms/`.
    #[serde(default)]
    pub targets: Option<Vec<TargetTriple>>,
    /// The commands that the packages install. The first one runs the entrypoint. Default: `name`.
    pub commands: Vec<CommandName>,
    /// The kinds of packages that a release has. Default: all of them.
    pub formats: Vec<PackageFormat>,
    /// The prefixes that a release tag may have before the version. `stage` writes the first one.
    /// Default: `v`, or none.
    pub tag_prefixes: Vec<TagPrefix>,
    /// The environment variable with which a user of the npm packages or of the crates runs another
    /// runtime instead of the packaged one. Wheels do not read it: their commands are the executables
    /// themselves, or start them at once. Default: `NAME_BINARY_PATH`.
    pub path_env: EnvName,
}

impl Identity {
    /// Returns the name in the form that identifiers of Python have.
    #[must_use]
    pub fn identifier(&self) -> String {
        self.name.replace(['-', '.'], "_")
    }
}

/// A kind of package.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum PackageFormat {
    /// Python wheels.
    Wheel,
    /// Rust crates.
    Crate,
    /// npm packages.
    Npm,
}

/// The layout of the runtime's files, as upstream publishes them. Paths are relative to the root of
/// the runtime, with `/`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BundleLayout {
    /// The file in the root that describes the bundle, if upstream's runtimes have one. Default: they
    /// have none, and `stage` writes one, `NAME-package.json`.
    pub metadata: FileName,
    /// Whether upstream's runtimes have the file: whether stage.toml names it.
    #[serde(skip)]
    pub brings_metadata: bool,
    /// The version of the layout that `stage` reads. Default: 1.
    #[serde(deserialize_with = "exact")]
    pub layout_version: u64,
    /// The variant in the metadata. Default: `name`.
    pub variant: OneLine,
    /// The executable of the first command, without the executable suffix of a target. Default: where
    /// a runtime has a file of the command's name.
    pub entrypoint: Option<TreePath>,
    /// The directory of helpers and data that the program finds by itself.
    pub resources_dir: Option<TreePath>,
    /// The directory of programs that the caller should put in front of `PATH`.
    pub path_dir: Option<TreePath>,
    /// The limits of what is unpacked. Default: 100,000 entries and 8 GiB.
    pub limits: ArchiveLimits,
    /// The layouts of old packages, from before they had metadata.
    #[serde(default)]
    pub legacy: Vec<LegacyLayout>,
}

/// A layout of packages without a metadata file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LegacyLayout {
    /// The kind of package that had this layout.
    pub container: LegacyContainer,
    /// The first version that no longer has this layout.
    #[serde(deserialize_with = "bare_version")]
    #[schemars(with = "String")]
    pub before: ReleaseVersion,
    /// The directory of the bundle that the files of a directory of the package go to.
    #[serde(default)]
    pub moves: BTreeMap<TreePath, TreePath>,
}

/// A kind of package that was published without metadata.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum LegacyContainer {
    /// A wheel; its import package is the tree.
    Wheel,
    /// An npm tarball; `package/vendor/<target>/` is the tree.
    Npm,
}

/// The largest whole number that every reader of JSON takes as it is: RFC 8259, section 6.
const MAX_EXACT: u64 = (1 << 53) - 1;

/// Reads a number that may be written as JSON.
fn exact<'de, D: serde::Deserializer<'de>>(source: D) -> Result<u64, D::Error> {
    let number = u64::deserialize(source)?;
    if number > MAX_EXACT {
        let reason = format!("{number} is more than {MAX_EXACT}, the most that JSON has exactly");
        return Err(serde::de::Error::custom(reason));
    }
    Ok(number)
}

/// The same where there may be none.
fn exact_or_none<'de, D: serde::Deserializer<'de>>(source: D) -> Result<Option<u64>, D::Error> {
    exact(source).map(Some)
}

/// Reads a version without a prefix.
fn bare_version<'de, D: serde::Deserializer<'de>>(source: D) -> Result<ReleaseVersion, D::Error> {
    let text = String::deserialize(source)?;
    ReleaseVersion::parse(&text, &[]).map_err(serde::de::Error::custom)
}

/// The most that a RUNTIME may unpack to.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ArchiveLimits {
    /// Entries of an archive, or entries below a directory.
    #[serde(deserialize_with = "exact")]
    pub entries: u64,
    /// Bytes of all files together.
    #[serde(deserialize_with = "exact")]
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
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WheelText {
    /// The distribution's name, as it is registered. Default: `name`.
    pub distribution: DistributionName,
    /// Earlier names: a pin of an old SDK may have one of them.
    #[serde(default)]
    pub former_names: Vec<DistributionName>,
    /// The package that Python imports, which is the directory of the tree. Default: the
    /// distribution's name, as an identifier.
    pub import_package: PythonIdentifier,
    /// One line of description. Default: `product.summary`.
    pub summary: OneLine,
    /// A version specifier of Python. Default: `>=3.9`.
    pub requires_python: PythonSpecifier,
    /// Words to search by. Default: `product.keywords`.
    pub keywords: Vec<Keyword>,
    /// Trove classifiers.
    pub classifiers: Vec<OneLine>,
    /// The description, in Markdown. Default: the README, or else a short text.
    pub description: Prose,
    /// What the wheels require beside Python, as PEP 508 writes it.
    #[serde(default)]
    pub dependencies: Vec<Requirement>,
    /// What each extra requires, by its name.
    #[serde(default)]
    pub extras: BTreeMap<DistributionName, Vec<Requirement>>,
    /// How the commands come onto `PATH`. Default: as scripts if the runtime is executables and what
    /// is read about them, by entry points if it has other files.
    #[serde(default)]
    pub commands: Option<WheelCommands>,
    /// How large a wheel may be. Default: 100 MiB, and never more than 1 GiB, as on PyPI.
    pub limits: SizeLimits,
}

/// How a wheel brings its commands onto `PATH`.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum NpmPlatforms {
    /// As a version of the one package: `1.2.3-linux-x64`.
    Versions,
    /// As a package of its own: `NAME-linux-x64`.
    #[default]
    Packages,
}

/// The names and limits of the crates.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CrateText {
    /// The facade crate's name. A platform crate is named after it and the target. Default: `name`.
    pub name: CrateName,
    /// Earlier names: a pin of an old SDK may have one of them.
    #[serde(default)]
    pub former_names: Vec<CrateName>,
    /// One line of description. Default: `product.summary`.
    pub summary: OneLine,
    /// The environment variable that moves the directory into which the runtime is unpacked. Default:
    /// `NAME_BINARY_CACHE_DIR`.
    pub cache_dir_env: EnvName,
    /// Whether `cargo install` of the facade crate installs the commands. Default: `true`.
    #[serde(default = "yes")]
    pub commands: bool,
    /// The registry of the crates, by its name in Cargo's configuration. Default: crates.io.
    pub registry: Option<OneLine>,
    /// How large a packaged crate may be. Default: 10 MiB, as on crates.io.
    pub limits: SizeLimits,
}

fn yes() -> bool {
    true
}

/// The names and texts of the npm packages.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NpmText {
    /// The package's name, with its scope if it has one. Default: `name`, in lower case.
    pub package: NpmPackage,
    /// The name that the first command has in npm. Default: the first of `product.commands`.
    pub bin: NpmCommand,
    /// How the packages of the platforms are named. Default: `packages`.
    #[serde(default)]
    pub platforms: NpmPlatforms,
    /// One line of description. Default: `product.summary`.
    pub summary: OneLine,
    /// Words to search by. Default: `product.keywords`.
    pub keywords: Vec<Keyword>,
    /// Where people can pay for the work.
    #[serde(default)]
    pub funding: Vec<WebUrl>,
    /// The README of the root package, in Markdown. Default: the README, or else a short text.
    pub description: Prose,
    /// The range of Node.js versions that the launcher runs on. Default: `>=16`.
    pub node: NodeRange,
    /// The environment variables that the launcher sets for the runtime.
    #[serde(default, deserialize_with = "environment::variables")]
    #[schemars(with = "Vec<Variable>")]
    pub environment: Vec<Variable>,
    /// How large a tarball may be. Default: 200 MB.
    pub limits: SizeLimits,
}

/// Where upstream publishes the runtimes of a release, and under which names.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReleaseText {
    /// The address of an asset of a release.
    pub download_url: DownloadUrl,
    /// The address of the forge's list of the assets of a release, with their digests, in the form of
    /// [GitHub](https://docs.github.com/rest/releases/releases#get-a-release-by-tag-name).
    pub api_url: Option<ApiUrl>,
    /// The asset that lists the digests of other assets, in the form of `sha256sum`.
    pub checksums: Option<AssetName>,
    /// The names that the asset of a target may have, the preferred one first. `{target}` stands for the
    /// target triple, `{version}` for the version and `{tag}` for the release tag, `{os}` and `{arch}`
    /// for the system and the CPU as Go names them.
    pub assets: AssetNames,
}

impl ReleaseText {
    /// Returns the names that the asset of a platform may have, the preferred one first.
    pub fn assets_of(&self, platform: &Platform, version: &str, tag: &str) -> Vec<String> {
        let own = platform.release.assets.as_ref();
        let names = own.unwrap_or(&self.assets).iter();
        let values = platform.asset_values(version, tag);
        names.map(|name| name.of(&values)).collect()
    }

    /// Returns the name of the asset that lists digests.
    pub fn checksums_of(&self, version: &str, tag: &str) -> Option<String> {
        let values = AssetValues {
            version,
            tag,
            target: None,
        };
        self.checksums.as_ref().map(|name| name.of(&values))
    }
}

/// How large a file a registry accepts, in bytes.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SizeLimits {
    /// The limit for everybody, unless the registry grants more.
    #[serde(default, deserialize_with = "exact_or_none")]
    pub default_bytes: Option<u64>,
    /// The limit that the registry has granted this product.
    #[serde(default, deserialize_with = "exact_or_none")]
    pub granted_bytes: Option<u64>,
    /// The limit that the registry never exceeds.
    #[serde(default, deserialize_with = "exact_or_none")]
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

    /// Returns the smallest size of a file that is near a limit, in bytes: nine tenths of the limit.
    #[must_use]
    pub fn near(limit: u64) -> u64 {
        limit - limit / 10
    }

    /// Returns the limit that applies to this product, if there is one.
    pub fn in_force(&self) -> Option<u64> {
        let granted = self.granted_bytes.or(self.default_bytes);
        [granted, self.hard_bytes].into_iter().flatten().min()
    }
}
