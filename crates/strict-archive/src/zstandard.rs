use std::io::{self, BufRead, Read};

use zstd::stream::raw::{Decoder, InBuffer, Operation as _, OutBuffer};

/// Inflates zstd (RFC 8878), frames one after another, and nothing beside them.
///
/// Checksums are verified where a frame has one. Faults pass through [`Read`] as an [`io::Error`]
/// that holds a [`ZstdFault`].
pub struct ZstdReader<R> {
    input: R,
    decoder: Decoder<'static>,
    /// Whether the last byte taken was the last of a frame.
    between_frames: bool,
}

/// Largest window that is accepted, as a power of two: 128 MiB, what the `zstd` command accepts
/// unasked. It bounds the memory that a frame can claim.
const WINDOW_LOG_MAX: u32 = 27;

impl<R: BufRead> ZstdReader<R> {
    /// Reads zstd from `input`.
    pub fn new(input: R) -> io::Result<Self> {
        let mut decoder = Decoder::new()?;
        decoder.set_parameter(zstd::zstd_safe::DParameter::WindowLogMax(WINDOW_LOG_MAX))?;
        Ok(Self {
            input,
            decoder,
            between_frames: true,
        })
    }
}

impl<R: BufRead> Read for ZstdReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let input = self.input.fill_buf()?;
            let at_end = input.is_empty();
            if at_end && self.between_frames {
                return Ok(0);
            }
            let mut source = InBuffer::around(input);
            let mut target = OutBuffer::around(&mut *buffer);
            let hint = self
                .decoder
                .run(&mut source, &mut target)
                .map_err(|error| ZstdFault::Corrupt(error.to_string()))?;
            let (taken, given) = (source.pos(), target.pos());
            self.input.consume(taken);
            // The library says 0 when a frame is complete and all of it has been handed out.
            self.between_frames = hint == 0;
            if given > 0 {
                return Ok(given);
            }
            if at_end && !self.between_frames {
                return Err(ZstdFault::Truncated.into());
            }
        }
    }
}

impl<R> std::fmt::Debug for ZstdReader<R> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ZstdReader").finish_non_exhaustive()
    }
}

/// Why bytes are not zstd.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZstdFault {
    /// The end comes inside of a frame.
    #[error("the zstd stream ends early")]
    Truncated,
    /// What the library says: bad data, a bad checksum, no frame after a frame, too large a window.
    #[error("the zstd stream is corrupt, or has data after its end ({0})")]
    Corrupt(String),
}

impl From<ZstdFault> for io::Error {
    fn from(fault: ZstdFault) -> Self {
        Self::new(io::ErrorKind::InvalidData, fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compress(data: &[u8]) -> Vec<u8> {
        let mut writer = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
        writer.include_checksum(true).unwrap();
        io::copy(&mut &data[..], &mut writer).unwrap();
        writer.finish().unwrap()
    }

    fn decompress(bytes: &[u8]) -> Result<Vec<u8>, ZstdFault> {
        let mut data = Vec::new();
        match ZstdReader::new(bytes).unwrap().read_to_end(&mut data) {
            Ok(_) => Ok(data),
            Err(error) => Err(error.downcast().unwrap()),
        }
    }

    #[test]
    fn frames_are_read_one_after_another() {
        let data: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        let skippable = b"\x50\x2a\x4d\x18\x03\0\0\0abc".to_vec();
        let frames = [skippable, compress(&data), compress(b""), compress(b"end")].concat();
        assert_eq!(decompress(&frames).unwrap(), [&data[..], b"end"].concat());
    }

    #[test]
    fn a_stream_cut_anywhere_is_refused() {
        let whole = compress(&b"some content, ".repeat(50));
        for end in 1..whole.len() {
            assert_eq!(
                decompress(&whole[..end]),
                Err(ZstdFault::Truncated),
                "cut at {end}"
            );
        }
    }

    #[test]
    fn damage_is_refused() {
        let whole = compress(b"content");
        let mut bad_checksum = whole.clone();
        *bad_checksum.last_mut().unwrap() ^= 1;
        let garbage = [&whole[..], b"garbage"].concat();
        // A frame header whose window is 2³¹ bytes.
        let large_window = b"\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00".to_vec();
        for bytes in [bad_checksum, garbage, large_window] {
            assert!(matches!(decompress(&bytes), Err(ZstdFault::Corrupt(_))));
        }
    }
}
