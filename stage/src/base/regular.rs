//! Opens and reads files that somebody else may have put there: regular ones only. A pipe would wait for
//! its writer, and a device may never end.

use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use fs_err::File;

/// Opens a file.
pub fn open(path: &Path) -> io::Result<File> {
    // Asked before it is opened, since that alone may wait for ever.
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        let why = format!("{} is not a regular file", path.display());
        return Err(io::Error::new(ErrorKind::InvalidInput, why));
    }
    File::open(path)
}

/// Reads a file of at most `most` bytes.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open(path)?
        .take(most.saturating_add(1))
        .read_to_end(&mut content)?;
    if content.len() as u64 > most {
        let why = format!("{} has more than {most} bytes, the limit", path.display());
        return Err(io::Error::new(ErrorKind::FileTooLarge, why));
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_the_limit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        fs_err::write(&path, b"1234").unwrap();
        assert_eq!(read(&path, 4).unwrap(), b"1234");
        let error = read(&path, 3).unwrap_err().to_string();
        assert!(
            error.ends_with("x has more than 3 bytes, the limit"),
            "{error}"
        );
        let error = read(dir.path(), 3).unwrap_err().to_string();
        assert!(error.ends_with("is not a regular file"), "{error}");
        assert!(read(&dir.path().join("y"), 3).is_err());
    }
}
