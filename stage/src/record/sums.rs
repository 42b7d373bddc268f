//! `SHA256SUMS`: the digests of a set, for `sha256sum --check` and for an attestation.
//!
//! It lists every file but itself, `release.json` included: whoever trusts this one file can check
//! all others.

use super::artifact::ListedFile;
use super::files;
use crate::base::digest::Digest;

/// Returns the text for these files and for `release.json`: a line `DIGEST  PATH` for each, sorted
/// by path.
///
/// It needs none of the escapes that `sha256sum` has for a backslash or a line end: no name of a
/// set contains one.
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
