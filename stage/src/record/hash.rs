//! A file on disk, against what a list says of it.

use std::io::{self, Read as _};
use std::path::Path;

use fs_err::File;

use super::artifact::ListedFile;
use super::problem::{Problem, SetFault};
use crate::base::digest::Digest;
use crate::base::hashed::Hashed;

/// What is wrong with a file below `root` that `names` lists, if anything.
pub fn compare(root: &Path, file: &ListedFile, names: &'static str) -> Option<Problem> {
    let fault = match measure(&root.join(&file.path)) {
        Ok(found) if found == (file.size, file.sha256) => return None,
        Ok(_) => SetFault::Changed(names),
        Err(error) if error.kind() == io::ErrorKind::NotFound => SetFault::Missing,
        Err(error) => SetFault::Unreadable(error),
    };
    Some(Problem::new(&*file.path, fault))
}

/// The content of a file that has at most so many bytes.
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

/// Opens a file. To open a pipe would wait for whoever writes to it, and a device may never end.
fn open(path: &Path) -> io::Result<File> {
    if !fs_err::metadata(path)?.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a file",
        ));
    }
    File::open(path)
}

/// The size and the digest of a file.
pub fn measure(path: &Path) -> io::Result<(u64, Digest)> {
    let mut hashed = Hashed::new(io::sink());
    let mut file = io::BufReader::with_capacity(1 << 17, open(path)?);
    io::copy(&mut file, &mut hashed)?;
    hashed.finish()
}
