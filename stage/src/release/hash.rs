//! A file on disk, against what a list says of it.

use std::io;
use std::path::Path;

use fs_err::File;

use super::problem::{Fault, Problem};
use crate::digest::Digest;
use crate::package::ListedFile;
use crate::package::hashed::Hashed;

/// What is wrong with a file below `root` that `names` lists, if anything.
pub fn compare(root: &Path, file: &ListedFile, names: &'static str) -> Option<Problem> {
    let fault = match measure(&root.join(&file.path)) {
        Ok(found) if found == (file.size, file.sha256) => return None,
        Ok(_) => Fault::Changed(names),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Fault::Missing,
        Err(error) => Fault::Unreadable(error),
    };
    Some(Problem::new(&*file.path, fault))
}

/// The size and the digest of a file.
pub fn measure(path: &Path) -> io::Result<(u64, Digest)> {
    let mut hashed = Hashed::new(io::sink());
    let mut file = io::BufReader::with_capacity(1 << 17, File::open(path)?);
    io::copy(&mut file, &mut hashed)?;
    hashed.finish()
}
