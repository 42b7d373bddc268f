//! Size and checksums of a file's content.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;

use fs_err as fs;

use crate::base::digest::Digest;
use crate::base::hashed::Hasher;
use native_claims::facts::{PageHasher, PageHashes};

/// What identifies the bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) size: u64,
    pub(super) sha256: Digest,
    pub(super) crc32: u32,
    /// Of a Mach-O file.
    pub(super) pages: Arc<PageHashes>,
}

/// Takes the measure of bytes as they pass.
#[derive(Clone, Debug, Default)]
pub(super) struct Measure {
    hasher: Hasher,
    crc32: crc32fast::Hasher,
    pages: PageHasher,
}

impl Measure {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.crc32.update(bytes);
        self.pages.update(bytes);
    }

    pub(super) fn finish(self) -> Content {
        let (size, sha256) = self.hasher.finish();
        Content {
            size,
            sha256,
            crc32: self.crc32.finalize(),
            pages: Arc::new(self.pages.finish()),
        }
    }
}

/// How many bytes are read at once.
const BUFFER: usize = 256 << 10;

/// From this size on, it pays to read on a second thread.
const LARGE: u64 = 32 << 20;

/// Measures a file of about this size. If `ahead`, a second thread may read it and take the checksums
/// beside the SHA-256 while this one hashes: one file is most of a runtime, and the other cores would wait for it.
pub(super) fn measure(path: &Path, size: u64, ahead: bool) -> io::Result<Content> {
    let mut file = fs::File::open(path)?;
    if ahead && size >= LARGE {
        return measure_ahead(&mut file);
    }
    let mut measure = Measure::default();
    let mut buffer = vec![0; BUFFER];
    loop {
        match read(&mut file, &mut buffer)? {
            0 => return Ok(measure.finish()),
            length => measure.update(&buffer[..length]),
        }
    }
}

fn measure_ahead(file: &mut fs::File) -> io::Result<Content> {
    // A few buffers go round: empty ones to the reader, full ones back.
    let (give, empty) = sync_channel::<Vec<u8>>(4);
    let (full, filled) = sync_channel::<(Vec<u8>, usize)>(4);
    for _ in 0..4 {
        let _ = give.send(vec![0; BUFFER]);
    }
    let reader = move || -> io::Result<_> {
        let mut crc32 = crc32fast::Hasher::new();
        let mut pages = PageHasher::default();
        while let Ok(mut buffer) = empty.recv() {
            let length = read(file, &mut buffer)?;
            crc32.update(&buffer[..length]);
            pages.update(&buffer[..length]);
            if length == 0 || full.send((buffer, length)).is_err() {
                break;
            }
        }
        Ok((crc32, pages))
    };
    thread::scope(|scope| {
        let reader = scope.spawn(reader);
        let mut hasher = Hasher::default();
        for (buffer, length) in filled {
            hasher.update(&buffer[..length]);
            let _ = give.send(buffer);
        }
        drop(give);
        let (crc32, pages) = reader
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok(Measure {
            hasher,
            crc32,
            pages,
        }
        .finish())
    })
}

fn read(file: &mut fs::File, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_ahead_gives_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        let lengths = [0, 1, BUFFER - 1, BUFFER, BUFFER + 1, 9 * BUFFER + 5];
        for length in lengths {
            let content = (0..=250).cycle().take(length);
            fs::write(&path, content.collect::<Vec<_>>()).unwrap();
            let plain = measure(&path, 0, true).unwrap();
            assert_eq!(plain.size, length as u64);
            assert_eq!(measure(&path, LARGE, true).unwrap(), plain);
            assert_eq!(measure(&path, LARGE, false).unwrap(), plain);
        }
        assert!(measure(directory.path(), LARGE, true).is_err());
        assert!(measure(&directory.path().join("none"), LARGE, true).is_err());
    }
}
