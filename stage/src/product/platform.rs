//! The targets that a release is made for.
//!
//! A [`Platform`] is one file of `platforms/`. Everything that differs between targets is data in
//! it, so a new target is a new file. Every field is checked while the file is read: a value of a
//! type of this module is always valid.
//!
//! No table says which target a wheel tag is for: a tag belongs to the platform that lists a tag
//! of the same system and CPU (see [`PlatformTag::same_machine`]).

use native_claims::machine::{Machine, cpu_of_node};
use native_claims::{ObjectFormat, PlatformTag, WheelTags};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::names::{CargoCfg, ExecutableSuffix, NodeName, NpmSuffix, TargetTriple};
use super::release::AssetNames;
use super::texts::OneLine;

/// One target, and the names that each ecosystem has for it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Platform {
    /// The Rust target triple. It is also the name of the file, and of the manifest.
    pub target: TargetTriple,
    /// How to recognize the target's executables.
    pub executable: Executable,
    /// The Python wheels.
    pub wheel: Wheel,
    /// The npm package.
    pub npm: Npm,
    /// The platform crate and its part crates.
    #[serde(rename = "crate")]
    pub krate: Crate,
    /// The names under which the runtime is published.
    #[serde(default)]
    pub release: Release,
    /// The CI job that stages the target.
    pub ci: Ci,
}

/// How to recognize an executable of a target by its first bytes and its name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Executable {
    /// The format of the file.
    pub format: ObjectFormat,
    /// The CPU, as the format numbers it: `e_machine` of ELF, `cputype` of Mach-O, `Machine` of PE.
    pub machine: u32,
    /// The suffix of an executable's file name: `.exe`, or nothing.
    pub suffix: ExecutableSuffix,
}

/// The wheels of a target.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Wheel {
    /// The tags to use if the caller names none: one wheel for each tag that the runtime's
    /// executables allow.
    #[serde(deserialize_with = "at_least_one_tag")]
    pub tags: Vec<WheelTags>,
    /// The tags to try if none of `tags` is allowed, the least demanding ones first: of several
    /// for one C library, the first that is allowed.
    #[serde(default)]
    pub fallback_tags: Vec<WheelTags>,
}

/// The npm package of a target.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Npm {
    /// The suffix of the package's version and of its alias: `linux-x64`.
    pub name: NpmSuffix,
    /// `os` of the package, a value of Node.js's `process.platform`.
    pub os: NodeName,
    /// `cpu` of the package, a value of Node.js's `process.arch`.
    pub cpu: NodeName,
    /// Other systems whose kernel runs the program too, as Android's runs a static program for Linux:
    /// more values of `process.platform`.
    #[serde(default)]
    pub also_os: Vec<NodeName>,
    /// The C library that the package needs, where npm has to choose by it.
    #[serde(default)]
    pub libc: Option<NpmLibc>,
}

/// A C library of Linux, as npm names it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum NpmLibc {
    /// The one of most distributions.
    Glibc,
    /// The one of Alpine Linux.
    Musl,
}

impl NpmLibc {
    /// Returns the name that npm has for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Glibc => "glibc",
            Self::Musl => "musl",
        }
    }
}

impl Npm {
    /// Returns the values of `process.arch` on which the package runs.
    pub fn cpus(&self) -> impl Iterator<Item = &NodeName> {
        std::iter::once(&self.cpu)
    }

    /// Returns the values of `process.platform` on which the package runs, `os` first.
    pub fn systems(&self) -> impl Iterator<Item = &NodeName> {
        std::iter::once(&self.os).chain(&self.also_os)
    }

    /// Returns a machine that both packages are for, as Node.js names it: system and CPU.
    pub(super) fn shared_with(&self, other: &Self) -> Option<(&NodeName, &NodeName)> {
        let system = self
            .systems()
            .find(|os| other.systems().any(|other| other == *os))?;
        (self.cpu == other.cpu).then_some((system, &self.cpu))
    }
}

/// The crates of a target.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Crate {
    /// The `cfg(…)` under which the facade crate depends on the platform crate, without the
    /// `cfg()`. It covers all targets on which the runtime runs.
    pub cfg: CargoCfg,
    /// How many crates carry the payload if it does not fit in one; the platform crate is the
    /// first. A registry accepts new crates slowly, so the number is fixed, with room to grow.
    pub parts: std::num::NonZeroU16,
}

/// The published runtime of a target.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Release {
    /// The names of the asset, if they differ from those in `stage.toml`.
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

    /// Returns whether a wheel with this tag is for this platform.
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
        let reason = format!("`{first}` and `{other}` are tags of different machines");
        return Err(D::Error::custom(reason));
    }
    Ok(tags)
}
