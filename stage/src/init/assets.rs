//! Under which names a release has its archives: patterns with the placeholders of `[release]`.

use std::collections::BTreeSet;

use super::archive::Archive;
use super::proposal::Proposal;
use super::version::Release;
use super::words::is_at_boundary;
use crate::product::{AssetName, Platform, Product};

/// The names of the archives of a release.
#[derive(Debug, Default)]
pub struct Assets {
    /// Patterns for all targets; empty if the defaults do.
    pub patterns: Vec<String>,
    /// Targets whose archives have names of their own, and those.
    pub own: Vec<(&'static str, String)>,
}

impl Assets {
    /// Finds the names. `product` is the product without any: its defaults may do.
    #[must_use]
    pub fn of(proposal: &Proposal<'_>, product: &Product) -> Self {
        let Some(text) = &product.release else {
            return Self::default();
        };
        let unknown = || Release {
            tag: "v0.0.0".to_owned(),
            prefix: Some("v".to_owned()),
            version: "0.0.0".to_owned(),
        };
        let release = proposal
            .release
            .as_ref()
            .map(|(release, _)| release.clone());
        let release = release.unwrap_or_else(unknown);
        let names = proposal
            .archives
            .iter()
            .map(|assigned| &*assigned.archive.name);
        let names = names.collect::<BTreeSet<_>>();
        let archives = proposal.archives.iter().filter_map(|assigned| {
            let platform = product.platform(assigned.target.triple)?;
            Some((assigned, platform))
        });
        let archives = archives.collect::<Vec<_>>();
        let by_default = archives.iter().all(|(assigned, platform)| {
            let names_of = text.assets_of(platform, &release.version, &release.tag);
            let first = names_of.iter().find(|name| names.contains(&***name));
            first == Some(&assigned.archive.name)
        });
        if by_default && proposal.addresses.is_none() {
            return Self::default();
        }
        let mut found = Self::default();
        for (assigned, platform) in archives {
            let archive = assigned.archive;
            match pattern(archive, platform, &release) {
                Pattern::OfAll(pattern) if !found.patterns.contains(&pattern) => {
                    found.patterns.push(pattern);
                }
                Pattern::OfAll(_) => {}
                Pattern::Own(name) => found.own.push((assigned.target.triple, name)),
            }
        }
        found.patterns.sort();
        if found.patterns.is_empty() {
            found.patterns = Self::none(proposal).patterns;
        }
        found
    }

    /// Returns what has to be there if no name is known: addresses need a pattern beside them.
    #[must_use]
    pub fn none(proposal: &Proposal<'_>) -> Self {
        let name = proposal.name.as_ref().map_or("tool", |name| &name.value);
        let pattern = proposal
            .addresses
            .as_ref()
            .map(|_| format!("{name}-{{target}}.tar.gz"));
        Self {
            patterns: pattern.into_iter().collect(),
            own: Vec::new(),
        }
    }
}

/// The name of an archive, as a pattern.
enum Pattern {
    /// It says the target with placeholders.
    OfAll(String),
    /// It says the target in words of its own.
    Own(String),
}

fn pattern(archive: &Archive, platform: &Platform, release: &Release) -> Pattern {
    let own = with_version(&archive.name, release);
    let (os, arch) = (platform.npm.go_os(), platform.npm.go_arch());
    let of_target = replaced(&own, &platform.target, "{target}");
    let of_go = || replaced(&replaced(&own, os, "{os}")?, arch, "{arch}");
    let values = platform.asset_values(&release.version, &release.tag);
    let good = |pattern: &String| {
        let name = pattern.parse::<AssetName>();
        name.is_ok_and(|name| name.of(&values) == archive.name)
    };
    match of_target.or_else(of_go).filter(good) {
        Some(pattern) => Pattern::OfAll(pattern),
        None if good(&own) => Pattern::Own(own),
        None => Pattern::Own(archive.name.clone()),
    }
}

/// Puts placeholders in the place of the tag and the version.
fn with_version(name: &str, release: &Release) -> String {
    let of_tag = || {
        // A tag without a prefix is the version.
        let tag = release
            .tag
            .rsplit('/')
            .next()
            .filter(|tag| *tag != release.version)?;
        replaced(name, tag, "{tag}")
    };
    let of_version = || replaced(name, &release.version, "{version}");
    of_tag()
        .or_else(of_version)
        .unwrap_or_else(|| name.to_owned())
}

/// Replaces the first place where a word stands alone.
fn replaced(text: &str, word: &str, placeholder: &str) -> Option<String> {
    let mut places = text.match_indices(word).map(|(at, _)| at);
    let at = places.find(|at| {
        let before = text[..*at].strip_suffix(['v', 'V']);
        let after_v = word.starts_with(|c: char| c.is_ascii_digit())
            && before.is_some_and(|before| !before.ends_with(char::is_alphanumeric));
        is_at_boundary(text, *at, word) || after_v
    })?;
    Some(format!(
        "{}{placeholder}{}",
        &text[..at],
        &text[at + word.len()..]
    ))
}
