//! Compares a file on disk with its entry in a list.

use std::io;
use std::path::Path;

use super::artifact::ListedFile;
use super::problem::{Problem, SetFault};
use crate::base::digest::Digest;
use crate::base::files::below;
use crate::base::hashed::Hashed;
use crate::base::regular;

/// Compares a file below `root` with the entry that `names` has for it, and returns the problem if
/// they differ.
pub fn compare(root: &Path, file: &ListedFile, names: &'static str) -> Option<Problem> {
    let fault = match measure(&below(root, &file.path)) {
        Ok(found) if found == (file.size, file.sha256) => return None,
        Ok(_) => SetFault::Changed(names),
        Err(error) if error.kind() == io::ErrorKind::NotFound => SetFault::Missing,
        Err(error) => SetFault::Unreadable(error),
    };
    Some(Problem::new(&*file.path, fault))
}

/// Returns the size and the digest of a file.
pub fn measure(path: &Path) -> io::Result<(u64, Digest)> {
    let mut hashed = Hashed::new(io::sink());
    let mut file = io::BufReader::with_capacity(1 << 17, regular::open(path)?);
    io::copy(&mut file, &mut hashed)?;
    hashed.finish()
}
