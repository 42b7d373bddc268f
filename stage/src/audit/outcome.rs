use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::common;
use super::finding::{Finding, Findings};
use super::kind::SubjectKind;
use super::rule::Rule;
use super::rules;
use crate::contents::{Contents, FileRecord};
use crate::record::Allowed;
use native_claims::{PlatformTag, claims, facts::Facts};
use strict_archive::escaped_sentence;

/// What was found out about one artifact.
#[derive(Clone, Debug)]
pub struct Audit {
    /// The artifact, as the caller knows it.
    pub path: PathBuf,
    /// What it is.
    pub kind: SubjectKind,
    /// Executables, libraries and scripts in it, by path.
    pub objects: Vec<(String, Facts)>,
    /// The tags that ask least of a system and are true of all of these.
    pub platform_tags: Vec<PlatformTag>,
    /// What the rules have against it: errors first.
    pub findings: Vec<Finding>,
    /// What it is compared by.
    pub(super) compared: Compared,
}

/// What the artifacts of a staging directory are compared by.
#[derive(Clone, Debug, Default)]
pub(super) struct Compared {
    /// The files of a crate's directory or of an npm root package; another archive is told by its own
    /// digest.
    pub files: Vec<FileRecord>,
    /// The files of the runtime in it, if it is known where that is.
    pub runtime: Vec<FileRecord>,
    /// Its version.
    pub version: Option<String>,
    /// The packages of the product that it asks for.
    pub siblings: BTreeSet<String>,
}

impl Audit {
    /// Holds contents against the rules that all artifacts have in common.
    pub(super) fn new(
        path: &Path,
        kind: SubjectKind,
        contents: &Contents,
        mut findings: Findings,
    ) -> Self {
        common::check(contents, kind, &mut findings);
        let objects = contents.objects();
        Self {
            path: path.to_owned(),
            kind,
            objects: objects
                .map(|(path, facts)| (path.to_owned(), facts.clone()))
                .collect(),
            platform_tags: claims::allowed(contents.objects(), None).best(),
            findings: findings.finish(),
            compared: Compared::default(),
        }
    }

    /// The files of a crate's directory or of an npm root package; none of another archive.
    #[must_use]
    pub fn files(&self) -> &[FileRecord] {
        &self.compared.files
    }

    /// The files of the runtime that it carries, relative to the runtime; none if it carries no
    /// whole one. A platform crate carries what is in its part crates.
    #[must_use]
    pub fn runtime(&self) -> &[FileRecord] {
        &self.compared.runtime
    }

    /// Whether it must not be published.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }

    /// Whether it could be read: no rule about archives is broken. Of one that was not read nothing
    /// is known, and nothing else is held against it.
    pub(super) fn is_read(&self) -> bool {
        let mut findings = self.findings.iter();
        !findings.any(|finding| rules::archive::ALL.contains(&finding.rule))
    }

    /// One line: what it is, and what is in it.
    #[must_use]
    pub fn heading(&self) -> String {
        let Self { path, kind, .. } = self;
        let path = escaped_sentence(&path.display().to_string());
        let executables = match self.objects.len() {
            0 => String::new(),
            1 => ", 1 executable".to_owned(),
            executables => format!(", {executables} executables"),
        };
        let tags = self.platform_tags.iter().map(ToString::to_string);
        let tags = match tags.collect::<Vec<_>>() {
            tags if tags.is_empty() => String::new(),
            tags => format!(", fit for {}", tags.join(", ")),
        };
        format!("{path}: {kind}{executables}{tags}")
    }

    /// All of it for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let Self {
            path,
            kind,
            objects,
            platform_tags,
            findings,
            compared: _,
        } = self;
        let objects = objects
            .iter()
            .map(|(path, facts)| json!({"path": path, "facts": facts}));
        json!({
            "type": "audit",
            "path": path.display().to_string(),
            "kind": kind,
            "executables": objects.collect::<Vec<_>>(),
            "platform_tags": platform_tags.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "findings": findings.iter().map(Finding::json).collect::<Vec<_>>(),
        })
    }

    /// The findings that were allowed, as a manifest records them.
    pub fn allowed(&self) -> impl Iterator<Item = Allowed> {
        let allowed = self.findings.iter().filter(|finding| finding.allowed);
        allowed.map(|finding| Allowed {
            code: finding.rule.code.to_owned(),
            artifact: self.path.display().to_string(),
            detail: finding.said(),
        })
    }

    /// Adds a finding that came of comparing it with others.
    pub(super) fn add(&mut self, rule: &'static Rule, detail: impl Into<String>) {
        let mut findings = Findings::default();
        findings.add(rule, detail);
        self.extend(findings);
    }

    /// Adds findings that came of comparing it with others.
    pub(super) fn extend(&mut self, findings: Findings) {
        self.findings.extend(findings.finish());
        self.findings
            .sort_by_key(|finding| (finding.rule.severity, finding.rule.code));
    }

    /// Allows the findings that a manifest records as allowed; `path` is that of the artifact in
    /// the staging directory.
    pub(super) fn allow_recorded(&mut self, path: &str, recorded: &[Allowed]) {
        for finding in &mut self.findings {
            finding.allowed |= recorded.iter().any(|allowed| {
                let Allowed {
                    code,
                    artifact,
                    detail,
                } = allowed;
                code == finding.rule.code && artifact == path && *detail == finding.said()
            });
        }
    }

    /// Allows findings by the codes of their rules.
    pub fn allow(&mut self, codes: &[String]) {
        for finding in &mut self.findings {
            finding.allowed |= codes.iter().any(|code| code == finding.rule.code);
        }
    }
}
