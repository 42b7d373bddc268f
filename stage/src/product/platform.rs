//! The targets that a release is made for.
//!
//! A [`Platform`] is one file of `platforms/`. Everything that differs between targets is data in
//! it, so a new target is a new file. How a file says what it says is checked when it is read: a
//! value of this module is always usable.
//!
//! Which target a wheel tag names is not a table either: a tag belongs to the platform that lists
//! a tag of the same system and CPU (see [`PlatformTag::same_machine`]).

use native_claims::machine::{Machine, cpu_of_node};
use native_claims::{ObjectFormat, PlatformTag, WheelTags};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::names::{CargoCfg, ExecutableSuffix, NodeName, NpmSuffix, TargetTriple};
use super::release::AssetNames;
use super::texts::OneLine;

/// One target and what each ecosystem calls it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Platform {
    /// The Rust target triple. It is also the name of the file, and of the manifest.
    pub target: TargetTriple,
    /// How the target's executables look.
    pub executable: Executable,
    /// The Python wheels.
    pub wheel: Wheel,
    /// The npm package.
    pub npm: Npm,
    /// The platform crate and its part crates.
    #[serde(rename = "crate")]
    pub krate: Crate,
    /// Under which names the runtime is published.
    #[serde(default)]
    pub release: Release,
    /// The job that stages the target.
    pub ci: Ci,
}

/// How an executable of a target can be told from its first bytes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Executable {
    /// The container of the code.
    pub format: ObjectFormat,
    /// The CPU, as the format numbers it: `e_machine` of ELF, `cputype` of Mach-O, `Machine` of PE.
    pub machine: u32,
    /// What the file name of an executable ends in: `.exe`, or nothing.
    pub suffix: ExecutableSuffix,
}

/// The wheels of a target.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Wheel {
    /// The tags of the wheels that are made when the caller names none: one wheel for each that
    /// the runtime's executables allow.
    #[serde(deserialize_with = "at_least_one_tag")]
    pub tags: Vec<WheelTags>,
    /// The tags that are tried where none of those is allowed, those that ask least of a system first:
    /// of several for one C library, the first that is allowed.
    #[serde(default)]
    pub fallback_tags: Vec<WheelTags>,
}

/// The npm package of a target.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Npm {
    /// Ends the package's version and its alias: `linux-x64`.
    pub name: NpmSuffix,
    /// `os` of the package, a value of Node.js's `process.platform`.
    pub os: NodeName,
    /// `cpu` of the package, a value of Node.js's `process.arch`.
    pub cpu: NodeName,
}

/// The crates of a target.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Crate {
    /// The `cfg(…)` under which the facade crate depends on the platform crate, without the
    /// `cfg()`. It is as wide as the set of targets on which the runtime runs.
    pub cfg: CargoCfg,
    /// How many crates carry the payload when it does not fit in one; the platform crate is the
    /// first. A registry takes new crates slowly, so the number is fixed, with room to grow.
    pub parts: std::num::NonZeroU16,
}

/// The published runtime of a target.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Release {
    /// The names of the asset, if they are not those of `stage.toml`.
    pub assets: Option<AssetNames>,
}

/// The CI job of a target.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Ci {
    /// The label of the machine that runs the job.
    pub runner: OneLine,
}

impl Platform {
    /// Returns the machine that runs the target's executables; `None` if its CPU has no name.
    #[must_use]
    pub fn machine(&self) -> Option<Machine> {
        let cpu = cpu_of_node(&self.npm.cpu)?;
        let format = self.executable.format;
        Some(Machine { format, cpu })
    }

    /// Whether a wheel with this tag is for this platform.
    #[must_use]
    pub fn accepts(&self, tag: &PlatformTag) -> bool {
        self.wheel
            .tags
            .iter()
            .flat_map(WheelTags::iter)
            .any(|own| own.same_machine(tag))
    }
}

/// Refuses an empty list of tags, and one whose tags name several machines.
fn at_least_one_tag<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<WheelTags>, D::Error> {
    let tags = Vec::<WheelTags>::deserialize(source)?;
    let Some(first) = tags.first().map(WheelTags::first) else {
        return Err(D::Error::custom("a platform needs at least one wheel tag"));
    };
    if let Some(other) = tags
        .iter()
        .map(WheelTags::first)
        .find(|tag| !tag.same_machine(first))
    {
        let reason = format!("`{first}` and `{other}` are tags of two machines");
        return Err(D::Error::custom(reason));
    }
    Ok(tags)
}
