//! The artifacts of a runtime, made and audited.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use crate::audit::{self, Audit, Severity};
use crate::commands::cli::StageRuntime;
use crate::commands::report::Report;
use crate::package::{self, Input, Made, Task};
use crate::record::names::crates::platform_crate;
use crate::record::{Allowed, Artifact, ArtifactKind};

/// What was found out about an artifact.
pub(super) type Audited = Result<Audit, audit::AuditError>;

/// Makes the artifacts, and checks each against the rules of `stage verify`.
pub(super) fn make(
    input: &Input,
    tasks: &[Task],
    jobs: NonZeroUsize,
) -> Result<Vec<(Made, Audited)>, package::PackageError> {
    let request = audit::AuditRequest {
        product: input.product,
        jobs: NonZeroUsize::MIN,
    };
    // One at a time: an audit has records of its own of each file.
    let auditing = Mutex::new(());
    package::write(input, tasks, jobs, |artifact, contents| {
        let _alone = auditing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut audit = audit::audit_written(artifact, contents, input.out, &request)?;
        if artifact.kind == ArtifactKind::Crate && is_platform_crate(input, artifact) {
            let found = audit::libraries_by_path(input.contents);
            audit.findings.extend(found);
        }
        Ok(audit)
    })
}

/// Whether an artifact is the crate that stands for the runtime: its parts hold bytes only.
fn is_platform_crate(input: &Input, artifact: &Artifact) -> bool {
    let name = platform_crate(input.product, input.platform);
    artifact.path.rsplit('/').next() == Some(&*name)
}

/// What the rules of `stage verify` have against what was made. Errors that are not allowed end the
/// command; whatever else was found is shown. Returns what was allowed.
pub(super) fn allowed(
    audits: Vec<Audited>,
    arguments: &StageRuntime,
    report: &Report,
) -> Result<Vec<Allowed>, audit::AuditError> {
    let mut allowed = Vec::new();
    let mut errors = Vec::new();
    for audit in audits {
        let mut audit = audit?;
        audit.allow(&arguments.allow);
        allowed.extend(audit.allowed());
        for finding in &audit.findings {
            let text = format!("{}: {}", audit.path.display(), finding.text());
            if finding.is_error() {
                errors.push(text);
            } else if finding.rule.severity != Severity::Note {
                report.warning(&text);
            }
        }
    }
    if errors.is_empty() {
        Ok(allowed)
    } else {
        Err(audit::AuditError::Findings(errors))
    }
}
