//! Compares a file on disk with its entry in a list.

use std::io::{self, Read as _};
use std::path::Path;

use fs_err::File;

use super::artifact::ListedFile;
use super::problem::{Problem, SetFault};
use crate::base::digest::Digest;
use crate::base::files::below;
use crate::base::hashed::Hashed;

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

/// Reads a file. Fails if it has more than `most` bytes.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open(path)?
        .take(most.saturating_add(1))
        .read_to_end(&mut content)?;
    if content.len() as u64 > most {
        let why = format!("it has more than {most} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
    }
    Ok(content)
}

/// Opens a regular file and nothing else: opening a pipe would wait for its writer, and a device may
/// never end.
fn open(path: &Path) -> io::Result<File> {
    if !fs_err::metadata(path)?.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a file",
        ));
    }
    File::open(path)
}

/// Returns the size and the digest of a file.
pub fn measure(path: &Path) -> io::Result<(u64, Digest)> {
    let mut hashed = Hashed::new(io::sink());
    let mut file = io::BufReader::with_capacity(1 << 17, open(path)?);
    io::copy(&mut file, &mut hashed)?;
    hashed.finish()
}
