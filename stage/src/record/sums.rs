//! `SHA256SUMS`: the digests of a set, for `sha256sum --check` and for an attestation.
//!
//! It lists every file but itself, `release.json` among them: whoever trusts this one file can
//! check all others.

use super::artifact::ListedFile;
use super::files;
use crate::base::digest::Digest;

/// The text for these files and for the release's own: a line `DIGEST  PATH` for each, sorted by
/// path.
///
/// The escapes that `sha256sum` has for a backslash or a line end are never needed, since no name
/// of a set has one.
#[must_use]
pub fn text(files: &[ListedFile], release: &[u8]) -> String {
    let release = (files::RELEASE, Digest::of(release));
    let files = files.iter().map(|file| (&*file.path, file.sha256));
    let mut lines = files.chain([release]).collect::<Vec<_>>();
    lines.sort_unstable();
    let lines = lines
        .iter()
        .map(|(path, sha256)| format!("{sha256}  {path}\n"));
    lines.collect()
}
