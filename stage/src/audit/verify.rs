use std::path::Path;

use super::error::AuditError;
use super::outcome::Audit;
use super::request::AuditRequest;
use super::{staged, subject};

/// Audits what is at `path`: one artifact, or all artifacts of a staging directory.
pub fn verify(path: &Path, request: &AuditRequest) -> Result<Vec<Audit>, AuditError> {
    if staged::is_staging_directory(path) {
        staged::audit(path, request)
    } else {
        Ok(vec![subject::audit_artifact(path, request)?])
    }
}
