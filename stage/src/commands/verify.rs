//! `stage verify PATH...`

use serde_json::json;

use crate::audit::{self, Audit, Kind, Request, Severity, rules};
use crate::cli::Verify;
use crate::failure::{Attempt as _, Failure};
use crate::report::Report;

pub fn run(arguments: &Verify, report: &Report) -> Result<(), Failure> {
    if let Some(code) = &arguments.explain {
        return explain(code, report).attempting(|| "cannot explain a finding".to_owned());
    }
    let product = super::product(arguments.product.clone())?;
    let attempt = || "cannot verify the packages".to_owned();
    super::check_codes(&arguments.allow).attempting(attempt)?;
    let request = Request {
        product: &product,
        jobs: super::jobs(arguments.jobs),
    };
    let mut audits = Vec::new();
    for path in &arguments.paths {
        let attempt = || format!("cannot verify {}", path.display());
        for mut audit in audit::verify(path, &request).attempting(attempt)? {
            audit.allow(&arguments.allow);
            report.audit(&audit);
            audits.push(audit);
        }
    }
    let count = |severity| {
        let findings = audits.iter().flat_map(|audit| &audit.findings);
        findings
            .filter(|finding| finding.rule.severity == severity)
            .count()
    };
    let is_artifact = |audit: &&Audit| audit.kind != Kind::StagingDirectory;
    let artifacts = audits.iter().filter(is_artifact);
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    report.summary(&format!(
        "{}: {}, {}",
        counted(artifacts.count(), "artifact"),
        counted(errors, "error"),
        counted(warnings, "warning")
    ));
    let errors = audits.iter().flat_map(|audit| {
        let errors = audit.findings.iter().filter(|finding| finding.is_error());
        errors.map(|finding| format!("{}: {}", audit.path.display(), finding.text()))
    });
    match errors.collect::<Vec<_>>() {
        errors if errors.is_empty() => Ok(()),
        errors => Err(audit::Error::Findings(errors)).attempting(attempt),
    }
}

fn explain(code: &str, report: &Report) -> Result<(), audit::Error> {
    let rule = rules::find(code)?;
    report.result(&rule.explanation(), &json!(rule));
    Ok(())
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
