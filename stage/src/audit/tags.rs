//! The platform tags of a package against what its executables need.

use std::collections::BTreeSet;

use super::elf;
use super::error::AuditError;
use super::finding::Findings;
use super::rule::Rule;
use crate::audit::rules;
use crate::contents::Contents;
use crate::product::Platform;
use native_claims::claims;
use native_claims::claims::{Claims, Note, Reason};
use native_claims::facts::{Facts, IsaLevel, Stack};
use native_claims::{System, WheelTags};
use strict_archive::escaped_sentence;

/// Holds every executable and library against every tag. Which machines the files of the product's
/// runtime are for is held against its platform elsewhere; `runtime` is its directory.
pub(super) fn check<'a>(
    tags: impl IntoIterator<Item = &'a str>,
    runtime: Option<&str>,
    contents: &Contents,
    findings: &mut Findings,
) {
    let claims = claims::allowed(contents.objects(), None);
    let is_of_runtime = |path: &str| runtime.is_some_and(|runtime| path.starts_with(runtime));
    let tags = tags.into_iter().flat_map(claims::single);
    // `universal2` may be there beside the two that it stands for.
    let tags = tags.collect::<BTreeSet<_>>();
    let mut said = BTreeSet::new();
    let mut add = |rule: &'static Rule, path: &str, detail: String| {
        if said.insert((path.to_owned(), detail.clone())) {
            findings.add_at(rule, path, detail);
        }
    };
    for tag in &tags {
        let verdict = claims.check(tag);
        for (path, reason) in &verdict.reasons {
            let detail = match reason {
                Reason::Foreign { .. } if is_of_runtime(path) => continue,
                // These are so whatever the tag is, and found in every package.
                Reason::Loader(fault) if !claims::is_other_abi(fault) => continue,
                Reason::Load(_) => continue,
                Reason::Foreign { .. } => format!("{reason}, and the package for {tag}"),
                _ => reason.to_string(),
            };
            add(rule(reason), path, detail);
        }
        for (path, note) in &verdict.notes {
            let rule = match note {
                Note::Foreign { .. } if is_of_runtime(path) => continue,
                Note::Foreign { .. } => &rules::claims::OTHER_SYSTEM,
                Note::Backported { .. } => &rules::claims::BACKPORTED,
                Note::Relocations { .. } => &rules::claims::RELOCATIONS_MUSL,
                Note::Update { .. } => &rules::claims::MACOS_UPDATE,
            };
            add(rule, path, note.to_string());
        }
    }
    for (path, library) in claims.missing() {
        // For the other systems it is a reason against the tag.
        if contents
            .get(path)
            .is_some_and(|file| matches!(file.facts(), Some(Facts::Pe(_))))
        {
            let detail = format!("it needs {library}");
            add(&rules::claims::WINDOWS_LIBRARY, path, detail);
        }
    }
    for (path, directory) in claims.foreign_search_paths() {
        let detail = format!("it looks for libraries in {directory:?}");
        add(&rules::claims::SEARCH_PATH, path, detail);
    }
    for (path, facts) in contents.objects() {
        let Facts::Elf(elf) = facts else { continue };
        if elf.stack == Stack::Executable {
            let detail = "it asks for an executable stack".to_owned();
            add(&rules::claims::EXECUTABLE_STACK, path, detail);
        }
        let level = match elf.isa_level {
            None | Some(IsaLevel::Baseline) => None,
            Some(IsaLevel::V2) => Some("x86-64-v2"),
            Some(IsaLevel::V3) => Some("x86-64-v3"),
            Some(IsaLevel::V4) => Some("x86-64-v4"),
        };
        if let Some(level) = level {
            add(
                &rules::claims::ISA_LEVEL,
                path,
                format!("it says that it needs {level}"),
            );
        }
    }
}

/// What stands against the tags of wheels that were asked for, as [`check`] says it.
pub fn refused(wheels: &[WheelTags], bundle: &Contents, allow: &[String]) -> Vec<String> {
    let mut findings = Findings::default();
    let tags = wheels.iter().flat_map(WheelTags::iter);
    let tags = tags.map(ToString::to_string).collect::<Vec<_>>();
    check(tags.iter().map(String::as_str), None, bundle, &mut findings);
    elf::check(bundle, &mut findings);
    let findings = findings.finish().into_iter();
    let errors = findings.filter(|finding| {
        finding.is_error() && !allow.iter().any(|code| code == finding.rule.code)
    });
    errors.map(|finding| finding.text()).collect()
}

/// The wheels that a runtime can be packaged in.
#[derive(Debug)]
pub struct Choice {
    /// A wheel for each.
    pub wheels: Vec<WheelTags>,
    /// Listed tags that its executables do not allow.
    pub dropped: Vec<Dropped>,
}

/// A wheel that is not made.
#[derive(Debug)]
pub struct Dropped {
    /// Which one, and why.
    pub text: String,
    /// Who misses it, and what can be done.
    pub help: String,
}

/// What stands against the wheel for a tag.
pub(super) struct Refusal {
    pub(super) wheel: WheelTags,
    pub(super) text: String,
    /// How many reasons there are.
    pub(super) count: usize,
    /// The codes of the rules.
    codes: BTreeSet<&'static str>,
}

impl Refusal {
    /// Returns what stands against a wheel; `None` if its tags are true, or if the caller lets stand
    /// what is not.
    pub(super) fn of(wheel: &WheelTags, claims: &Claims<'_>, allow: &[String]) -> Option<Self> {
        let reasons = wheel.iter().flat_map(|tag| claims.check(tag).reasons);
        let stands =
            |(_, reason): &(String, Reason)| !allow.iter().any(|code| code == rule(reason).code);
        let reasons = reasons.filter(stands).collect::<Vec<_>>();
        let [(path, reason), more @ ..] = &reasons[..] else {
            return None;
        };
        Some(Self {
            wheel: wheel.clone(),
            count: reasons.len(),
            text: format!(
                "no wheel for {wheel}: {}: {reason}{}",
                escaped_sentence(path),
                match more.len() {
                    0 => String::new(),
                    more => format!(" (and {more} more reasons)"),
                }
            ),
            codes: reasons
                .iter()
                .map(|(_, reason)| rule(reason).code)
                .collect(),
        })
    }

    /// Says who misses the wheel where these are made.
    pub(super) fn explain(self, wheels: &[WheelTags]) -> Dropped {
        let Self {
            wheel, text, codes, ..
        } = self;
        let tag = wheel.first();
        let made = wheels.iter().find(|made| made.first().same_kind(tag));
        let help = if let Some(made) = made {
            format!("a wheel for {made} is made instead; pip and uv find none on older systems")
        } else {
            let systems = match tag.system() {
                System::Musllinux { .. } => "systems with musl, such as Alpine Linux,",
                System::Manylinux { .. } => "Linux systems with glibc",
                System::Macos { .. } => "macOS",
                System::Ios { .. } => "iOS",
                System::Android { .. } => "Android",
                System::Linux => "Linux",
                System::Windows => "Windows",
            };
            let codes = codes.into_iter().collect::<Vec<_>>().join(" --allow ");
            format!(
                "pip and uv on {systems} will find no wheel of this release; take another build \
                 of what is named, or use --allow {codes} if the program is of use there without it"
            )
        };
        Dropped { text, help }
    }
}

/// Chooses among the tags that a platform lists those that the executables of a bundle allow, or
/// that the caller lets stand by the codes of the rules.
pub fn choose(
    platform: &Platform,
    bundle: &Contents,
    entrypoint: &str,
    allow: &[String],
) -> Result<Choice, AuditError> {
    let claims = claims::allowed(bundle.objects(), Some(entrypoint));
    let mut refusals = Vec::new();
    let mut true_ones = |tags: &[WheelTags]| {
        let mut wheels = Vec::new();
        for wheel in tags {
            match Refusal::of(wheel, &claims, allow) {
                None => wheels.push(wheel.clone()),
                Some(refusal) => refusals.push(refusal),
            }
        }
        wheels
    };
    let mut wheels = true_ones(&platform.wheel.tags);
    if wheels.is_empty() {
        for wheel in true_ones(&platform.wheel.fallback_tags) {
            // Of one kind the first that is true will do: it asks least of a system.
            let same = |kept: &WheelTags| kept.first().same_kind(wheel.first());
            if !wheels.iter().any(same) {
                wheels.push(wheel);
            }
        }
    }
    if wheels.is_empty() {
        return Err(AuditError::NoTag {
            target: platform.target.to_string(),
            dropped: refusals.into_iter().map(|refusal| refusal.text).collect(),
            best: claims.best().iter().map(ToString::to_string).collect(),
        });
    }
    let dropped = refusals.into_iter();
    let dropped = dropped.map(|refusal| refusal.explain(&wheels)).collect();
    Ok(Choice { wheels, dropped })
}

fn rule(reason: &Reason) -> &'static Rule {
    match reason {
        Reason::Version { newer: false, .. } => &rules::claims::VERSION_NEVER,
        Reason::Version { .. } => &rules::claims::VERSION,
        Reason::Symbols { .. } => &rules::claims::SYMBOL,
        Reason::Library { .. } => &rules::claims::LIBRARY,
        Reason::Libc { .. } => &rules::claims::LIBC,
        Reason::Loader(_) => &rules::claims::LOADER,
        Reason::Load(_) => &rules::claims::REFUSED,
        Reason::Alignment { .. } => &rules::claims::ALIGNMENT,
        Reason::Relocations { .. } => &rules::claims::RELOCATIONS,
        Reason::System { .. } => &rules::claims::MACOS,
        Reason::Android { .. } => &rules::claims::ANDROID,
        Reason::Foreign { .. } => &rules::claims::FOREIGN,
    }
}
