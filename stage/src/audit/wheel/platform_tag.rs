//! The platform tags that a package index takes and installers look for.
//!
//! This is wider than [`PlatformTag`](native_claims::PlatformTag), which is what native code of
//! ours can be for: wheels of others may be for every platform, for several CPUs or for phones.
//!
//! What PyPI takes is a list in its source: the project Warehouse, `_parse_platform_tag` and the
//! tables above it in warehouse/utils/wheel.py, as that was in 2026 (with PEP 783, of April);
//! earlier in warehouse/forklift/legacy.py. What installers look for is in the module `tags` of
//! packaging, which pip and twine use.

use crate::audit::finding::Findings;
use crate::audit::rules;

/// CPUs of Linux tags with a version in them. The tags of musl have no ppc64.
const LINUX_CPUS: [&str; 8] = [
    "x86_64", "i686", "aarch64", "armv7l", "ppc64le", "s390x", "riscv64", "ppc64",
];

const MACOS_CPUS: [&str; 11] = [
    "x86_64",
    "arm64",
    "universal2",
    "intel",
    "i386",
    "ppc",
    "ppc64",
    "fat",
    "fat3",
    "fat64",
    "universal",
];

/// The newest macOS of the list. Every year adds one.
const NEWEST_MACOS: u32 = 26;

/// Holds the tags of a file name against the rules.
pub(super) fn check(tags: &[String], findings: &mut Findings) {
    // Beside another tag, one that nobody looks for does no harm.
    let is_sought = |tag: &String| refusal(tag).is_none() && unsought(tag).is_none();
    let any_sought = tags.iter().any(is_sought);
    for tag in tags {
        let unsought = || unsought(tag).filter(|_| !any_sought);
        if let Some(reason) = refusal(tag).or_else(unsought) {
            findings.add(&rules::wheel::PLATFORM_TAG, format!("`{tag}`: {reason}"));
        } else if is_new(tag) {
            let detail = format!(
                "`{tag}`: the newest macOS that PyPI is known to take wheels for is {NEWEST_MACOS}"
            );
            findings.add(&rules::wheel::PLATFORM_TAG_NEW, detail);
        }
    }
}

/// Whether a tag is of a macOS that the list did not have yet.
fn is_new(tag: &str) -> bool {
    let version = tag.strip_prefix("macosx_").and_then(versioned);
    version.is_some_and(|(major, _, _)| major > NEWEST_MACOS)
}

/// Why PyPI does not take a tag; nothing if it does.
fn refusal(tag: &str) -> Option<String> {
    const WINDOWS: [&str; 3] = ["amd64", "arm64", "ia64"];
    // The names that manylinux had before PEP 600 gave it numbers.
    const NAMED: [(&str, &[&str]); 3] = [
        ("manylinux1_", &["x86_64", "i686"]),
        ("manylinux2010_", &["x86_64", "i686"]),
        (
            "manylinux2014_",
            &[
                "x86_64", "i686", "aarch64", "armv7l", "ppc64", "ppc64le", "s390x",
            ],
        ),
    ];
    if matches!(tag, "any" | "win32" | "linux_armv6l" | "linux_armv7l") {
        return None;
    }
    if let Some(cpu) = tag.strip_prefix("win_") {
        return (!WINDOWS.contains(&cpu)).then(|| format!("Windows does not run on `{cpu}`"));
    }
    if tag.starts_with("linux_") {
        return Some("it does not say which C library the code needs".to_owned());
    }
    for (name, cpus) in NAMED {
        if let Some(cpu) = tag.strip_prefix(name) {
            return (!cpus.contains(&cpu)).then(|| format!("PyPI takes no {name} tag for `{cpu}`"));
        }
    }
    for (libc, without) in [("manylinux_", ""), ("musllinux_", "ppc64")] {
        if let Some(rest) = tag.strip_prefix(libc) {
            return match versioned(rest) {
                Some((_, _, cpu)) if !LINUX_CPUS.contains(&cpu) || cpu == without => {
                    Some(format!("PyPI takes no {libc} tag for `{cpu}`"))
                }
                Some(_) => None,
                None => Some("it has no version of the C library".to_owned()),
            };
        }
    }
    if let Some(rest) = tag.strip_prefix("macosx_") {
        return match versioned(rest) {
            Some((major, minor, cpu)) => macos(major, minor, cpu),
            None => Some("it has no version of macOS".to_owned()),
        };
    }
    other(tag)
}

/// Why no installer looks for a tag that PyPI takes; nothing if some do.
fn unsought(tag: &str) -> Option<String> {
    if let Some((major, minor, cpu)) = tag.strip_prefix("manylinux_").and_then(versioned) {
        let oldest = if matches!(cpu, "x86_64" | "i686") {
            5
        } else {
            17
        };
        return (major != 2 || minor < oldest).then(|| {
            format!("installers look for manylinux_2_{oldest}_{cpu} and later tags of glibc 2 only")
        });
    }
    if let Some((major, _, _)) = tag.strip_prefix("musllinux_").and_then(versioned) {
        return (major != 1).then(|| "installers look for tags of musl 1 only".to_owned());
    }
    let (major, minor, cpu) = tag.strip_prefix("macosx_").and_then(versioned)?;
    (major == 10 && minor > 16)
        .then(|| format!("the last tag of macOS 10 that installers look for is macosx_10_16_{cpu}"))
}

fn macos(major: u32, minor: u32, cpu: &str) -> Option<String> {
    // After macOS 15 came macOS 26.
    const NEVER: std::ops::RangeInclusive<u32> = 16..=25;
    if !MACOS_CPUS.contains(&cpu) {
        return Some(format!("macOS does not run on `{cpu}`"));
    }
    if major < 10 || NEVER.contains(&major) {
        return Some(format!("there is no macOS {major}"));
    }
    (major > 10 && minor != 0).then(|| {
        format!("from macOS 11 on installers look for minor version 0 only: macosx_{major}_0_{cpu}")
    })
}

/// Phones and browsers.
fn other(tag: &str) -> Option<String> {
    const IOS_CPUS: [&str; 2] = ["arm64", "x86_64"];
    const ANDROID_CPUS: [&str; 4] = ["arm64_v8a", "armeabi_v7a", "x86", "x86_64"];
    let unknown = |form: &str| Some(format!("PyPI takes {form} only"));
    if let Some(rest) = tag.strip_prefix("ios_") {
        let machine = versioned(rest).and_then(|(_, _, machine)| machine.rsplit_once('_'));
        let is_known = machine.is_some_and(|(cpu, device)| {
            IOS_CPUS.contains(&cpu) && matches!(device, "iphoneos" | "iphonesimulator")
        });
        return if is_known {
            None
        } else {
            unknown("ios_13_0_arm64_iphoneos and its like")
        };
    }
    if let Some(rest) = tag.strip_prefix("android_") {
        let level = rest.split_once('_');
        let is_known = level
            .is_some_and(|(level, cpu)| number(level).is_some() && ANDROID_CPUS.contains(&cpu));
        return if is_known {
            None
        } else {
            unknown("android_24_arm64_v8a and its like")
        };
    }
    if let Some(rest) = tag.strip_prefix("pyemscripten_") {
        let is_known = versioned(rest).is_some_and(|(_, _, cpu)| cpu == "wasm32");
        return if is_known {
            None
        } else {
            unknown("pyemscripten_2026_0_wasm32 and its like")
        };
    }
    if ["pyodide_", "emscripten_"]
        .iter()
        .any(|prefix| tag.starts_with(prefix))
    {
        return Some(
            "PyPI takes wheels for browsers under the tags of PEP 783 only, such as \
             pyemscripten_2026_0_wasm32"
                .to_owned(),
        );
    }
    Some("it begins like no platform that is known".to_owned())
}

/// Splits `2_17_x86_64`.
fn versioned(text: &str) -> Option<(u32, u32, &str)> {
    let mut fields = text.splitn(3, '_');
    let (major, minor) = (number(fields.next()?)?, number(fields.next()?)?);
    Some((major, minor, fields.next()?))
}

/// A number as installers write it: without a sign and leading zeros.
fn number(text: &str) -> Option<u32> {
    let number = text.parse::<u32>().ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(tags: &[&str]) -> Vec<(&'static str, String)> {
        let mut findings = Findings::default();
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
        check(&tags, &mut findings);
        let found = findings.finish().into_iter();
        found
            .map(|finding| (finding.rule.code, finding.detail))
            .collect()
    }

    #[test]
    fn tags_of_real_wheels_are_taken() {
        for tag in [
            "any",
            "win32",
            "win_amd64",
            "win_arm64",
            "win_ia64",
            "manylinux1_i686",
            "manylinux2010_x86_64",
            "manylinux2014_aarch64",
            "manylinux_2_5_x86_64",
            "manylinux_2_17_ppc64le",
            "manylinux_2_31_riscv64",
            "musllinux_1_2_armv7l",
            "musllinux_1_2_riscv64",
            "linux_armv6l",
            "macosx_10_0_fat",
            "macosx_10_9_universal2",
            "macosx_10_16_x86_64",
            "macosx_11_0_arm64",
            "macosx_15_0_arm64",
            "macosx_26_0_arm64",
            "ios_13_0_arm64_iphoneos",
            "ios_13_0_x86_64_iphonesimulator",
            "android_24_arm64_v8a",
            "android_21_armeabi_v7a",
            "pyemscripten_2026_0_wasm32",
        ] {
            assert_eq!(found(&[tag]), [], "{tag}");
        }
    }

    #[test]
    fn other_tags_are_not() {
        for (tag, reason) in [
            ("linux_x86_64", "which C library"),
            ("win_x86_64", "does not run on `x86_64`"),
            ("manylinux_x86_64", "no version"),
            ("manylinux_2_17_amd64", "tag for `amd64`"),
            ("macosx_11_3_arm64", "macosx_11_0_arm64"),
            ("macosx_9_0_ppc", "no macOS 9"),
            ("macosx_16_0_arm64", "no macOS 16"),
            ("macosx_25_0_arm64", "no macOS 25"),
            ("macosx_10_26_x86_64", "macosx_10_16_x86_64"),
            ("macosx_011_0_arm64", "no version"),
            ("macosx_10_9_fat32", "does not run on `fat32`"),
            ("manylinux1_aarch64", "tag for `aarch64`"),
            ("manylinux2010_ppc64le", "tag for `ppc64le`"),
            ("manylinux2014_riscv64", "tag for `riscv64`"),
            ("manylinux_2_36_loongarch64", "tag for `loongarch64`"),
            ("manylinux_2_4_x86_64", "manylinux_2_5_x86_64"),
            ("manylinux_2_12_aarch64", "manylinux_2_17_aarch64"),
            ("manylinux_3_0_x86_64", "glibc 2 only"),
            ("manylinux_+2_17_x86_64", "no version"),
            ("musllinux_1_1_ppc64", "tag for `ppc64`"),
            ("musllinux_2_0_x86_64", "musl 1 only"),
            ("musllinux_x86_64", "no version"),
            ("win_ia32", "does not run on `ia32`"),
            ("ios_13_0_arm64", "PyPI takes"),
            ("ios_13_0_arm64e_iphoneos", "PyPI takes"),
            ("android_24_riscv64", "PyPI takes"),
            ("android_arm64_v8a", "PyPI takes"),
            ("pyemscripten_2026_0_wasm64", "PyPI takes"),
            ("pyodide_2025_0_wasm32", "PEP 783"),
            ("emscripten_3_1_58_wasm32", "PEP 783"),
            ("wasi_0_1_wasm32", "no platform that is known"),
            ("macosx_99999999999_0_arm64", "no version"),
            ("macosx_11_0_aarch64", "does not run on `aarch64`"),
            ("freebsd_14_amd64", "no platform that is known"),
        ] {
            let [(code, detail)] = &found(&[tag])[..] else {
                panic!("{tag}");
            };
            assert_eq!(*code, "wheel-platform-tag", "{tag}");
            assert!(detail.contains(reason), "{tag}: {detail}");
        }
    }

    #[test]
    fn a_tag_that_nobody_looks_for_is_harmless_beside_another() {
        let tags = ["manylinux_2_4_x86_64", "manylinux_2_17_x86_64"];
        assert_eq!(found(&tags), []);
        assert_eq!(
            found(&["manylinux_2_4_x86_64", "musllinux_2_0_x86_64"]).len(),
            2
        );
        // PyPI refuses the wheel for one of its tags.
        assert_eq!(found(&["linux_x86_64", "manylinux_2_17_x86_64"]).len(), 1);
    }

    #[test]
    fn a_newer_macos_may_be_on_the_list_by_now() {
        let codes = |tag| {
            found(&[tag])
                .into_iter()
                .map(|(code, _)| code)
                .collect::<Vec<_>>()
        };
        assert_eq!(codes("macosx_27_0_arm64"), ["wheel-platform-tag-new"]);
        assert_eq!(codes("macosx_27_1_arm64"), ["wheel-platform-tag"]);
    }
}
