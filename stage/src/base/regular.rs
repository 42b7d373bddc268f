//! Reads small files that somebody else may have put there: regular ones only, and no more than a limit
//! of bytes. A FIFO would wait for ever, and a device may never end.

use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

/// Reads a file of at most `most` bytes.
pub fn read_regular(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let shown = || path.display();
    let unfit = |reason: String| io::Error::new(ErrorKind::InvalidData, reason);
    // Asked before it is opened: that alone may wait for ever.
    let special = std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
    if special {
        return Err(unfit(format!("{} is not a regular file", shown())));
    }
    let file = fs_err::File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(unfit(format!("{} is not a regular file", shown())));
    }
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(unfit(format!(
            "{} has more than {most} bytes, the limit",
            shown()
        )));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_the_limit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        fs_err::write(&path, b"1234").unwrap();
        assert_eq!(read_regular(&path, 4).unwrap(), b"1234");
        let error = read_regular(&path, 3).unwrap_err().to_string();
        assert!(
            error.ends_with("x has more than 3 bytes, the limit"),
            "{error}"
        );
        let error = read_regular(dir.path(), 3).unwrap_err().to_string();
        assert!(error.ends_with("is not a regular file"), "{error}");
        assert!(read_regular(&dir.path().join("y"), 3).is_err());
    }
}
