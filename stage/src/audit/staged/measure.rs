use std::io;
use std::path::Path;

use crate::audit::outcome::Audit;
use crate::base::digest::Digest;
use crate::contents::FileRecord;
use crate::record::hash;
use crate::record::{Artifact, ArtifactKind};

/// The size and the digest of what lies where an artifact does.
pub(super) fn measure(
    root: &Path,
    artifact: &Artifact,
    audit: &Audit,
) -> io::Result<(u64, Digest)> {
    match artifact.kind {
        ArtifactKind::Crate => Ok(of_directory(&audit.compared.files)),
        ArtifactKind::Wheel | ArtifactKind::Npm => hash::measure(&root.join(&artifact.path)),
    }
}

/// The size and the digest of a crate's directory, as [`Artifact`] has them.
fn of_directory(files: &[FileRecord]) -> (u64, Digest) {
    let lines = files
        .iter()
        .map(|file| format!("{}  {}\n", file.sha256, file.path));
    let digest = Digest::of(lines.collect::<String>().as_bytes());
    (files.iter().map(|file| file.size).sum(), digest)
}
