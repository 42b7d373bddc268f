//! What lies in a staging directory: each artifact, and whether they fit together.

use std::path::Path;

use fs_err as fs;

use super::{Audit, Error, Request, subject};
use crate::package;
use crate::release::manifest;

/// Whether a directory is one that artifacts are staged in.
pub(super) fn is_staging_directory(path: &Path) -> bool {
    path.join(manifest::DIRECTORY).is_dir()
}

/// Audits every artifact.
pub(super) fn audit(path: &Path, request: &Request) -> Result<Vec<Audit>, Error> {
    let mut audits = Vec::new();
    for kind in package::Kind::ALL {
        let directory = path.join(kind.directory());
        if !directory.exists() {
            continue;
        }
        let entries = fs::read_dir(directory)?;
        let mut paths = entries
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<Vec<_>, std::io::Error>>()?;
        paths.sort();
        for path in paths {
            audits.extend(subject::audit(&path, request)?);
        }
    }
    Ok(audits)
}
