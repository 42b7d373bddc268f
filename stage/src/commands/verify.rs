//! `stage verify PATH...`

use std::path::Path;

use anyhow::Context as _;
use serde_json::json;

use crate::audit::{self, Audit, AuditRequest, Finding, Severity, SubjectKind};
use crate::commands::cli::Verify;
use crate::commands::failure::{Advised, Failure};
use crate::commands::report::Report;
use crate::gate::check;
use crate::record::files;
use crate::record::release_json::Release;
use strict_archive::escaped_sentence;

/// What is attempted where it is about no path in particular.
const ATTEMPT: &str = "cannot verify the packages";

pub fn run(arguments: &Verify, report: &Report) -> anyhow::Result<()> {
    if let Some(code) = &arguments.explain {
        return explain(code, report)
            .map_err(Advised::from)
            .context("cannot explain a finding");
    }
    let product = super::common::product(arguments.product.clone())?;
    super::common::check_codes(&arguments.allow)
        .map_err(Advised::from)
        .context(ATTEMPT)?;
    let request = AuditRequest {
        product: &product,
        jobs: super::common::jobs(arguments.jobs),
    };
    let mut audits = Vec::new();
    let mut failure = None;
    for path in &arguments.paths {
        let verified = verify(path, arguments, &request, report, &mut audits)
            .with_context(|| format!("cannot verify {}", path.display()));
        // The others are looked at all the same. The last failure is reported as that of the command.
        if let Err(another) = verified
            && let Some(earlier) = failure.replace(another)
        {
            report.failure(&Failure::of(&earlier));
        }
    }
    if !audits.is_empty() {
        summarize(&audits, report);
    }
    if let Some(failure) = failure {
        return Err(failure);
    }
    match audits.iter().filter(|audit| audit.has_errors()).count() {
        0 => Ok(()),
        bad => Err(Advised::from(audit::AuditError::Bad {
            bad,
            all: audits.len(),
        }))
        .context(ATTEMPT),
    }
}

/// Verifies what is at a path, and adds what was found.
fn verify(
    path: &Path,
    arguments: &Verify,
    request: &AuditRequest,
    report: &Report,
    audits: &mut Vec<Audit>,
) -> Result<(), Advised> {
    let is_release = path.file_name().is_some_and(|name| name == files::RELEASE);
    if is_release {
        let release = check::check(path, request.jobs)?;
        whole(path, &release, report);
        return Ok(());
    }
    for mut audit in audit::verify(path, request)? {
        audit.allow(&arguments.allow);
        report.audit(&audit);
        audits.push(audit);
    }
    Ok(())
}

/// One line of numbers.
fn summarize(audits: &[Audit], report: &Report) {
    let findings = || audits.iter().flat_map(|audit| &audit.findings);
    let count = |counts: &dyn Fn(&Finding) -> bool| {
        let counted = findings().filter(|finding| counts(finding));
        counted.map(|finding| finding.times).sum::<usize>()
    };
    let is_artifact = |audit: &&Audit| audit.kind != SubjectKind::StagingDirectory;
    let artifacts = audits.iter().filter(is_artifact).count();
    let mut text = format!(
        "{}: {}, {}",
        counted(artifacts, "artifact"),
        counted(count(&Finding::is_error), "error"),
        counted(
            count(&|finding| finding.rule.severity == Severity::Warning),
            "warning"
        )
    );
    let allowed = count(&|finding| finding.allowed);
    if allowed > 0 {
        text = format!("{text}, {allowed} allowed");
    }
    report.summary(&text);
}

/// Reports a set in which every file is as it was made.
fn whole(path: &Path, release: &Release, report: &Report) {
    super::common::show_allowed(release, report);
    let (version, files) = (&release.version.semver, release.files().len());
    report.result(
        &format!(
            "{}: {version}, {files} files, all as they were made",
            escaped_sentence(&path.display().to_string())
        ),
        &json!({
            "type": "release",
            "path": path.display().to_string(),
            "version": version,
            "files": files,
        }),
    );
}

fn explain(code: &str, report: &Report) -> Result<(), audit::AuditError> {
    let rule = super::common::rule(code)?;
    report.result(&rule.explanation(), &json!(rule));
    Ok(())
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
