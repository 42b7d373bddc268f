//! Reads a release tag, a bare version or a Python version.

use super::error::Error;
use super::numbers::Numbers;
use super::phase::{Stage, date};
use super::release::ReleaseVersion;

impl ReleaseVersion {
    /// Reads a release tag, a bare version or a canonical Python version.
    ///
    /// `prefixes` are what a release tag may have before the version (`rust-v`, `v`), as the
    /// product lists them. What has one of them is a tag, and stays as it is; what has none gets the
    /// first one. A prefix that the first one ends with is a short form of it. An empty prefix says that
    /// tags may have none.
    pub fn parse(text: &str, prefixes: &[String]) -> Result<Self, Error> {
        let refuse = |reason: String| Error {
            // An argument can be of any length; an error that repeats it should not be.
            text: text.chars().take(80).collect(),
            reason: reason.chars().take(200).collect(),
            prefixes: prefixes.to_vec(),
        };
        if text.is_empty() {
            return Err(refuse("it is empty".to_owned()));
        }
        if let Some(foreign) = text.chars().find(|c| !c.is_ascii_graphic()) {
            return Err(refuse(format!("it contains {foreign:?}")));
        }
        let matching = prefixes.iter().map(String::as_str);
        let matching = matching.filter(|prefix| text.starts_with(prefix));
        let prefix = matching.max_by_key(|prefix| prefix.len());
        let version = &text[prefix.unwrap_or_default().len()..];
        let python = of_python(version);
        let is_python = python.is_some();
        let read = python.map_or_else(|| of_upstream(version), Ok);
        let (numbers, stage) = read.map_err(refuse)?;
        let canonical = Self {
            numbers,
            stage,
            revision: None,
            spelling: None,
            prefix: None,
        };
        let first = prefixes.first().map(String::as_str).unwrap_or_default();
        // A Python version that is not a tag says nothing about the tag.
        let keeps = version != canonical.upstream() && (prefix.is_some() || !is_python);
        let is_short = |prefix: &str| !prefix.is_empty() && first.ends_with(prefix);
        let own = prefix.filter(|prefix| *prefix != first && !is_short(prefix));
        Ok(Self {
            spelling: keeps.then(|| version.to_owned()),
            prefix: own.map(str::to_owned),
            ..canonical
        })
    }
}

/// Reads a version as upstream spells it, in a tag or a file: two to four numbers and
/// `-WORD[.NUMBER[.HOTFIX]]`, or a date.
fn of_upstream(text: &str) -> Result<(Numbers, Stage), String> {
    if text.is_empty() {
        return Err("nothing follows the prefix".to_owned());
    }
    if text.contains('+') {
        return Err("build metadata (`+…`) is not allowed in a release".to_owned());
    }
    if let Some(numbers) = date_alone(text)? {
        return Ok((Numbers::new(&numbers)?, Stage::Final));
    }
    let (numbers, stage) = match text.split_once('-') {
        Some((numbers, stage)) => (numbers, Some(stage)),
        None => (text, None),
    };
    if !numbers.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("it does not begin with a number, or with a prefix of this product".to_owned());
    }
    if let Some((released, _)) = numbers.split_once(".post")
        && Numbers::parse(released, true).is_ok()
    {
        return Err("a repaired package of the same release is a `--revision`".to_owned());
    }
    let numbers = Numbers::parse(numbers, true)?;
    let stage = stage.map(Stage::parse).transpose()?;
    Ok((numbers, stage.unwrap_or(Stage::Final)))
}

/// Reads a date that is not written with dots: `2026-01-05` or `20260105`. `None` if the text does not
/// look like one.
fn date_alone(text: &str) -> Result<Option<[u64; 3]>, String> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let read = match text.split('-').collect::<Vec<_>>()[..] {
        [year, month, day] if (year.len(), month.len(), day.len()) == (4, 2, 2) => {
            date(year, month, day)
        }
        [whole] if whole.len() == 8 && digits => date(&whole[..4], &whole[4..6], &whole[6..]),
        _ => return Ok(None),
    };
    read.map(Some)
        .ok_or_else(|| format!("{text} is not a date"))
}

/// Reads the canonical PEP 440 form of a pre-release; `None` if the text is anything else.
///
/// Final releases read the same in both spellings and are left to [`of_upstream`], which can say what
/// is wrong with them.
fn of_python(text: &str) -> Option<(Numbers, Stage)> {
    let end = text.find(|c: char| c.is_ascii_alphabetic())?;
    // The dot of `.dev1` is not one between numbers.
    let end = end - usize::from(text[..end].ends_with('.'));
    let (numbers, stage) = text.split_at(end);
    let stage = Stage::of_python(stage)?;
    Some((Numbers::parse(numbers, false).ok()?, stage))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::failure::Advice as _;

    fn parse(text: &str) -> Result<ReleaseVersion, Error> {
        ReleaseVersion::parse(text, &["rust-v".to_owned(), "v".to_owned()])
    }

    #[test]
    fn every_spelling_means_the_same_release() {
        for (version, python) in [
            ("0.116.0", "0.116.0"),
            ("0.116.0-alpha.1", "0.116.0a1"),
            ("0.116.0-beta.20", "0.116.0b20"),
            ("1.2.3-rc.0", "1.2.3rc0"),
            ("1.2.3-dev.7", "1.2.3.dev7"),
            ("0.154.0-alpha.1.2", "0.154.0a1.post2"),
            ("18446744073709551615.0.0", "18446744073709551615.0.0"),
        ] {
            let expected = parse(version).unwrap();
            assert_eq!(expected.to_string(), version);
            assert_eq!(expected.python(), python);
            assert_eq!(expected.tag("rust-v"), format!("rust-v{version}"));
            assert!(expected.is_ordinary());
            for spelling in [
                format!("rust-v{version}"),
                format!("v{version}"),
                python.to_owned(),
            ] {
                assert_eq!(parse(&spelling).unwrap(), expected, "{spelling}");
            }
        }
    }

    #[test]
    fn a_tag_of_any_project_has_one_version_in_each_ecosystem() {
        for (tag, semver, python) in [
            // Two and four numbers, and calendars.
            ("v1.2", "1.2.0", "1.2"),
            ("v24.04", "24.4.0", "24.4"),
            ("v2026.01.05", "2026.1.5", "2026.1.5"),
            ("v2026-01-05", "2026.1.5", "2026.1.5"),
            ("v20260105", "2026.1.5", "2026.1.5"),
            ("v1.2.3.4", "1.2.300004", "1.2.3.4"),
            ("v2024.01.08.00", "2024.1.800000", "2024.1.8.0"),
            ("v1.2-rc.1", "1.2.0-rc.1", "1.2rc1"),
            ("v1.2.3.4-beta.1", "1.2.300004-beta.1", "1.2.3.4b1"),
            // Spellings of a pre-release.
            ("v1.2.3-alpha", "1.2.3-alpha.0", "1.2.3a0"),
            ("v1.2.3-beta1", "1.2.3-beta.1", "1.2.3b1"),
            ("v1.2.3-rc-1", "1.2.3-rc.1", "1.2.3rc1"),
            ("v1.2.3-rc10.2", "1.2.3-rc.10.2", "1.2.3rc10.post2"),
            ("v1.22rc1", "1.22.0-rc.1", "1.22rc1"),
            ("v1.2.3-dev", "1.2.3-dev.0", "1.2.3.dev0"),
            (
                "v1.2.3-dev20260105",
                "1.2.3-dev.20260105",
                "1.2.3.dev20260105",
            ),
            // Nightlies.
            (
                "v1.2.3-nightly.20260105",
                "1.2.3-nightly.20260105",
                "1.2.3.dev20260105",
            ),
            (
                "v1.2.3-nightly.2026.1.5",
                "1.2.3-nightly.20260105",
                "1.2.3.dev20260105",
            ),
            (
                "v1.2.3-nightly-20260105",
                "1.2.3-nightly.20260105",
                "1.2.3.dev20260105",
            ),
            (
                "v1.2.3-nightly-2026-01-05",
                "1.2.3-nightly.20260105",
                "1.2.3.dev20260105",
            ),
            (
                "v1.2.3-nightly20280229",
                "1.2.3-nightly.20280229",
                "1.2.3.dev20280229",
            ),
        ] {
            let version = ReleaseVersion::parse(tag, &["v".to_owned()]).unwrap();
            assert_eq!(version.to_string(), semver, "{tag}");
            assert_eq!(version.python(), python, "{tag}");
            assert_eq!(version.tag("v"), tag);
            assert_eq!(version.upstream(), tag[1..]);
            // Both are what their ecosystems call canonical.
            let canonical = semver::Version::parse(semver).unwrap();
            assert_eq!(canonical.to_string(), semver);
            let canonical = python.parse::<pep440_rs::Version>().unwrap();
            assert_eq!(canonical.to_string(), python);
        }
    }

    #[test]
    fn the_tag_is_kept_and_a_bare_version_gets_the_first_prefix() {
        for (prefixes, text, tag) in [
            (&["rust-v", "v"][..], "v1.2.3", "rust-v1.2.3"),
            (&["rust-v", "v"], "1.2.3", "rust-v1.2.3"),
            (&["rust-v", "v"], "v1.2.3a1", "rust-v1.2.3a1"),
            (&["rust-v", "v"], "1.2.3a1", "rust-v1.2.3-alpha.1"),
            (&["rust-v", "v"], "1.2.3-alpha1", "rust-v1.2.3-alpha1"),
            (&["", "v"], "v1.2.3", "v1.2.3"),
            (&["", "v"], "1.2.3", "1.2.3"),
            (&["", "v"], "1.2.3rc1", "1.2.3rc1"),
            (&["v", ""], "1.2.3rc1", "1.2.3rc1"),
            (&["v", ""], "1.2.3", "1.2.3"),
            (&["v", ""], "v1.2.3", "v1.2.3"),
            (&["v"], "1.2.3rc1", "v1.2.3-rc.1"),
            (&["v"], "1.2.3-rc1", "v1.2.3-rc1"),
            (&["release/", "v"], "v2026.01.05", "v2026.01.05"),
            (&["cli-", "cli-v"], "cli-v1.2", "cli-v1.2"),
            (&[], "1.2.3", "1.2.3"),
        ] {
            let prefixes = prefixes.iter().map(ToString::to_string).collect::<Vec<_>>();
            let version = ReleaseVersion::parse(text, &prefixes).unwrap();
            let first = prefixes.first().map(String::as_str).unwrap_or_default();
            assert_eq!(version.tag(first), tag, "{text} of {prefixes:?}");
        }
    }

    #[test]
    fn what_is_not_a_version_is_refused_with_the_reason() {
        for (text, reason) in [
            ("", "it is empty"),
            ("rust-v", "nothing follows the prefix"),
            ("v", "nothing follows the prefix"),
            ("latest", "does not begin with a number, or with a prefix"),
            (
                "release-1.2.3",
                "does not begin with a number, or with a prefix",
            ),
            ("1", "it has one number"),
            ("1.2.3.4.5", "it has 5 numbers"),
            ("1.2.3.100000", "the largest one is 99999"),
            ("01.2.3", "01 has a leading zero"),
            ("1.2.003", "003 has a leading zero"),
            ("1.2.3-alpha.01", "\"01\" after `-alpha` is not a number"),
            ("1.2.3+build", "build metadata"),
            ("1.2.3-", "what follows the first `-` is not -alpha"),
            ("1.2.3-1", "what follows the first `-` is not -alpha"),
            ("1.2.3-alpha.", "\"\" after `-alpha` is not a number"),
            ("1.2.3-alpha.x", "\"x\" after `-alpha` is not a number"),
            ("1.2.3-alpha_1", "\"_1\" after `-alpha` is not a number"),
            (
                "1.2.3-alpha.1.2.3",
                "more than a number and a hotfix number",
            ),
            ("1.2.3-alpha.18446744073709551616", "is not a number"),
            ("1.2.3-dev.1.2", "PEP 440 has no hotfix of a dev release"),
            (
                "1.2.3-preview.1",
                "`-preview` is not -alpha, -beta, -rc, -dev or -nightly",
            ),
            ("1.2.3-preview.1", "PEP 440 reads it as rc"),
            ("1.2.3-pre1", "PEP 440 reads it as rc"),
            ("1.2.3-canary.4", "PEP 440 has no form for it"),
            ("1.2.3-Alpha.1", "capitals count"),
            ("1.2.3-SNAPSHOT", "capitals count"),
            ("1.2.3-a1", "a tag has the whole word"),
            ("1.2.3-post1", "is a `--revision`"),
            ("1.2.3.post1", "is a `--revision`"),
            ("1.2.3-nightly", "`-nightly` needs a date"),
            ("1.2.3-nightly.5", "`-nightly` needs a date"),
            ("1.2.3-nightly.20260230", "`-nightly` needs a date"),
            ("1.2.3-nightly.20260105.1", "`-nightly` needs a date"),
            ("1.2.3-nightly.20260105.99d1a9a", "`-nightly` needs a date"),
            ("1.2.3-nightly.2026.13.1", "`-nightly` needs a date"),
            ("2026-01-32", "2026-01-32 is not a date"),
            ("20260132", "20260132 is not a date"),
            ("2026010", "it has one number"),
            ("2026-1-5", "it has one number"),
            (
                "18446744073709551616.0.0",
                "18446744073709551616 is too large",
            ),
            ("１.2.3", "it contains '１'"),
            ("1.2.3\n", "it contains '\\n'"),
            (" 1.2.3", "it contains ' '"),
            ("0.116.0a01", "\"0a01\" is not a number"),
            ("0.116.0A1", "\"0A1\" is not a number"),
            ("0.116.0alpha1", "\"0alpha1\" is not a number"),
            ("0.116.0a1.post", "\"0a1\" is not a number"),
            ("0.116.0a1.dev3", "\"0a1\" is not a number"),
            ("0.116.0.a1", "\"a1\" is not a number"),
            ("02.1.0a1", "02 has a leading zero"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.to_string().contains(reason), "{text:?}: {error}");
            assert!(error.help().contains("0.116.0a1.post2"));
        }
    }
}
