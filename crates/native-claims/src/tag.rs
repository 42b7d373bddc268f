//! Wheel platform tags, parsed.
//!
//! The accepted set is what installers can match, not what the grammar of PEP 425 allows: a wheel
//! whose tag no pip or uv ever looks for installs nowhere, and nothing says so before a user does.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

/// One platform tag of a wheel, such as `manylinux_2_17_x86_64`.
///
/// Specifications: [PEP 425](https://peps.python.org/pep-0425/), [PEP 600](https://peps.python.org/pep-0600/)
/// (manylinux) and [PEP 656](https://peps.python.org/pep-0656/) (musllinux).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlatformTag {
    /// As it was written; `manylinux2014_x86_64` stays that.
    text: String,
    system: System,
    cpu: String,
}

/// The operating system that a tag names, with the oldest version of it that will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the numbers of a version")]
pub enum System {
    /// Linux with glibc of at least this version.
    Manylinux { major: u32, minor: u32 },
    /// Linux with musl of at least this version.
    Musllinux { major: u32, minor: u32 },
    /// macOS of at least this version.
    Macos { major: u32, minor: u32 },
    /// Linux with any C library, or none.
    Linux,
    /// Android with at least this level of its interfaces.
    Android { api: u32 },
    /// iOS of at least this version, or its simulator: the CPU of the tag says which.
    Ios { major: u32, minor: u32 },
    /// Windows.
    Windows,
}

/// Why a text is not a platform tag that an installer could match.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{tag:?} is not a usable platform tag: {reason}")]
pub struct TagError {
    tag: String,
    reason: String,
}

impl PlatformTag {
    /// Returns the operating system, with the oldest version of it that will do.
    #[must_use]
    pub fn system(&self) -> System {
        self.system
    }

    /// Returns the CPU, as tags of the system write it; `x86` for `win32`, `arm64_iphoneos` for iOS.
    #[must_use]
    pub fn cpu(&self) -> &str {
        &self.cpu
    }

    /// Returns whether it is of macOS and stands for two CPUs: `universal2`.
    #[must_use]
    pub fn is_universal(&self) -> bool {
        matches!(self.system, System::Macos { .. }) && self.cpu == "universal2"
    }

    /// Returns whether both tags are of one operating system and CPU.
    ///
    /// The C library does not count: a static executable runs under `manylinux` and `musllinux`.
    #[must_use]
    pub fn same_machine(&self, other: &Self) -> bool {
        let same_system = match self.system {
            System::Manylinux { .. } | System::Musllinux { .. } => {
                matches!(
                    other.system,
                    System::Manylinux { .. } | System::Musllinux { .. }
                )
            }
            System::Macos { .. } => matches!(other.system, System::Macos { .. }),
            System::Ios { .. } => matches!(other.system, System::Ios { .. }),
            System::Linux | System::Windows => other.system == self.system,
            System::Android { .. } => matches!(other.system, System::Android { .. }),
        };
        same_system && self.cpu == other.cpu
    }

    /// Returns whether both tags are of one CPU, operating system and C library, in whatever version.
    #[must_use]
    pub fn same_kind(&self, other: &Self) -> bool {
        let libc = |tag: &Self| std::mem::discriminant(&tag.system);
        self.same_machine(other) && libc(self) == libc(other)
    }
}

impl fmt::Display for PlatformTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for PlatformTag {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Self, TagError> {
        let refuse = |reason: String| TagError {
            tag: text.chars().take(80).collect(),
            reason,
        };
        let (system, cpu) = parse(text).map_err(refuse)?;
        Ok(Self {
            text: text.to_owned(),
            system,
            cpu: cpu.to_owned(),
        })
    }
}

fn parse(text: &str) -> Result<(System, &str), String> {
    match text {
        "" => return Err("it is empty".to_owned()),
        "any" => return Err("native code does not run on any platform".to_owned()),
        "win32" => return Ok((System::Windows, "x86")),
        _ => {}
    }
    if let Some(cpu) = text.strip_prefix("win_") {
        return Ok((System::Windows, cpu_name(cpu)?));
    }
    // Of the plain tags PyPI takes the one that the Raspberry Pi of before 2015 looks for: no policy of
    // manylinux is for its CPU.
    if text == "linux_armv6l" {
        return Ok((System::Linux, "armv6l"));
    }
    if text.starts_with("linux_") {
        return Err(
            "package indexes refuse plain `linux` tags; say which C library the wheel needs \
                    (manylinux or musllinux)"
                .to_owned(),
        );
    }
    // The names that manylinux had before PEP 600 gave it numbers.
    for (alias, minor) in [
        ("manylinux1_", 5),
        ("manylinux2010_", 12),
        ("manylinux2014_", 17),
    ] {
        if let Some(cpu) = text.strip_prefix(alias) {
            return linux(2, minor, cpu);
        }
    }
    if let Some(rest) = text.strip_prefix("manylinux_") {
        let (major, minor, cpu) = versioned(rest)?;
        return linux(major, minor, cpu);
    }
    if let Some(rest) = text.strip_prefix("musllinux_") {
        let (major, minor, cpu) = versioned(rest)?;
        return Ok((System::Musllinux { major, minor }, cpu));
    }
    if let Some(rest) = text.strip_prefix("macosx_") {
        let (major, minor, cpu) = versioned(rest)?;
        return macos(major, minor, cpu);
    }
    if let Some(rest) = text.strip_prefix("ios_") {
        let (major, minor, cpu) = versioned(rest)?;
        return ios(major, minor, cpu);
    }
    if let Some(rest) = text.strip_prefix("android_") {
        return android(rest);
    }
    Err("it begins with none of manylinux, musllinux, macosx_, ios_, android_ and win".to_owned())
}

/// A manylinux tag, refused where installers do not look for one.
fn linux(major: u32, minor: u32, cpu: &str) -> Result<(System, &str), String> {
    let cpu = cpu_name(cpu)?;
    // PEP 600: the oldest glibc that installers probe for is 2.5 on x86 and 2.17 elsewhere.
    let oldest = if matches!(cpu, "x86_64" | "i686") {
        (2, 5)
    } else {
        (2, 17)
    };
    if (major, minor) < oldest {
        return Err(format!(
            "installers look for no manylinux older than manylinux_{}_{}_{cpu}",
            oldest.0, oldest.1
        ));
    }
    Ok((System::Manylinux { major, minor }, cpu))
}

/// A macOS tag, refused where installers do not look for one.
fn macos(major: u32, minor: u32, cpu: &str) -> Result<(System, &str), String> {
    if matches!(cpu, "universal" | "intel" | "fat32" | "fat64" | "fat3") {
        return Err(format!(
            "`{cpu}` promises code for several CPUs: use the tag of one, or `universal2`"
        ));
    }
    if major < 10 || (major == 10 && minor > 16) {
        return Err(format!("there is no macOS {major}.{minor}"));
    }
    if major >= 11 && minor != 0 {
        return Err(format!(
            "from macOS 11 on installers look for minor version 0 only: macosx_{major}_0_{cpu}"
        ));
    }
    if cpu == "arm64" && major < 11 {
        return Err("macOS runs on arm64 from 11.0 on: macosx_11_0_arm64".to_owned());
    }
    Ok((System::Macos { major, minor }, cpu))
}

/// An Android tag (PEP 738), refused where installers do not look for one.
fn android(text: &str) -> Result<(System, &str), String> {
    const CPUS: [&str; 4] = ["arm64_v8a", "armeabi_v7a", "x86", "x86_64"];
    let (level, cpu) = text.split_once('_').unwrap_or((text, ""));
    let api = number(level).ok_or_else(|| format!("{level:?} is not a level of Android"))?;
    if !CPUS.contains(&cpu) {
        return Err(format!("{cpu:?} is none of {}", CPUS.join(", ")));
    }
    if api < 16 {
        return Err(format!(
            "installers look for no Android older than android_16_{cpu}"
        ));
    }
    Ok((System::Android { api }, cpu))
}

/// An iOS tag (PEP 730), refused where installers do not look for one.
fn ios(major: u32, minor: u32, cpu: &str) -> Result<(System, &str), String> {
    const CPUS: [&str; 3] = [
        "arm64_iphoneos",
        "arm64_iphonesimulator",
        "x86_64_iphonesimulator",
    ];
    if !CPUS.contains(&cpu) {
        return Err(format!("{cpu:?} is none of {}", CPUS.join(", ")));
    }
    if major < 12 {
        return Err(format!(
            "installers look for no iOS older than ios_12_0_{cpu}"
        ));
    }
    Ok((System::Ios { major, minor }, cpu))
}

/// Splits `2_17_x86_64` into its version and CPU.
fn versioned(text: &str) -> Result<(u32, u32, &str), String> {
    let mut fields = text.splitn(3, '_');
    let mut version = |what: &str| {
        let field = fields.next().unwrap_or_default();
        number(field).ok_or_else(|| format!("{field:?} is not a {what} version"))
    };
    let (major, minor) = (version("major")?, version("minor")?);
    Ok((major, minor, cpu_name(fields.next().unwrap_or_default())?))
}

/// A number as installers write it: without a sign and leading zeros.
fn number(field: &str) -> Option<u32> {
    let canonical = !field.is_empty()
        && field.bytes().all(|b| b.is_ascii_digit())
        && (field == "0" || !field.starts_with('0'));
    canonical.then(|| field.parse().ok()).flatten()
}

/// A CPU as tags write it. It is not checked against a list: new CPUs get tags.
fn cpu_name(cpu: &str) -> Result<&str, String> {
    let well_formed = cpu.starts_with(|c: char| c.is_ascii_lowercase())
        && cpu
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if well_formed {
        Ok(cpu)
    } else {
        Err(format!("{cpu:?} is not the name of a CPU"))
    }
}

/// The platform tags of one wheel: a compressed set, as it stands in the wheel's file name.
///
/// Never empty, sorted and without repetition, all of one machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WheelTags(Vec<PlatformTag>);

impl WheelTags {
    /// Returns the tags, in the order in which the file name has them.
    pub fn iter(&self) -> impl Iterator<Item = &PlatformTag> {
        self.0.iter()
    }

    /// Returns the first tag: it stands for the machine of all of them.
    #[must_use]
    pub fn first(&self) -> &PlatformTag {
        &self.0[0]
    }
}

impl fmt::Display for WheelTags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, tag) in self.0.iter().enumerate() {
            write!(f, "{}{tag}", if i == 0 { "" } else { "." })?;
        }
        Ok(())
    }
}

impl FromStr for WheelTags {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Self, TagError> {
        let mut tags = text
            .split('.')
            .map(str::parse)
            .collect::<Result<Vec<PlatformTag>, _>>()?;
        if let Some(other) = tags.iter().find(|tag| !tag.same_machine(&tags[0])) {
            return Err(TagError {
                tag: text.chars().take(80).collect(),
                reason: format!("`{}` and `{other}` are tags of two machines", tags[0]),
            });
        }
        tags.sort();
        tags.dedup();
        Ok(Self(tags))
    }
}

impl<'de> Deserialize<'de> for WheelTags {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        String::deserialize(source)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_installers_look_for_are_accepted() {
        for text in [
            "manylinux_2_17_x86_64",
            "manylinux_2_28_aarch64",
            "manylinux2014_x86_64",
            "manylinux1_x86_64",
            "musllinux_1_2_aarch64",
            "macosx_10_9_x86_64",
            "macosx_12_0_arm64",
            "macosx_26_0_arm64",
            "ios_13_0_arm64_iphoneos",
            "ios_17_4_arm64_iphonesimulator",
            "ios_13_0_x86_64_iphonesimulator",
            "macosx_10_9_universal2",
            "macosx_11_0_universal2",
            "android_21_arm64_v8a",
            "android_24_x86_64",
            "linux_armv6l",
            "win_amd64",
            "win_arm64",
            "win32",
        ] {
            assert_eq!(text.parse::<PlatformTag>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn tags_that_would_install_nowhere_are_refused_with_the_reason() {
        for (text, reason) in [
            ("", "it is empty"),
            ("any", "native code"),
            ("linux_x86_64", "plain `linux`"),
            ("freebsd_13_x86_64", "begins with none of"),
            ("manylinux_2_x86_64", "\"x86\" is not a minor version"),
            ("manylinux_2_17", "\"\" is not the name of a CPU"),
            ("manylinux_02_17_x86_64", "\"02\" is not a major version"),
            ("manylinux_2_99999999999_x86_64", "is not a minor version"),
            ("manylinux_2_17_X86_64", "is not the name of a CPU"),
            ("manylinux_2_4_x86_64", "manylinux_2_5_x86_64"),
            ("manylinux_2_12_aarch64", "manylinux_2_17_aarch64"),
            ("macosx_11_0_intel", "several CPUs"),
            ("macosx_11_1_universal2", "macosx_11_0_universal2"),
            ("android_24", "none of arm64_v8a"),
            ("android_24_aarch64", "none of arm64_v8a"),
            ("android_024_x86", "not a level"),
            ("android_15_x86", "android_16_x86"),
            ("linux_armv7l", "plain `linux`"),
            ("macosx_11_3_arm64", "macosx_11_0_arm64"),
            ("macosx_10_9_arm64", "macosx_11_0_arm64"),
            ("macosx_9_0_x86_64", "no macOS 9.0"),
            ("ios_13_0_arm64", "none of arm64_iphoneos"),
            ("ios_13_0_x86_64_iphoneos", "none of arm64_iphoneos"),
            ("ios_11_0_arm64_iphoneos", "ios_12_0_arm64_iphoneos"),
            ("ios_13_arm64_iphoneos", "is not a minor version"),
            ("win_", "\"\" is not the name of a CPU"),
            ("win_amd64\n", "is not the name of a CPU"),
            ("manylinux_2_17_x86_64 ", "is not the name of a CPU"),
        ] {
            let error = text.parse::<PlatformTag>().unwrap_err().to_string();
            assert!(error.contains(reason), "{text:?}: {error}");
        }
    }

    #[test]
    fn tags_of_one_machine_may_be_of_two_kinds() {
        let tag = |text: &str| text.parse::<PlatformTag>().unwrap();
        for (one, other, machine, kind) in [
            ("manylinux_2_17_x86_64", "manylinux_2_28_x86_64", true, true),
            ("manylinux_2_17_x86_64", "musllinux_1_2_x86_64", true, false),
            (
                "manylinux_2_17_x86_64",
                "manylinux_2_17_aarch64",
                false,
                false,
            ),
            ("manylinux_2_17_x86_64", "macosx_10_9_x86_64", false, false),
            ("musllinux_1_2_x86_64", "macosx_10_9_x86_64", false, false),
            ("macosx_10_9_x86_64", "macosx_12_0_x86_64", true, true),
            ("macosx_10_9_x86_64", "manylinux_2_17_x86_64", false, false),
            ("macosx_12_0_x86_64", "macosx_12_0_arm64", false, false),
            (
                "ios_13_0_arm64_iphoneos",
                "ios_14_2_arm64_iphoneos",
                true,
                true,
            ),
            (
                "ios_13_0_arm64_iphoneos",
                "ios_13_0_arm64_iphonesimulator",
                false,
                false,
            ),
            ("ios_13_0_arm64_iphoneos", "macosx_13_0_arm64", false, false),
            ("macosx_13_0_arm64", "ios_13_0_arm64_iphoneos", false, false),
            ("win_arm64", "win_arm64", true, true),
            ("android_21_x86", "android_24_x86", true, true),
            ("android_21_x86", "android_21_x86_64", false, false),
            ("linux_armv6l", "manylinux_2_17_armv7l", false, false),
            (
                "macosx_11_0_universal2",
                "macosx_10_9_universal2",
                true,
                true,
            ),
            ("macosx_11_0_universal2", "macosx_11_0_arm64", false, false),
            ("win_arm64", "macosx_12_0_arm64", false, false),
        ] {
            assert_eq!(tag(one).same_machine(&tag(other)), machine, "{one} {other}");
            assert_eq!(tag(one).same_kind(&tag(other)), kind, "{one} {other}");
        }
    }

    #[test]
    fn a_compressed_set_is_sorted_and_of_one_machine() {
        let tags: WheelTags = "musllinux_1_1_x86_64.manylinux_2_17_x86_64.musllinux_1_1_x86_64"
            .parse()
            .unwrap();
        assert_eq!(
            tags.to_string(),
            "manylinux_2_17_x86_64.musllinux_1_1_x86_64"
        );
        let error = "win_amd64.win_arm64".parse::<WheelTags>().unwrap_err();
        assert!(
            error.to_string().contains("tags of two machines"),
            "{error}"
        );
        assert!("win_amd64.".parse::<WheelTags>().is_err());
    }
}
