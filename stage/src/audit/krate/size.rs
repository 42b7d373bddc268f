//! How large a crate's directory becomes when it is packed.

use std::io::{self, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use fs_err as fs;

use crate::contents::Contents;

/// Bytes of a tar header, and what the content of a file is padded to.
const BLOCK: u64 = 512;

/// Bytes of the `.crate` file that Cargo would make of a directory.
///
/// The first guess is that nothing compresses. Where that is far from the limit it is good enough:
/// only a crate that may be too large is compressed, file by file as Cargo does it.
pub(super) fn of_package(root: &Path, contents: &Contents, limit: u64) -> io::Result<u64> {
    let files = || contents.iter().map(|(_, file)| file.size);
    let largest = files().fold(2 * BLOCK, |sum, size| {
        let blocks = size.div_ceil(BLOCK).saturating_mul(BLOCK);
        sum.saturating_add(BLOCK).saturating_add(blocks)
    });
    if largest < limit / 10 * 9 {
        return Ok(largest);
    }
    let mut packed = GzEncoder::new(Counted(0), Compression::best());
    for (path, file) in contents.iter() {
        // The header compresses to some fifty bytes; its digits do not compress at all.
        packed.write_all(path.as_bytes())?;
        packed.write_all(file.sha256.as_bytes())?;
        io::copy(&mut fs::File::open(root.join(path))?, &mut packed)?;
    }
    Ok(packed.finish()?.0)
}

/// Counts what is written.
struct Counted(u64);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;
    use crate::contents::read_directory;
    use strict_archive::Limits;

    #[test]
    fn what_compresses_is_compressed_where_it_matters() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("text"), b"the same ".repeat(100_000)).unwrap();
        let limits = Limits {
            entries: 10,
            unpacked_bytes: 1 << 30,
        };
        let contents = read_directory(directory.path(), limits, NonZeroUsize::MIN).unwrap();
        let size = |limit| of_package(directory.path(), &contents, limit).unwrap();
        assert!(size(1_000_000) < 10_000);
        assert!(size(10 << 20) > 900_000);
    }
}
