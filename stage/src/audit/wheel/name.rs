use std::collections::BTreeSet;
use std::str::FromStr as _;

use pep440_rs::Version;

use super::platform_tag;
use crate::audit::finding::Findings;
use crate::audit::rules;

/// The file name of a wheel, in its parts.
///
/// `NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl`, where each of the last three is a compressed
/// set with dots. What is accepted is what pip and uv install by, so the name and the version need
/// not be in their normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileName {
    pub name: String,
    pub version: String,
    pub build: Option<String>,
    pub pythons: Vec<String>,
    pub abis: Vec<String>,
    pub platforms: Vec<String>,
}

impl FileName {
    /// Reads a file name; the error says what is wrong with it.
    pub fn parse(file: &str) -> Result<Self, String> {
        let stem = file
            .strip_suffix(".whl")
            .ok_or_else(|| "it does not end in `.whl`".to_owned())?;
        let parts = stem.split('-').collect::<Vec<_>>();
        let (name, version, build, tags) = match parts[..] {
            [name, version, python, abi, platform] => {
                (name, version, None, [python, abi, platform])
            }
            [name, version, build, python, abi, platform] => {
                (name, version, Some(build), [python, abi, platform])
            }
            _ => {
                return Err(format!(
                    "it has {} parts with `-` between them; a wheel has 5, or 6 with a build number",
                    parts.len()
                ));
            }
        };
        let good = !name.contains("__")
            && name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.ends_with(|c: char| c.is_ascii_alphanumeric())
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._".contains(c));
        if !good {
            return Err(format!("{name:?} is no escaped name of a project"));
        }
        if Version::from_str(&unescaped(version)).is_err() {
            return Err(format!("{version:?} is no version"));
        }
        if let Some(build) = build.filter(|build| !build.starts_with(|c: char| c.is_ascii_digit()))
        {
            return Err(format!(
                "the build number {build:?} does not begin with a digit"
            ));
        }
        let set = |tags: &str| {
            let tags = tags.split('.').map(str::to_owned).collect::<Vec<_>>();
            match tags.iter().find(|tag| !is_tag(tag)) {
                Some(tag) => Err(format!("{tag:?} is no tag")),
                None => Ok(tags),
            }
        };
        let [python, abi, platform] = tags;
        Ok(Self {
            name: name.to_owned(),
            version: version.to_owned(),
            build: build.map(str::to_owned),
            pythons: set(python)?,
            abis: set(abi)?,
            platforms: set(platform)?,
        })
    }

    /// The directory of metadata that the name asks for.
    pub fn dist_info(&self) -> String {
        format!("{}-{}.dist-info", self.name, self.version)
    }

    /// The tags that the three compressed sets stand for.
    pub fn tags(&self) -> BTreeSet<String> {
        let sets = [&self.pythons, &self.abis, &self.platforms];
        expanded(sets.map(|set| set.iter().map(String::as_str).collect()))
    }

    /// Whether the wheel is for every platform.
    pub fn is_for_any(&self) -> bool {
        self.platforms.iter().any(|platform| platform == "any")
    }

    /// Whether a version, in any of its spellings, is that of the file name.
    pub fn is_of_version(&self, version: &Version) -> bool {
        Version::from_str(&unescaped(&self.version)).is_ok_and(|own| own == *version)
    }

    /// Holds the name against the rules.
    pub fn check(&self, findings: &mut Findings) {
        let normal = normal_name(&self.name).replace('-', "_");
        if normal != self.name {
            let detail = format!(
                "it begins with `{}`, and the normal form is `{normal}`",
                self.name
            );
            findings.add(&rules::wheel::NAME_FORM, detail);
        }
        if let Ok(version) = Version::from_str(&unescaped(&self.version)) {
            let normal = version.to_string();
            if normal != unescaped(&self.version) {
                let own = &self.version;
                let detail = format!("its version is `{own}`, and the normal form is `{normal}`");
                findings.add(&rules::wheel::VERSION_FORM, detail);
            }
        }
        for set in [&self.pythons, &self.abis, &self.platforms] {
            let mut seen = BTreeSet::new();
            for tag in set.iter().filter(|tag| !seen.insert(*tag)) {
                findings.add(
                    &rules::wheel::TAG_REPEATED,
                    format!("`{tag}` is there twice"),
                );
            }
        }
        platform_tag::check(&self.platforms, findings);
    }
}

/// A version as it is outside of a file name, where `-` is written `_`.
/// The tags that a compressed one stands for; none if it has no three parts, or it stands for more
/// than any wheel has.
pub(super) fn expand(tag: &str) -> Option<BTreeSet<String>> {
    const MOST: usize = 10_000;
    let parts = tag.split('-').map(|set| set.split('.').collect::<Vec<_>>());
    let sets: [Vec<&str>; 3] = parts.collect::<Vec<_>>().try_into().ok()?;
    let count = sets
        .iter()
        .try_fold(1_usize, |count, set| count.checked_mul(set.len()));
    (count? <= MOST).then(|| expanded(sets))
}

fn expanded([pythons, abis, platforms]: [Vec<&str>; 3]) -> BTreeSet<String> {
    let mut tags = BTreeSet::new();
    for python in pythons {
        for abi in &abis {
            for platform in &platforms {
                tags.insert(format!("{python}-{abi}-{platform}"));
            }
        }
    }
    tags
}

fn unescaped(version: &str) -> String {
    version.replace('_', "-")
}

/// The name of a project in its normal form (PEP 503): small letters, and one `-` for each run of
/// `-`, `_` and `.`.
pub(super) fn normal_name(name: &str) -> String {
    let mut normal = String::new();
    for c in name.chars() {
        if !matches!(c, '-' | '_' | '.') {
            normal.extend(c.to_lowercase());
        } else if !normal.ends_with('-') {
            normal.push('-');
        }
    }
    normal
}

/// Whether a text is a single tag.
fn is_tag(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_has_five_or_six_parts() {
        let name = FileName::parse("a_b-1.0-2x-py2.py3-none-any.whl").unwrap();
        assert_eq!((name.name.as_str(), name.version.as_str()), ("a_b", "1.0"));
        assert_eq!(name.build.as_deref(), Some("2x"));
        assert_eq!(name.dist_info(), "a_b-1.0.dist-info");
        let tags = name.tags();
        assert!(tags.iter().eq(["py2-none-any", "py3-none-any"]));
        assert!(name.is_of_version(&"1".parse().unwrap()));
    }

    #[test]
    fn what_no_installer_takes_is_refused_with_the_reason() {
        for (name, reason) in [
            ("a-1.0-py3-none-any.zip", "`.whl`"),
            ("a-1.0-any.whl", "it has 3 parts"),
            ("a-1.0-1-2-py3-none-any.whl", "it has 7 parts"),
            ("a__b-1.0-py3-none-any.whl", "\"a__b\" is no escaped name"),
            ("_a-1.0-py3-none-any.whl", "\"_a\" is no escaped name"),
            ("ä-1.0-py3-none-any.whl", "\"ä\" is no escaped name"),
            ("-1.0-py3-none-any.whl", "\"\" is no escaped name"),
            ("a-one-py3-none-any.whl", "\"one\" is no version"),
            (
                "a-1.0-x-py3-none-any.whl",
                "\"x\" does not begin with a digit",
            ),
            ("a-1.0-py3.-none-any.whl", "\"\" is no tag"),
            ("a-1.0-py3-None-any.whl", "\"None\" is no tag"),
            ("a-1.0-py3-none-any .whl", "\"any \" is no tag"),
        ] {
            let error = FileName::parse(name).unwrap_err();
            assert!(error.contains(reason), "{name}: {error}");
        }
    }

    #[test]
    fn names_have_one_normal_form() {
        for name in ["A.b-c", "a__b--C", "a_b.c"] {
            assert_eq!(normal_name(name), "a-b-c");
        }
    }
}
