//! The targets that a release is made for.
//!
//! What differs between targets is data: `stage` knows the common targets, and a file of `platforms/`
//! overrides what it knows, or describes another target. Every field is checked while the file is
//! read: a value of a type of this module is always valid.
//!
//! No table says which target a wheel tag is for: a tag belongs to the platform that has a tag of the
//! same system and CPU (see [`PlatformTag::same_machine`]), and, where a product has builds for two C
//! libraries, of its own one.

use native_claims::machine::{Machine, cpu_of_node_on};
use native_claims::{ObjectFormat, PlatformTag, System, WheelTags};
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::known_targets::KnownTarget;
use super::names::{CargoCfg, ExecutableSuffix, NodeName, NpmSuffix, TargetTriple};
use super::release::{AssetNames, AssetValues};
use super::texts::OneLine;

/// One target, and the names that each ecosystem has for it. Everything has a default where `stage`
/// knows the target.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Platform {
    /// The Rust target triple, or `universal2-apple-darwin`. It is also the name of the file, and of the
    /// manifest.
    pub target: TargetTriple,
    /// How to recognize the target's executables.
    pub executable: Executable,
    /// The Python wheels.
    #[serde(default)]
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
    /// What `stage` knows of the target.
    #[serde(skip)]
    pub known: Option<&'static KnownTarget>,
}

/// How to recognize an executable of a target by its first bytes and its name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Executable {
    /// The format of the file: `elf`, `mach-o` or `pe`.
    #[schemars(with = "String")]
    pub format: ObjectFormat,
    /// The CPU, as the format numbers it: `e_machine` of ELF, `cputype` of Mach-O, `Machine` of PE. 0
    /// for a universal file of macOS.
    pub machine: u32,
    /// The suffix of an executable's file name: `.exe`, or nothing.
    pub suffix: ExecutableSuffix,
}

/// The wheels of a target.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Wheel {
    /// The tags to use if the caller names none: one wheel for each tag that the runtime's
    /// executables allow. Default: the tags that ask least of a system, by the bytes of the
    /// executables.
    #[serde(default, deserialize_with = "at_least_one_tag")]
    #[schemars(with = "Vec<String>")]
    pub tags: Vec<WheelTags>,
    /// The tags to try if none of `tags` is allowed, the least demanding ones first: of several
    /// for one C library, the first that is allowed.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub fallback_tags: Vec<WheelTags>,
}

/// The npm package of a target.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Npm {
    /// The suffix of the package's version, of its alias or its name: `linux-x64`.
    pub name: NpmSuffix,
    /// `os` of the package, a value of Node.js's `process.platform`.
    pub os: NodeName,
    /// `cpu` of the package: a value of Node.js's `process.arch`, or several for a universal file of
    /// macOS.
    #[serde(deserialize_with = "one_or_more")]
    #[schemars(with = "OneOrMore")]
    cpu: Vec<NodeName>,
    /// Other systems whose kernel runs the program too, as Android's runs a static program for Linux:
    /// more values of `process.platform`.
    #[serde(default)]
    pub also_os: Vec<NodeName>,
    /// `libc` of the package. Default: that of the target; none if its programs may be static and
    /// no build for the other C library stands beside it.
    pub libc: Option<Libc>,
}

/// A C library of Linux, as npm names it.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Libc {
    /// The GNU C library.
    Glibc,
    /// musl, as in Alpine Linux.
    Musl,
}

impl Libc {
    /// Returns the name in `package.json`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Glibc => "glibc",
            Self::Musl => "musl",
        }
    }
}

impl Npm {
    /// Returns the values of `process.platform` on which the package runs, `os` first.
    pub fn systems(&self) -> impl Iterator<Item = &NodeName> {
        std::iter::once(&self.os).chain(&self.also_os)
    }

    /// Returns the values of `process.arch` on which the package runs; never empty.
    #[must_use]
    pub fn cpus(&self) -> &[NodeName] {
        &self.cpu
    }

    /// Returns a machine that both packages are for, as Node.js names it: system and CPU.
    pub(super) fn shared_with(&self, other: &Self) -> Option<(&NodeName, &NodeName)> {
        let apart = self.libc.is_some() && other.libc.is_some() && self.libc != other.libc;
        let both = |a: &[NodeName], b: &NodeName| a.iter().any(|a| a == b);
        let system = self
            .systems()
            .find(|os| other.systems().any(|other| other == *os))?;
        let cpu = self.cpu.iter().find(|cpu| both(&other.cpu, cpu))?;
        (!apart).then_some((system, cpu))
    }

    /// Returns the system, as Go names it: <https://go.dev/doc/install/source#environment>
    #[must_use]
    pub fn go_os(&self) -> &str {
        match &*self.os {
            "win32" => "windows",
            "sunos" => "solaris",
            os => os,
        }
    }

    /// Returns the CPU, as Go names it, and `all` for a universal file of macOS, as `GoReleaser` names it.
    #[must_use]
    pub fn go_arch(&self) -> &str {
        match &self.cpu[..] {
            [cpu] => match &**cpu {
                "x64" => "amd64",
                "ia32" => "386",
                "arm" => "armv7",
                "ppc64" => "ppc64le",
                "mipsel" => "mipsle",
                cpu => cpu,
            },
            _ => "all",
        }
    }
}

/// The crates of a target.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Crate {
    /// The `cfg(…)` under which the facade crate depends on the platform crate, without the
    /// `cfg()`. It covers all targets on which the runtime runs.
    pub cfg: CargoCfg,
    /// How many crates carry the payload if it does not fit in one; the platform crate is the
    /// first. A registry accepts new crates slowly, so a number with room to grow saves waiting when
    /// a release is larger than the last one. Default: as many as are needed.
    pub parts: Option<std::num::NonZeroU16>,
}

/// The published runtime of a target.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Release {
    /// The names of the asset, if they differ from those in `stage.toml`.
    pub assets: Option<AssetNames>,
}

/// The CI job of a target.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Ci {
    /// The label of the machine that runs the job. Default: one of GitHub's for the target, or for
    /// x86-64 Linux, since a runtime is staged without being run.
    pub runner: OneLine,
}

impl Platform {
    /// Returns the machine that runs the target's executables; `None` if its CPU has no name, or there
    /// are several.
    #[must_use]
    pub fn machine(&self) -> Option<Machine> {
        let [cpu] = self.npm.cpus() else { return None };
        // `ppc64` is another CPU on AIX than on Linux.
        let cpu = cpu_of_node_on(&self.npm.os, cpu)?;
        let format = self.executable.format;
        Some(Machine { format, cpu })
    }

    /// Returns whether a wheel with this tag is for this platform.
    #[must_use]
    pub fn accepts(&self, tag: &PlatformTag) -> bool {
        let mut own = self.example_tags();
        let foreign = matches!(
            (self.npm.libc, tag.system()),
            (Some(Libc::Glibc), System::Musllinux { .. })
                | (Some(Libc::Musl), System::Manylinux { .. })
        );
        !foreign && own.any(|own| own.same_machine(tag))
    }

    /// Returns whether wheels can be made for the target: whether there are tags for its system.
    #[must_use]
    pub fn has_wheels(&self) -> bool {
        self.example_tags().next().is_some()
    }

    /// Returns tags of the target: those that are listed, or else one that stands for others.
    pub(super) fn example_tags(&self) -> impl Iterator<Item = PlatformTag> {
        let listed = self.wheel.tags.iter().flat_map(WheelTags::iter).cloned();
        let known = self.known.and_then(|known| known.wheel);
        let known = known.filter(|_| self.wheel.tags.is_empty());
        // Any version of the system will do.
        let known =
            known.and_then(|wheel| wheel.tag(11, 0).parse().or(wheel.tag(2, 39).parse()).ok());
        listed.chain(known)
    }

    /// Returns the values of the placeholders in the names of the target's files of a release.
    #[must_use]
    pub fn asset_values<'a>(&'a self, version: &'a str, tag: &'a str) -> AssetValues<'a> {
        AssetValues {
            version,
            tag,
            target: Some((&self.target, self.npm.go_os(), self.npm.go_arch())),
        }
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

/// One value, or a list of them.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// Reads one value or a list of them. No value stands twice in it.
fn one_or_more<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<NodeName>, D::Error> {
    struct Values;

    impl<'de> serde::de::Visitor<'de> for Values {
        type Value = Vec<NodeName>;

        fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
            f.write_str("a text or a list of texts")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(vec![text.parse().map_err(E::custom)?])
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(
            self,
            mut items: A,
        ) -> Result<Self::Value, A::Error> {
            let mut values: Vec<NodeName> = Vec::new();
            while let Some(value) = items.next_element()? {
                if values.contains(&value) {
                    return Err(A::Error::custom(format!("has {value:?} twice")));
                }
                values.push(value);
            }
            if values.is_empty() {
                return Err(A::Error::custom("needs at least one value"));
            }
            Ok(values)
        }
    }

    source.deserialize_any(Values)
}
