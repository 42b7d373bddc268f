//! The version that archives have in their names, and the tag of their release.

use std::collections::BTreeMap;
use std::ops::Range;

use super::words::is_system_word;
use crate::product::TagPrefix;
use crate::version::ReleaseVersion;

/// The release that archives are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The release tag. Where it is not known it is the version, which every product reads.
    pub tag: String,
    /// What stands before the version in the tag; `None` where no tag is known.
    pub prefix: Option<String>,
    /// The version, as it stands in the tag and in names.
    pub version: String,
}

impl Release {
    /// Reads a release tag: the version is the longest end of it that is one.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let starts = tag.char_indices().filter(|(_, c)| c.is_ascii_digit());
        let mut starts = starts.filter(|(at, _)| {
            let before = &tag[..*at];
            !before.ends_with(|c: char| c.is_ascii_digit() || c == '.')
        });
        let at = starts.find_map(|(at, _)| {
            let version = ReleaseVersion::parse(&tag[at..], &[]);
            let prefix = tag[..at].parse::<TagPrefix>();
            (version.is_ok() && prefix.is_ok()).then_some(at)
        })?;
        Some(Self {
            tag: tag.to_owned(),
            prefix: Some(tag[..at].to_owned()),
            version: tag[at..].to_owned(),
        })
    }

    /// Returns which of names are of this release, if any of them says its version: those that say it, and
    /// those that say none.
    #[must_use]
    pub fn is_of(&self, names: &[&str]) -> Vec<bool> {
        let says = |name: &&&str| versions(name).contains(&self.version);
        let is_said = names.iter().any(|name| says(&name));
        let names = names.iter();
        names
            .map(|name| !is_said || says(&name) || versions(name).is_empty())
            .collect()
    }

    /// Finds the versions that names say, if they are of several releases: each, and how many say it.
    #[must_use]
    pub fn several(names: &[&str]) -> Vec<(String, usize)> {
        let said = names.iter().map(|name| versions(name));
        let said = said.filter(|said| !said.is_empty()).collect::<Vec<_>>();
        let Some((first, others)) = said.split_first() else {
            return Vec::new();
        };
        let in_common = |text: &&String| others.iter().all(|other| other.contains(text));
        if first.iter().any(|text| in_common(&text)) {
            return Vec::new();
        }
        let mut counts = BTreeMap::<&str, usize>::new();
        for versions in &said {
            *counts.entry(&versions[0]).or_default() += 1;
        }
        let counts = counts.into_iter();
        counts
            .map(|(text, count)| (text.to_owned(), count))
            .collect()
    }

    /// Finds the version that all names have in common.
    #[must_use]
    pub fn of_names(names: &[&str]) -> Option<Self> {
        let (first, others) = names.split_first()?;
        let mut found = spans(first);
        found.retain(|range| {
            let text = &first[range.clone()];
            let also = |name: &&str| spans(name).iter().any(|range| &name[range.clone()] == text);
            others.iter().all(also) && ReleaseVersion::parse(text, &[]).is_ok()
        });
        let range = found.into_iter().max_by_key(ExactSizeIterator::len)?;
        let version = first[range.clone()].to_owned();
        let has_v = |name: &&str| name.contains(&format!("v{version}"));
        if names.iter().all(has_v) {
            return Some(Self {
                tag: format!("v{version}"),
                prefix: None,
                version,
            });
        }
        Some(Self {
            tag: version.clone(),
            prefix: None,
            version,
        })
    }
}

/// The versions in a name. That of a system is none of them: `macos-11.0`.
fn versions(name: &str) -> Vec<String> {
    let spans = spans(name).into_iter().filter(|range| {
        let before = name[..range.start].trim_end_matches(['-', '_', '.', 'v', 'V']);
        let word = before.rsplit(['-', '_', '.']).next().unwrap_or_default();
        let of_system = is_system_word(word) && name[range.clone()].matches('.').count() < 2;
        !of_system && ReleaseVersion::parse(&name[range.clone()], &[]).is_ok()
    });
    spans.map(|range| name[range].to_owned()).collect()
}

/// Words that begin the pre-release part of a version.
const PHASES: [&str; 7] = ["alpha", "beta", "rc", "dev", "nightly", "pre", "preview"];

/// Finds what looks like a version in a name: two numbers or more with dots between them, and a
/// pre-release. A `v` before it is not part of it.
pub fn spans(name: &str) -> Vec<Range<usize>> {
    let bytes = name.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    // Where the last numbers with dots ended: what follows them is a part of that version.
    let mut version_end = None;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let before = name.get(..at).unwrap_or_default();
        let before = before.strip_suffix(['v', 'V']).unwrap_or(before);
        if let Some(end) = date(bytes, at)
            && !before.ends_with(|c: char| c.is_alphanumeric() || c == '.')
            && version_end != at.checked_sub(1)
        {
            found.push(at..end);
            at = end;
            continue;
        }
        let (end, numbers) = numbers(bytes, at);
        if numbers >= 2 {
            version_end = Some(end);
        }
        let end = pre_release(name, end);
        let rest = name.get(end..).unwrap_or_default();
        let alone = !before.ends_with(|c: char| c.is_alphanumeric() || c == '.')
            && !rest.starts_with(|c: char| c.is_alphanumeric())
            && !goes_on(rest);
        if numbers >= 2 && alone {
            found.push(at..end);
        }
        at = end.max(at + 1);
    }
    found
}

/// Returns where a date ends that is a version: `20260105`, `2026-01-05`.
fn date(bytes: &[u8], from: usize) -> Option<usize> {
    let number = |from: usize, count: usize| {
        let digits = bytes.get(from..from + count)?;
        let is_number = digits.iter().all(u8::is_ascii_digit);
        is_number.then(|| {
            digits
                .iter()
                .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'))
        })
    };
    let dash = usize::from(bytes.get(from + 4) == Some(&b'-'));
    if dash == 1 && bytes.get(from + 7) != Some(&b'-') {
        return None;
    }
    let (month, day) = (from + 4 + dash, from + 6 + 2 * dash);
    let good = (1990..=2199).contains(&number(from, 4)?)
        && (1..=12).contains(&number(month, 2)?)
        && (1..=31).contains(&number(day, 2)?);
    let end = day + 2;
    let alone = !bytes
        .get(end)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.');
    (good && alone).then_some(end)
}

/// Words that say that a version is not a final one, or not the whole of it.
const OTHER_PHASES: [&str; 12] = [
    "snapshot", "canary", "alpha", "beta", "rc", "pre", "post", "build", "dev", "nightly", "edge",
    "next",
];

/// Returns whether what follows numbers belongs to the version: then the numbers alone are another one.
fn goes_on(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix(['-', '.', '_']) else {
        return rest.starts_with('+');
    };
    let word = rest.split(['-', '_', '.', '+']).next().unwrap_or_default();
    let lower = word.to_ascii_lowercase();
    let letters = lower.trim_end_matches(|c: char| c.is_ascii_digit());
    // The number of a build, or of a commit.
    let number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let commit = word.len() >= 7 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    number || commit || OTHER_PHASES.contains(&letters)
}

/// Returns where numbers with dots between them end, and how many there are.
fn numbers(bytes: &[u8], from: usize) -> (usize, usize) {
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut end = digits(from);
    let mut count = 1;
    while bytes.get(end) == Some(&b'.') && digits(end + 1) > end + 1 {
        end = digits(end + 1);
        count += 1;
    }
    (end, count)
}

/// Returns where a pre-release ends that begins at a place, or the place.
fn pre_release(name: &str, from: usize) -> usize {
    let rest = name.get(from..).unwrap_or_default();
    let word = rest.strip_prefix(['-', '.']).unwrap_or(rest);
    let Some(phase) = PHASES
        .iter()
        .filter(|phase| word.starts_with(**phase))
        .max_by_key(|phase| phase.len())
    else {
        return from;
    };
    let mut end = name.len() - word.len() + phase.len();
    let bytes = name.as_bytes();
    loop {
        let number = end + usize::from(matches!(bytes.get(end), Some(b'.' | b'-')));
        if !bytes.get(number).is_some_and(u8::is_ascii_digit) {
            return end;
        }
        end = numbers(bytes, number).0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_names() {
        for (name, versions) in [
            ("tool-1.2.3-x86_64-unknown-linux-gnu", &["1.2.3"][..]),
            ("tool_v1.2.3_linux", &["1.2.3"]),
            ("tool-1.2.3-rc.1-linux", &["1.2.3-rc.1"]),
            ("tool-1.2.3-beta1-linux", &["1.2.3-beta1"]),
            ("tool-2026.01.05.tar.gz", &["2026.01.05"]),
            ("tool-1.2-macos-11.0.zip", &["1.2", "11.0"]),
            ("tool-1.2.3.4.zip", &["1.2.3.4"]),
            ("tool-x86_64-64bit-armv7", &[]),
            ("tool1.2.3-linux", &[]),
            ("glibc2.17", &[]),
            ("größe-1.2", &["1.2"]),
            ("tool-1.2.3-SNAPSHOT-linux", &[]),
            ("tool-1.2.3-RC1-linux", &[]),
            ("tool-1.2.3-canary.1", &[]),
            ("tool-1.2.3+build5", &[]),
            ("tool-1.2.3-abc1234", &[]),
            ("tool-1.2.3.post1", &[]),
            ("tool-1.2.3-5-linux", &[]),
            ("tool-1.2.3-arm64", &["1.2.3"]),
            ("tool-20260105-linux", &["20260105"]),
            ("tool_v2026-01-05_linux", &["2026-01-05"]),
            ("tool-x86_64-20260105", &["20260105"]),
            ("tool-20261305", &[]),
            ("tool-12345678", &[]),
            ("tool-202601055", &[]),
            ("tool-1.2.3-20260105", &[]),
            ("tool-1.2.3-nightly.20260105", &["1.2.3-nightly.20260105"]),
        ] {
            let found = spans(name);
            let found = found
                .into_iter()
                .map(|range| &name[range])
                .collect::<Vec<_>>();
            assert_eq!(found, versions, "{name}");
        }
    }

    #[test]
    fn the_version_of_a_release_is_that_of_all_names() {
        let of = |names: &[&str]| Release::of_names(names).map(|release| release.tag);
        assert_eq!(
            of(&["a-1.2.3-macos-11.0", "a-1.2.3-linux"]),
            Some("1.2.3".to_owned())
        );
        assert_eq!(
            of(&["a-v1.2.3-mac", "a-v1.2.3-linux"]),
            Some("v1.2.3".to_owned())
        );
        assert_eq!(of(&["a-1.2.3-mac", "a-1.2.4-linux"]), None);
        assert_eq!(of(&["a-mac"]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn names_may_be_of_several_releases() {
        let several = |names: &[&str]| {
            let several = Release::several(names).into_iter();
            several
                .map(|(version, count)| format!("{version} {count}"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        for (names, expected) in [
            (
                &["a-1.2.3-mac", "a-1.2.4-linux", "a-1.2.4-win"][..],
                "1.2.3 1, 1.2.4 2",
            ),
            (
                &["a-20260105-mac", "a-20260106-mac"],
                "20260105 1, 20260106 1",
            ),
            (&["a-1.2.3-mac", "a-1.2.3-macos-11.0", "a-linux"], ""),
            (&["a-macos-11.0", "a-macos-12.0", "a-ubuntu-24.04"], ""),
            (&["a-mac", "a-linux"], ""),
            (&[], ""),
        ] {
            assert_eq!(several(names), expected, "{names:?}");
        }
        let release = Release::of_tag("v1.2.3").unwrap();
        let names = ["a-1.2.3-mac", "a-1.2.4-mac", "a-linux"];
        assert_eq!(release.is_of(&names), [true, false, true]);
        let release = Release::of_tag("v9.9.9").unwrap();
        assert_eq!(release.is_of(&names), [true, true, true]);
    }

    #[test]
    fn a_tag_is_a_prefix_and_a_version() {
        for (tag, prefix, version) in [
            ("v1.2.3", "v", "1.2.3"),
            ("0.9.0", "", "0.9.0"),
            ("rust-v0.163.0", "rust-v", "0.163.0"),
            ("release/v1.2.3-rc.1", "release/v", "1.2.3-rc.1"),
            ("cli2-v1.2.3", "cli2-v", "1.2.3"),
        ] {
            let release = Release::of_tag(tag).unwrap();
            assert_eq!(
                (release.prefix.as_deref(), &*release.version),
                (Some(prefix), version),
                "{tag}"
            );
        }
        for tag in ["latest", "", "v", "nightly", "-v1.2.3", "v1.2.3\u{1b}"] {
            assert_eq!(Release::of_tag(tag), None, "{tag:?}");
        }
    }
}
