use std::io::{self, BufRead, ErrorKind, Read};

use lzma_rust2::XzReader as Decoder;

/// Inflates xz (The .xz File Format 1.2.1), streams one after another with the padding that the format
/// allows between them, and nothing beside them.
///
/// Checksums are verified where a block has one. Faults pass through [`Read`] as an [`io::Error`]
/// that holds an [`XzFault`].
pub struct XzReader<R: BufRead> {
    /// `None` once it has failed: what it says after that means nothing.
    decoder: Option<Decoder<Input<R>>>,
}

/// Most memory that a block can claim, in KiB: 128 MiB of dictionary, twice what `xz -9` takes, and what
/// the decoder needs beside it.
const MEMORY_LIMIT_KIB: u32 = (128 << 10) + 1024;

impl<R: BufRead> XzReader<R> {
    /// Reads xz from `input`.
    pub fn new(input: R) -> Self {
        let input = Input {
            inner: input,
            failed: false,
            ended: false,
        };
        Self {
            decoder: Some(Decoder::new_mem_limit(input, true, MEMORY_LIMIT_KIB)),
        }
    }
}

impl<R: BufRead> Read for XzReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let Some(decoder) = &mut self.decoder else {
            return Err(XzFault::Corrupt("it failed before".to_owned()).into());
        };
        match decoder.read(buffer) {
            Ok(count) => Ok(count),
            Err(error) if error.kind() == ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let failed = self.decoder.take().map(Decoder::into_inner);
                Err(fault(error, failed.as_ref()))
            }
        }
    }
}

/// Tells a fault of the stream from one of the file that it is read from.
fn fault<R>(error: io::Error, input: Option<&Input<R>>) -> io::Error {
    match input {
        Some(input) if input.failed => error,
        Some(input) if input.ended || error.kind() == ErrorKind::UnexpectedEof => {
            XzFault::Truncated.into()
        }
        _ if error.kind() == ErrorKind::OutOfMemory => XzFault::Memory.into(),
        _ => XzFault::Corrupt(error.to_string()).into(),
    }
}

/// What is decoded, and how it went to read it.
struct Input<R> {
    inner: R,
    /// The system could not read it.
    failed: bool,
    /// The decoder asked for more than there is.
    ended: bool,
}

impl<R: BufRead> Read for Input<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.inner.read(buffer);
        match &result {
            Ok(0) if !buffer.is_empty() => self.ended = true,
            Err(error) if error.kind() != ErrorKind::Interrupted => self.failed = true,
            _ => {}
        }
        result
    }
}

impl<R: BufRead> std::fmt::Debug for XzReader<R> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("XzReader").finish_non_exhaustive()
    }
}

/// Why bytes are not xz.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XzFault {
    /// The end comes inside of a stream.
    #[error("the xz stream ends early")]
    Truncated,
    /// A block has a larger dictionary than is accepted.
    #[error("the xz stream has a dictionary of more than 128 MiB, the limit")]
    Memory,
    /// What the library says: bad data, a bad checksum, no stream after a stream.
    #[error("the xz stream is corrupt, or has data after its end ({0})")]
    Corrupt(String),
}

impl From<XzFault> for io::Error {
    fn from(fault: XzFault) -> Self {
        Self::new(ErrorKind::InvalidData, fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf content | xz -6 --check=crc64`
    const WHOLE: &[u8] = include_bytes!("xz/content.xz");

    fn decompress(bytes: &[u8]) -> Result<Vec<u8>, XzFault> {
        let mut data = Vec::new();
        match XzReader::new(bytes).read_to_end(&mut data) {
            Ok(_) => Ok(data),
            Err(error) => Err(error.downcast().unwrap()),
        }
    }

    #[test]
    fn streams_are_read_one_after_another() {
        assert_eq!(decompress(WHOLE).unwrap(), b"content");
        let two = [WHOLE, &[0; 4], WHOLE].concat();
        assert_eq!(decompress(&two).unwrap(), b"contentcontent");
    }

    #[test]
    fn a_stream_cut_anywhere_is_refused() {
        for end in 0..WHOLE.len() {
            assert_eq!(
                decompress(&WHOLE[..end]),
                Err(XzFault::Truncated),
                "cut at {end}"
            );
        }
    }

    #[test]
    fn damage_anywhere_is_refused() {
        for at in 0..WHOLE.len() {
            for bit in 0..8 {
                let mut bytes = WHOLE.to_vec();
                bytes[at] ^= 1 << bit;
                assert!(decompress(&bytes).is_err(), "bit {bit} of byte {at}");
            }
        }
        for after in [&b"garbage"[..], &[0; 3], &[0, 0, 0, 0, 1]] {
            let bytes = [WHOLE, after].concat();
            assert!(decompress(&bytes).is_err(), "{after:?}");
        }
    }

    #[test]
    fn a_dictionary_that_is_too_large_is_refused_before_it_is_made() {
        // The block header: its size, flags, LZMA2 with one property, padding, and a CRC.
        let mut bytes = WHOLE.to_vec();
        for (property, fits) in [(30, true), (31, false), (40, false)] {
            bytes[16] = property;
            let crc = crc32fast::hash(&bytes[12..20]).to_le_bytes();
            bytes[20..24].copy_from_slice(&crc);
            let result = decompress(&bytes);
            if fits {
                assert_eq!(result.unwrap(), b"content");
            } else {
                assert_eq!(result, Err(XzFault::Memory), "{property}");
            }
        }
    }

    #[test]
    fn a_failure_of_the_disk_stays_one_and_nothing_is_read_after_it() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("disk on fire"))
            }
        }
        let mut reader = XzReader::new(io::BufReader::new(WHOLE.chain(Broken).take(100)));
        let mut data = Vec::new();
        let error = reader.read_to_end(&mut data).unwrap_err();
        assert_eq!(error.to_string(), "disk on fire");
        assert!(reader.read(&mut [0; 10]).is_err());
    }
}
