//! Walks through a stream, from block to block (RFC 1951, section 3.2.3).

use super::bits::Bits;
pub use super::bits::SLACK;
use super::code::{Code, END_OF_BLOCK, Entry, distance_entry, literal_entry};

/// The last block of a stream, in bits from its beginning.
#[derive(Debug, PartialEq, Eq)]
pub struct LastBlock {
    pub start: usize,
    pub end: usize,
}

/// Walks through streams to their end.
#[derive(Default)]
pub struct Walker {
    /// The code of literals, lengths and the end of the block.
    literals: Code,
    distances: Code,
}

/// Order in which the lengths of the code length code stand (RFC 1951, section 3.2.7).
const CODE_LENGTH_ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

impl Walker {
    /// Finds the last block of a stream. The last [`SLACK`] of the bytes are not part of it.
    ///
    /// `None` if the stream is malformed.
    pub fn last_block(&mut self, bytes: &[u8]) -> Option<LastBlock> {
        let mut bits = Bits::new(bytes);
        loop {
            let start = bits.position();
            let header = bits.take(3)?;
            match header >> 1 {
                0 => {
                    bits.align();
                    let stored = bits.take(16)?;
                    if stored ^ bits.take(16)? != 0xffff {
                        return None;
                    }
                    bits.skip_bytes(stored);
                }
                1 => {
                    self.read_fixed()?;
                    self.skip_block(&mut bits)?;
                }
                2 => {
                    self.read_dynamic(&mut bits)?;
                    self.skip_block(&mut bits)?;
                }
                _ => return None,
            }
            if bits.ended() {
                return None;
            }
            if header & 1 == 1 {
                let end = bits.position();
                return Some(LastBlock { start, end });
            }
        }
    }

    /// Sets the codes of a block of type 1.
    fn read_fixed(&mut self) -> Option<()> {
        let mut lengths = [8; 288];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        self.build(&lengths, &[5; 30])
    }

    /// Reads the codes of a block of type 2.
    fn read_dynamic(&mut self, bits: &mut Bits) -> Option<()> {
        let literals = usize::from(bits.take(5)?) + 257;
        let distances = usize::from(bits.take(5)?) + 1;
        let code_lengths = usize::from(bits.take(4)?) + 4;
        let mut lengths = [0; 19];
        for index in &CODE_LENGTH_ORDER[..code_lengths] {
            lengths[*index] = u8::try_from(bits.take(3)?).ok()?;
        }
        // The distance code is free until the lengths are known.
        let code_lengths = &mut self.distances;
        code_lengths.build(&lengths, literal_entry)?;
        let mut lengths = [0; 286 + 32];
        let mut filled = 0;
        while filled < literals + distances {
            bits.refill()?;
            let (symbol, code_bits) = code_lengths.symbol(bits.window())?;
            bits.skip(code_bits);
            let (length, repeat) = match symbol {
                16 => (*lengths[..filled].last()?, 3 + bits.take(2)?),
                17 => (0, 3 + bits.take(3)?),
                18 => (0, 11 + bits.take(7)?),
                length => (u8::try_from(length).ok()?, 1),
            };
            let end = filled + usize::from(repeat);
            lengths.get_mut(filled..end)?.fill(length);
            filled = end;
        }
        let (literals, distances) = lengths.get(..filled)?.split_at_checked(literals)?;
        self.build(literals, distances)
    }

    fn build(&mut self, literals: &[u8], distances: &[u8]) -> Option<()> {
        self.literals.build(literals, literal_entry)?;
        self.distances.build(distances, distance_entry)?;
        self.literals.pair(&self.distances);
        Some(())
    }

    /// Moves past the symbols of a block, its end included.
    fn skip_block(&self, bits: &mut Bits) -> Option<()> {
        let mut last = Entry::NOTHING;
        loop {
            last = self.skip_symbols(bits, last)?;
            if bits.ended() {
                return None;
            }
            let (symbol, code_bits) = self.after(last).symbol(bits.window())?;
            last = if last.is_before_distance() {
                distance_entry(symbol, code_bits)
            } else if symbol == END_OF_BLOCK {
                bits.skip(code_bits);
                return Some(());
            } else {
                literal_entry(symbol, code_bits)
            };
            if last.is_stop() {
                return None;
            }
            bits.skip(last.bits());
        }
    }

    /// Moves on, from behind this entry to the first symbol for which the tables have no answer.
    /// Returns the entry before that symbol.
    #[inline]
    fn skip_symbols(&self, bits: &mut Bits, mut last: Entry) -> Option<Entry> {
        // A local copy, so that it stays in registers.
        let mut local = bits.clone();
        loop {
            local.refill()?;
            // An entry skips at most 24 bits: 11 of codes and lengths, and 13 extra of a distance.
            // Behind the first, there is enough for the 28 of a symbol that the tables do not have.
            for _ in 0..2 {
                let entry = self.after(last).entry(local.window());
                if entry.is_stop() {
                    *bits = local;
                    return Some(last);
                }
                local.skip(entry.bits());
                last = entry;
            }
        }
    }

    /// Returns the code of the symbol that comes after this entry.
    #[inline]
    fn after(&self, entry: Entry) -> &Code {
        if entry.is_before_distance() {
            &self.distances
        } else {
            &self.literals
        }
    }
}

#[cfg(test)]
mod tests {
    use libdeflater::{CompressionLvl, Compressor};

    use super::super::STREAM_END;
    use super::super::tests::content;
    use super::*;

    #[test]
    fn a_malformed_stream_is_noticed() {
        let mut walker = Walker::default();
        let mut walk_padded = |stream: &[u8]| walker.last_block(&[stream, &[0; SLACK]].concat());
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
