//! DEFLATE in pieces that can be joined.
//!
//! libdeflate is the fastest encoder at its ratio, but it only makes finished streams: the last
//! block has the final-block bit set, and it ends in the middle of a byte. A finished stream
//! becomes a piece of a longer one when that bit is cleared and an empty stored block aligns its
//! end. Only the Huffman codes show where the last block begins and ends, so [`walk`] follows
//! them through the whole stream.
//!
//! Specification: [RFC 1951](https://www.rfc-editor.org/rfc/rfc1951), section 3.2.

mod bits;
mod code;
mod walk;

use libdeflater::{CompressionLvl, Compressor};

use walk::{SLACK, Walker};

/// Ends a DEFLATE stream that consists of pieces: a final block with fixed codes and no content.
pub const STREAM_END: [u8; 2] = [0x03, 0x00];

/// Makes pieces at one compression level.
pub struct Encoder {
    compressor: Compressor,
    walker: Box<Walker>,
    buffer: Vec<u8>,
}

impl Encoder {
    /// Makes an encoder. `level` is one of libdeflate's, 1 to 12; any other becomes its default.
    pub fn new(level: i32) -> Self {
        Self {
            compressor: Compressor::new(CompressionLvl::new(level).unwrap_or_default()),
            walker: Box::default(),
            buffer: Vec::new(),
        }
    }

    /// Compresses `content` into a piece.
    ///
    /// Pieces can be joined in any order; [`STREAM_END`] after the last one completes the stream.
    pub fn piece(&mut self, content: &[u8]) -> Vec<u8> {
        let buffer = &mut self.buffer;
        buffer.resize(
            self.compressor.deflate_compress_bound(content.len()) + SLACK,
            0,
        );
        let length = self
            .compressor
            .deflate_compress(content, buffer)
            .expect("the buffer has the size that libdeflate asks for");
        buffer[length..length + SLACK].fill(0);
        let last = self
            .walker
            .last_block(&buffer[..length + SLACK])
            .expect("libdeflate writes a well-formed stream");
        buffer[last.start / 8] &= !(1 << (last.start % 8));
        // An empty stored block: three zero bits (not final, type 00), zeros up to the byte's end,
        // then LEN = 0 and its complement. What follows the last block's end is zero already.
        let aligned = (last.end + 3).div_ceil(8);
        [&buffer[..aligned], &[0x00, 0x00, 0xff, 0xff]].concat()
    }
}

/// Makes pieces from bytes in memory, always at the same level.
pub struct LiteralEncoder(Encoder);

impl Default for LiteralEncoder {
    fn default() -> Self {
        Self(Encoder::new(6))
    }
}

impl LiteralEncoder {
    /// Compresses `content` into a piece.
    pub fn piece(&mut self, content: &[u8]) -> Vec<u8> {
        self.0.piece(content)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn inflate(stream: &[u8]) -> Vec<u8> {
        let mut content = Vec::new();
        let mut decoder = flate2::read::DeflateDecoder::new(stream);
        decoder.read_to_end(&mut content).unwrap();
        assert_eq!(
            decoder.total_in(),
            stream.len() as u64,
            "nothing follows the final block"
        );
        content
    }

    /// Content with both long matches and noise, so that every kind of block occurs.
    pub(super) fn content(length: usize, noise: u32) -> Vec<u8> {
        let mut state = 1_u32;
        let byte = |index: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if state >> 24 < noise {
                state.to_le_bytes()[2]
            } else {
                u8::try_from(index / 7 % 251).unwrap()
            }
        };
        (0..length).map(byte).collect()
    }

    /// Content whose bytes are as uneven as Fibonacci numbers, so that codes are as long as can be.
    fn uneven_content() -> Vec<u8> {
        let (mut count, mut next) = (1, 1);
        let mut content = Vec::new();
        for byte in 0..24 {
            content.extend(std::iter::repeat_n(byte, count));
            (count, next) = (next, count + next);
        }
        // A step that has no factor in common with the length: every byte once, far from its like.
        let length = content.len();
        (0..length)
            .map(|index| content[index * 46_337 % length])
            .collect()
    }

    #[test]
    fn joined_pieces_inflate_to_the_joined_content() {
        for level in [1, 6, 12] {
            let mut encoder = Encoder::new(level);
            let mut stream = Vec::new();
            let mut expected = Vec::new();
            let lengths = [0, 1, 2, 3, 7, 100, 65_535, 65_536, 300_001, 1 << 20];
            let contents = lengths
                .into_iter()
                .flat_map(|length| [0, 8, 100, 256].map(|noise| content(length, noise)));
            for content in contents.chain([uneven_content()]) {
                let piece = encoder.piece(&content);
                assert_eq!(inflate(&[&piece[..], &STREAM_END].concat()), content);
                stream.extend(piece);
                expected.extend(content);
            }
            stream.extend(STREAM_END);
            assert!(inflate(&stream) == expected);
        }
    }
}
