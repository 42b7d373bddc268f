//! What the bytes of a package say, against what the package claims.
//!
//! An artifact is read once ([`crate::contents`]): names, modes, digests, what each executable says of
//! itself ([`native_claims::facts`]) and the text of its metadata. Rules then look at that, and what they have
//! against it are findings. Nothing of an artifact is executed or unpacked, so this works for
//! every platform on any of them.
//!
//! There is a file for each kind of artifact, with its rules: `wheel`, `npm`, `krate`,
//! `runtime`; `staged` is what the artifacts of a staging directory have to be together.
//! What a rule is called and what is said about it is in the tables of [`rules`].
//!
//! Decided against: a score; rules that can be configured (a finding can be allowed by name, and
//! then everybody sees that it was); repairing anything.

mod archive;
mod common;
mod finding;
mod krate;
mod limits;
mod npm;
mod of_kind;
mod rule;
pub mod rules;
mod runtime;
mod sbom;
mod staged;
mod subject;
pub mod tags;
mod wheel;
mod zipped;

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Value, json};

use crate::base::failure::Advice;
use crate::base::files::io_help;
use crate::contents::Contents;
use crate::contents::FileRecord;
use crate::product::Product;
use crate::record::Artifact;
use crate::record::{self, Allowed};
use native_claims::PlatformTag;
use native_claims::claims;
use native_claims::facts::Facts;
use strict_archive::{escaped_sentence, zip};

pub use finding::{Finding, Findings};
use krate::Payload;
pub use rule::{Rule, Severity};

/// What an audit needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Names, limits and platforms of the product that is released here. Packages of others are
    /// held against general rules only.
    pub product: &'a Product,
    /// Threads that read.
    pub jobs: NonZeroUsize,
}

impl Request<'_> {
    fn limits(&self) -> strict_archive::Limits {
        let limits = &self.product.bundle.limits;
        strict_archive::Limits {
            entries: limits.entries,
            unpacked_bytes: limits.unpacked_bytes,
        }
    }
}

/// What was found out about one artifact.
#[derive(Clone, Debug)]
pub struct Audit {
    /// The artifact, as the caller knows it.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
    /// Executables, libraries and scripts in it, by path.
    pub objects: Vec<(String, Facts)>,
    /// The tags that ask least of a system and are true of all of these.
    pub platform_tags: Vec<PlatformTag>,
    /// What the rules have against it: errors first.
    pub findings: Vec<Finding>,
    /// What others are told of it.
    said: Said,
}

/// What the artifacts of a staging directory are compared by.
#[derive(Clone, Debug, Default)]
struct Said {
    /// The files of a crate's directory or of an npm root package; another archive is told by its own
    /// digest.
    files: Vec<FileRecord>,
    /// The files of the runtime in it, if it is known where that is.
    runtime: Vec<FileRecord>,
    /// Its version.
    version: Option<String>,
    /// The packages of the product that it asks for.
    siblings: BTreeSet<String>,
}

/// What an artifact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A Python wheel.
    Wheel,
    /// The tarball of an npm package.
    Npm,
    /// A Rust crate: its directory or a `.crate` file.
    Crate,
    /// A runtime as upstream publishes it, with metadata of its own at the root.
    Runtime,
    /// A staging directory; its artifacts have audits of their own.
    StagingDirectory,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wheel => "wheel",
            Self::Npm => "npm package",
            Self::Crate => "crate",
            Self::Runtime => "runtime",
            Self::StagingDirectory => "staging directory",
        })
    }
}

/// Something that cannot be audited, whatever is in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is nothing that is published.
    #[error("{} is {what}", path.display())]
    Unknown {
        /// What was to be audited.
        path: PathBuf,
        /// What it is.
        what: String,
    },
    /// Some of several artifacts must not be published; what they have was said.
    #[error("{bad} of {all} must not be published")]
    Bad {
        /// How many.
        bad: usize,
        /// Of how many.
        all: usize,
    },
    /// Findings stand in the way.
    #[error("it would not work for those who install it")]
    Findings(Vec<String>),
    /// No wheel can be made.
    #[error("the executables allow none of the tags that are listed for {target}")]
    NoTag {
        /// The target.
        target: String,
        /// Why, tag by tag.
        dropped: Vec<String>,
        /// Tags that they allow.
        best: Vec<String>,
    },
    /// There is no such rule.
    #[error("no finding has the code {0:?}")]
    UnknownCode(String),
}

impl Advice for Error {
    fn help(&self) -> String {
        match self {
            Self::Io(error) => io_help(error),
            Self::Unknown { .. } => "give a wheel, an npm tarball, a crate (its directory or a \
                .crate file), an archive of a runtime, or a staging directory"
                .to_owned(),
            Self::Findings(_) | Self::Bad { .. } => {
                "`stage verify --explain CODE` says what to do about a finding; \
                --allow CODE lets it stand, for everybody to see"
                    .to_owned()
            }
            Self::NoTag { best, .. } if best.is_empty() => "stage the runtime without a wheel, \
                with --format"
                .to_owned(),
            Self::NoTag { target, best, .. } => format!(
                "they allow {}: name it with --platform-tag, or list it in platforms/{target}.toml",
                best.join(", ")
            ),
            Self::UnknownCode(_) => {
                let codes = rules::all().map(|rule| rule.code).collect::<Vec<_>>();
                format!("the codes are {}", codes.join(", "))
            }
        }
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::Findings(findings) => findings.clone(),
            Self::NoTag { dropped, .. } => dropped.clone(),
            Self::Io(_) | Self::Unknown { .. } | Self::Bad { .. } | Self::UnknownCode(_) => {
                Vec::new()
            }
        }
    }

    fn wrong_call(&self) -> bool {
        matches!(self, Self::UnknownCode(_))
    }
}

/// Audits what is at `path`: one artifact, or all artifacts of a staging directory.
pub fn verify(path: &Path, request: &Request) -> Result<Vec<Audit>, Error> {
    subject::audit(path, request)
}

/// Audits one artifact of a staging directory, whose kind is known. It is read once.
pub fn audit_artifact(
    kind: record::ArtifactKind,
    path: &Path,
    request: &Request,
) -> Result<Audit, Error> {
    of_kind::audit(kind, path, request)
}

/// Audits an artifact that was just written below `out`: the same rules, and of its content what is
/// known of it already.
pub fn audit_written(
    artifact: &Artifact,
    contents: &Contents,
    out: &Path,
    request: &Request,
) -> Result<Audit, Error> {
    let path = Path::new(&artifact.path);
    let mut audit = match artifact.kind {
        record::ArtifactKind::Wheel => {
            let archive =
                zip::Archive::open(&out.join(path), request.limits()).map_err(io::Error::other)?;
            wheel::audit(path, &archive, contents, request)
        }
        record::ArtifactKind::Npm => npm::audit(path, artifact.size, contents, request),
        record::ArtifactKind::Crate => {
            let disk = out.join(path);
            krate::audit_directory(path, &disk, contents, Payload::AsWritten, request)?
        }
    };
    // Nobody compares it with what it was made of.
    audit.said = Said::default();
    Ok(audit)
}

impl Audit {
    /// Holds contents against the rules that all artifacts have in common.
    fn new(path: &Path, kind: Kind, contents: &Contents, mut findings: Findings) -> Self {
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
            said: Said::default(),
        }
    }

    /// The files of a crate's directory or of an npm root package; none of another archive.
    #[must_use]
    pub fn files(&self) -> &[FileRecord] {
        &self.said.files
    }

    /// The files of the runtime that it carries, relative to the runtime; none if it carries no
    /// whole one. A platform crate carries what is in its part crates.
    #[must_use]
    pub fn runtime(&self) -> &[FileRecord] {
        &self.said.runtime
    }

    /// Whether it must not be published.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
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
            said: _,
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
    fn add(&mut self, rule: &'static Rule, detail: impl Into<String>) {
        let mut findings = Findings::default();
        findings.add(rule, detail);
        self.extend(findings);
    }

    /// Adds findings that came of comparing it with others.
    fn extend(&mut self, findings: Findings) {
        self.findings.extend(findings.finish());
        self.findings
            .sort_by_key(|finding| (finding.rule.severity, finding.rule.code));
    }

    /// Allows the findings that a manifest records as allowed; `path` is that of the artifact in
    /// the staging directory.
    fn allow_recorded(&mut self, path: &str, recorded: &[Allowed]) {
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
