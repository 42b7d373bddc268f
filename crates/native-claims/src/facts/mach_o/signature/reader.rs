use std::io::{self, Read, Seek, SeekFrom};

use super::hash::HashType;

/// The code for one CPU, read at any place. Every place that is asked for has to be in it.
pub(super) struct Reader<'a, F> {
    file: &'a mut F,
    /// Where it lies in the file.
    start: u64,
    len: u64,
    /// What was read last: pages are asked for one after the other.
    window: Vec<u8>,
    /// Where that begins.
    window_at: u64,
}

/// Bytes that are read at once.
const WINDOW: u64 = 256 << 10;

impl<'a, F: Read + Seek> Reader<'a, F> {
    pub(super) fn new(file: &'a mut F, start: u64, len: u64) -> Self {
        Self {
            file,
            start,
            len,
            window: Vec::new(),
            window_at: 0,
        }
    }

    /// Reads some bytes: as many as fit the window.
    pub(super) fn bytes(&mut self, at: u64, len: u64) -> io::Result<&[u8]> {
        let end = at.saturating_add(len);
        let window_end = self.window_at + self.window.len() as u64;
        if at < self.window_at || window_end < end {
            if len > WINDOW || end > self.len {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let size = WINDOW.min(self.len - at);
            self.window
                .resize(usize::try_from(size).unwrap_or_default(), 0);
            self.window_at = at;
            self.file.seek(SeekFrom::Start(self.start + at))?;
            if let Err(error) = self.file.read_exact(&mut self.window) {
                self.window.clear();
                return Err(error);
            }
        }
        let from = usize::try_from(at - self.window_at).unwrap_or_default();
        let len = usize::try_from(len).unwrap_or_default();
        Ok(&self.window[from..from + len])
    }

    /// Reads a few bytes, and leaves the window where it is.
    pub(super) fn few<const N: usize>(&mut self, at: u64) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        if at.saturating_add(N as u64) > self.len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.file.seek(SeekFrom::Start(self.start + at))?;
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads a number.
    pub(super) fn number(&mut self, at: u64) -> io::Result<u32> {
        self.few(at).map(u32::from_be_bytes)
    }

    /// Hashes some bytes, however many.
    pub(super) fn hash(&mut self, hash: HashType, at: u64, len: u64) -> io::Result<Vec<u8>> {
        let mut hasher = hash.hasher();
        let (mut at, end) = (at, at.saturating_add(len));
        while at < end {
            let piece = WINDOW.min(end - at);
            hasher.update(self.bytes(at, piece)?);
            at += piece;
        }
        Ok(hasher.finish(hash))
    }
}
