//! DEFLATE in pieces that can be joined.
//!
//! libdeflate is the fastest encoder at its ratio, but it only makes finished streams: the last
//! block has the final-block bit set, and it ends in the middle of a byte. A finished stream
//! becomes a piece of a longer one when that bit is cleared and an empty stored block aligns its
//! end. Where the last block begins and ends only the Huffman codes can tell, so [`walk`] follows
//! them through the whole stream; without producing output that is several times faster than
//! inflating.
//!
//! Specification: [RFC 1951](https://www.rfc-editor.org/rfc/rfc1951), section 3.2.

use libdeflater::{CompressionLvl, Compressor};

/// Ends a DEFLATE stream that consists of pieces: a final block with fixed codes and no content.
pub const STREAM_END: [u8; 2] = [0x03, 0x00];

/// Makes pieces at one level.
pub struct Encoder {
    compressor: Compressor,
    codes: Codes,
    buffer: Vec<u8>,
}

impl Encoder {
    /// An encoder; `level` is one of libdeflate's, 1 to 12. Others become its default.
    pub fn new(level: i32) -> Self {
        Self {
            compressor: Compressor::new(CompressionLvl::new(level).unwrap_or_default()),
            codes: Codes::default(),
            buffer: Vec::new(),
        }
    }

    /// Compresses `content`.
    ///
    /// Pieces can be put one behind the other in any order; [`STREAM_END`] makes them a stream.
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
        let last = walk(&buffer[..length + SLACK], length, &mut self.codes)
            .expect("libdeflate writes a well-formed stream");
        buffer[last.start / 8] &= !(1 << (last.start % 8));
        // An empty stored block: three zero bits (not final, type 00), zeros up to the byte's end,
        // then LEN = 0 and its complement. What follows the last block's end is zero already.
        let aligned = (last.end + 3).div_ceil(8);
        [&buffer[..aligned], &[0x00, 0x00, 0xff, 0xff]].concat()
    }
}

/// Makes pieces of what is in memory anyway, always at the same level.
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

/// Zero bytes behind a stream, so that the walk can always load eight bytes.
const SLACK: usize = 16;

/// The last block of a stream, in bits from its beginning.
#[derive(Debug, PartialEq, Eq)]
struct LastBlock {
    start: usize,
    end: usize,
}

/// Finds the last block of the stream in the first `length` bytes of `bytes`; [`SLACK`] more follow.
///
/// `None` if the stream is malformed.
fn walk(bytes: &[u8], length: usize, codes: &mut Codes) -> Option<LastBlock> {
    let mut bits = Bits {
        bytes,
        position: 0,
        end: length * 8,
    };
    loop {
        let start = bits.position;
        let header = bits.take(3)?;
        match header >> 1 {
            0 => {
                bits.position = bits.position.next_multiple_of(8);
                let stored = bits.take(16)?;
                if stored ^ bits.take(16)? != 0xffff {
                    return None;
                }
                bits.position += usize::try_from(stored).ok()? * 8;
            }
            1 => {
                codes.fixed()?;
                codes.skip_block(&mut bits)?;
            }
            2 => {
                codes.dynamic(&mut bits)?;
                codes.skip_block(&mut bits)?;
            }
            _ => return None,
        }
        if bits.position > bits.end {
            return None;
        }
        if header & 1 == 1 {
            return Some(LastBlock {
                start,
                end: bits.position,
            });
        }
    }
}

/// Reads bits, the lowest of a byte first.
struct Bits<'a> {
    bytes: &'a [u8],
    position: usize,
    end: usize,
}

impl Bits<'_> {
    /// At least 56 bits from the position on.
    #[inline]
    fn peek(&self) -> Option<u64> {
        let at = self.position / 8;
        let bytes = self.bytes.get(at..at + 8)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?) >> (self.position % 8))
    }

    /// The next `count` bits, at most 16.
    fn take(&mut self, count: usize) -> Option<u64> {
        let value = self.peek()? & ((1 << count) - 1);
        self.position += count;
        (self.position <= self.end).then_some(value)
    }
}

/// The two codes of a block.
#[derive(Default)]
struct Codes {
    /// Literals, lengths and the end of the block.
    literals: Code,
    distances: Code,
}

/// Order in which the lengths of the code length code stand (RFC 1951, section 3.2.7).
const CODE_LENGTH_ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

impl Codes {
    /// The codes of a block of type 1.
    fn fixed(&mut self) -> Option<()> {
        let mut lengths = [8; 288];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        self.literals.build(&lengths, literal_entry)?;
        self.distances.build(&[5; 30], distance_entry)
    }

    /// Reads the codes of a block of type 2.
    fn dynamic(&mut self, bits: &mut Bits) -> Option<()> {
        let literals = usize::try_from(bits.take(5)?).ok()? + 257;
        let distances = usize::try_from(bits.take(5)?).ok()? + 1;
        let code_lengths = usize::try_from(bits.take(4)?).ok()? + 4;
        let mut lengths = [0; 19];
        for index in &CODE_LENGTH_ORDER[..code_lengths] {
            lengths[*index] = u8::try_from(bits.take(3)?).ok()?;
        }
        // The distance table is free until the lengths are known.
        self.distances.build(&lengths, |symbol, length| {
            Entry::new(Kind::Plain, length, symbol)
        })?;
        let mut lengths = [0; 286 + 32];
        let mut filled = 0;
        while filled < literals + distances {
            let entry = self.distances.entry(bits.peek()?)?;
            bits.position += entry.bits();
            let (length, repeat) = match entry.symbol() {
                16 => (*lengths[..filled].last()?, 3 + bits.take(2)?),
                17 => (0, 3 + bits.take(3)?),
                18 => (0, 11 + bits.take(7)?),
                length => (u8::try_from(length).ok()?, 1),
            };
            let end = filled + usize::try_from(repeat).ok()?;
            lengths.get_mut(filled..end)?.fill(length);
            filled = end;
        }
        self.literals.build(&lengths[..literals], literal_entry)?;
        self.distances
            .build(lengths.get(literals..filled)?, distance_entry)
    }

    /// Moves past the symbols of a block, its end included.
    fn skip_block(&self, bits: &mut Bits) -> Option<()> {
        loop {
            // A literal takes at most 15 bits and a match 48, so that three literals, or the rest
            // of a match, are always within what one look delivers.
            let mut window = bits.peek()?;
            let mut used = 0;
            for _ in 0..3 {
                let entry = self.literals.entry(window)?;
                window >>= entry.bits();
                used += entry.bits();
                if entry.kind() != Kind::Literal {
                    bits.position += used;
                    if entry.kind() == Kind::EndOfBlock {
                        return Some(());
                    }
                    bits.position += self.distances.entry(bits.peek()?)?.bits();
                    used = 0;
                    break;
                }
            }
            bits.position += used;
            if bits.position > bits.end {
                return None;
            }
        }
    }
}

/// A Huffman code as a table: the next `width` bits index the entry of the symbol they begin with.
#[derive(Default)]
struct Code {
    table: Vec<Entry>,
    mask: u64,
}

/// One symbol in a table: what it is, and how many bits it takes with all that belongs to it.
#[derive(Clone, Copy, Default)]
struct Entry(u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Invalid,
    Literal,
    EndOfBlock,
    /// A length or distance; its extra bits are counted in the entry's bits.
    Plain,
}

impl Entry {
    fn new(kind: Kind, bits: u8, symbol: u16) -> Self {
        Self(u32::from(bits) | ((kind as u32) << 8) | (u32::from(symbol) << 16))
    }

    #[inline]
    fn bits(self) -> usize {
        (self.0 & 0xff) as usize
    }

    #[inline]
    fn kind(self) -> Kind {
        match self.0 >> 8 & 0xff {
            1 => Kind::Literal,
            2 => Kind::EndOfBlock,
            3 => Kind::Plain,
            _ => Kind::Invalid,
        }
    }

    fn symbol(self) -> u32 {
        self.0 >> 16
    }
}

/// The entry of a symbol of the literal and length code.
fn literal_entry(symbol: u16, length: u8) -> Entry {
    const EXTRA: [u8; 29] = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ];
    match symbol {
        0..256 => Entry::new(Kind::Literal, length, symbol),
        256 => Entry::new(Kind::EndOfBlock, length, symbol),
        _ => EXTRA
            .get(usize::from(symbol - 257))
            .map_or(Entry::default(), |extra| {
                Entry::new(Kind::Plain, length + extra, symbol)
            }),
    }
}

/// The entry of a symbol of the distance code.
fn distance_entry(symbol: u16, length: u8) -> Entry {
    // Symbols 0 to 3 have no extra bits, then every two have one more.
    match u8::try_from(symbol) {
        Ok(symbol) if symbol < 30 => Entry::new(
            Kind::Plain,
            length + (symbol / 2).saturating_sub(1),
            symbol.into(),
        ),
        _ => Entry::default(),
    }
}

impl Code {
    #[inline]
    fn entry(&self, bits: u64) -> Option<Entry> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the mask has at most 15 bits"
        )]
        let index = (bits & self.mask) as usize;
        let entry = self.table[index];
        (entry.0 != 0).then_some(entry)
    }

    /// Builds the table from the lengths of the codes (RFC 1951, section 3.2.2).
    ///
    /// `None` if there are more codes than their lengths leave room for.
    fn build(&mut self, lengths: &[u8], entry: impl Fn(u16, u8) -> Entry) -> Option<()> {
        let mut count = [0_usize; 16];
        for length in lengths {
            count[usize::from(*length)] += 1;
        }
        count[0] = 0;
        let width = (1..16)
            .rev()
            .find(|length| count[*length] != 0)
            .unwrap_or(1);
        let mut next = [0_usize; 16];
        let mut code = 0;
        for length in 1..=width {
            code = (code + count[length - 1]) << 1;
            next[length] = code;
            if code + count[length] > 1 << length {
                return None;
            }
        }
        self.mask = (1 << width) - 1;
        self.table.clear();
        self.table.resize(1 << width, Entry::default());
        for (symbol, length) in (0_u16..).zip(lengths).filter(|(_, length)| **length != 0) {
            let bits = usize::from(*length);
            // Codes are packed from their highest bit on, all else from the lowest.
            let first = next[bits].reverse_bits() >> (usize::BITS as usize - bits);
            next[bits] += 1;
            let entry = entry(symbol, *length);
            for slot in self.table[first..].iter_mut().step_by(1 << bits) {
                *slot = entry;
            }
        }
        Some(())
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
    fn content(length: usize, noise: u32) -> Vec<u8> {
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

    #[test]
    fn joined_pieces_inflate_to_the_joined_content() {
        for level in [1, 6, 12] {
            let mut encoder = Encoder::new(level);
            let mut stream = Vec::new();
            let mut expected = Vec::new();
            for length in [0, 1, 2, 3, 7, 100, 65_535, 65_536, 300_001, 1 << 20] {
                for noise in [0, 8, 100, 256] {
                    let content = content(length, noise);
                    let piece = encoder.piece(&content);
                    assert_eq!(inflate(&[&piece[..], &STREAM_END].concat()), content);
                    stream.extend(piece);
                    expected.extend(content);
                }
            }
            stream.extend(STREAM_END);
            assert!(inflate(&stream) == expected);
        }
    }

    #[test]
    fn a_malformed_stream_is_noticed() {
        let mut codes = Codes::default();
        let mut walk_padded = |stream: &[u8]| {
            let padded = [stream, &[0; SLACK]].concat();
            walk(&padded, stream.len(), &mut codes)
        };
        assert_eq!(
            walk_padded(&STREAM_END),
            Some(LastBlock { start: 0, end: 10 })
        );
        assert_eq!(walk_padded(&[]), None);
        assert_eq!(walk_padded(&[0x07]), None, "block type 3");
        assert_eq!(
            walk_padded(&[0x01, 1, 0, 1, 0]),
            None,
            "LEN without its complement"
        );
        assert_eq!(
            walk_padded(&[0x01, 9, 0, 0xf6, 0xff, 1]),
            None,
            "a stored block that is cut"
        );
        let mut compressed = vec![0; 70_000];
        let mut compressor = Compressor::new(CompressionLvl::default());
        let length = compressor
            .deflate_compress(&content(60_000, 50), &mut compressed)
            .unwrap();
        assert!(walk_padded(&compressed[..length]).is_some());
        for cut in 0..length {
            assert_eq!(walk_padded(&compressed[..cut]), None, "cut at {cut}");
        }
    }
}
