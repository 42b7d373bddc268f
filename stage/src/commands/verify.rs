//! `stage verify PATH...`

use serde_json::json;

use crate::audit::{self, Request, Severity, rules};
use crate::cli::Verify;
use crate::failure::{Advice, Attempt as _, Failure};
use crate::report::Report;

pub fn run(arguments: &Verify, report: &Report) -> Result<(), Failure> {
    if let Some(code) = &arguments.explain {
        return explain(code, report).attempting(|| "cannot explain a finding".to_owned());
    }
    let product = super::product(arguments.product.clone())?;
    let attempt = || "cannot verify the packages".to_owned();
    for code in &arguments.allow {
        known(code).attempting(attempt)?;
    }
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
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    report.summary(&format!(
        "{}: {}, {}",
        counted(audits.len(), "artifact"),
        counted(errors, "error"),
        counted(warnings, "warning")
    ));
    let bad = audits.iter().filter(|audit| audit.has_errors());
    match bad.count() {
        0 => Ok(()),
        bad => Err(Error::Findings {
            bad,
            all: audits.len(),
        })
        .attempting(|| "the packages must not be published".to_owned()),
    }
}

fn explain(code: &str, report: &Report) -> Result<(), Error> {
    let rule = known(code)?;
    report.result(&rule.explanation(), &json!(rule));
    Ok(())
}

/// The rule with this code.
fn known(code: &str) -> Result<&'static audit::Rule, Error> {
    rules::find(code).ok_or_else(|| Error::UnknownCode(code.to_owned()))
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// Why `verify` fails.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("{bad} of {all} artifacts have errors")]
    Findings { bad: usize, all: usize },
    #[error("no finding has the code {0:?}")]
    UnknownCode(String),
}

impl Advice for Error {
    fn help(&self) -> String {
        match self {
            Self::Findings { .. } => "`stage verify --explain CODE` says what to do about a \
                finding; --allow CODE lets it stand"
                .to_owned(),
            Self::UnknownCode(_) => {
                let codes = rules::all().map(|rule| rule.code).collect::<Vec<_>>();
                format!("the codes are {}", codes.join(", "))
            }
        }
    }

    fn wrong_call(&self) -> bool {
        matches!(self, Self::UnknownCode(_))
    }
}
