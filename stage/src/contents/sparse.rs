//! The parts of a file that its facts are read from, and none of the rest.

use std::error::Error;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

/// The first bytes of a file and some near its end.
pub(super) struct Sparse {
    head: Vec<u8>,
    /// Where the other part lies.
    tail_at: Range<u64>,
    tail: Vec<u8>,
    /// Bytes of the file so far.
    len: u64,
    /// Where the next byte is read.
    at: u64,
}

/// What is read was not kept.
#[derive(Debug, thiserror::Error)]
#[error("this part of the file was not kept")]
pub(super) struct NotKept;

impl NotKept {
    /// Whether this is why reading failed.
    pub(super) fn is_cause(error: &io::Error) -> bool {
        let cause = error.get_ref();
        cause.is_some_and(<dyn Error + Send + Sync>::is::<Self>)
    }
}

impl Sparse {
    /// Makes a file of its first bytes. Of what is written later, it keeps what `tail_at` names.
    pub(super) fn new(head: Vec<u8>, tail_at: Range<u64>) -> Self {
        let len = head.len() as u64;
        Self {
            head,
            tail_at: tail_at.start.max(len)..tail_at.end,
            len,
            tail: Vec::new(),
            at: 0,
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) {
        let begin = self.len;
        self.len += bytes.len() as u64;
        let Range { start, end } = self.tail_at;
        let within = |at: u64| usize::try_from(at.clamp(begin, self.len) - begin);
        if let (Ok(start), Ok(end)) = (within(start), within(end)) {
            self.tail
                .extend_from_slice(bytes.get(start..end).unwrap_or_default());
        }
    }

    /// What is kept from a byte on.
    fn kept(&self, at: u64) -> Option<&[u8]> {
        let from = |part: &'_ [u8], begin: u64| -> Option<Range<usize>> {
            let at = usize::try_from(at.checked_sub(begin)?).ok()?;
            (at < part.len()).then_some(at..part.len())
        };
        match from(&self.head, 0) {
            Some(range) => self.head.get(range),
            None => self.tail.get(from(&self.tail, self.tail_at.start)?),
        }
    }
}

impl Read for Sparse {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.len || buffer.is_empty() {
            return Ok(0);
        }
        let kept = self
            .kept(self.at)
            .ok_or_else(|| io::Error::other(NotKept))?;
        let count = kept.len().min(buffer.len());
        buffer[..count].copy_from_slice(&kept[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_read_and_the_rest_is_known_to_be_missing() {
        let file = (0..=255).collect::<Vec<u8>>();
        for piece in [1, 7, 100, 240] {
            let mut sparse = Sparse::new(file[..16].to_vec(), 200..250);
            let mut joined = Sparse::new(file[..16].to_vec(), 10..250);
            for bytes in file[16..].chunks(piece) {
                sparse.write(bytes);
                joined.write(bytes);
            }
            let mut all = Vec::new();
            assert!(NotKept::is_cause(
                &joined.read_to_end(&mut all).unwrap_err()
            ));
            assert_eq!(all, file[..250]);
            assert_eq!(sparse.seek(SeekFrom::End(0)).unwrap(), 256);
            assert_eq!(sparse.read(&mut [0; 4]).unwrap(), 0);
            let mut read = |at: u64, len: usize| {
                let mut bytes = vec![0; len];
                sparse.seek(SeekFrom::Start(at))?;
                sparse.read_exact(&mut bytes).map(|()| bytes)
            };
            for (at, len) in [(0, 16), (5, 3), (200, 50), (249, 1)] {
                let at_end = usize::try_from(at).unwrap() + len;
                assert_eq!(read(at, len).unwrap(), file[at_end - len..at_end]);
            }
            for (at, len) in [(0, 17), (16, 1), (199, 2), (249, 2), (250, 1)] {
                assert!(NotKept::is_cause(&read(at, len).unwrap_err()), "{at}");
            }
        }
    }
}
