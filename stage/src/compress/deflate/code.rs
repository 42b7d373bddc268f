//! Huffman codes, as tables to skip symbols with.
//!
//! What a symbol means is of no interest, only how many bits it takes with the extra bits that
//! follow it, and which of the two codes of a block comes next. An entry says just that, for as
//! many whole symbols as its index decides. So the walk needs no branch that depends on the
//! symbols, which a processor could not predict.
//!
//! A table has 2^[`WIDTH`] entries, few enough to stay in the fastest cache and to be made for each
//! block. Longer codes are rare, and found by counting.

/// Bits that index a table.
pub const WIDTH: u8 = 11;

/// Entries of a table.
const ENTRIES: usize = 1 << WIDTH;

/// Bits of the longest code.
const LONGEST: usize = 15;

/// The symbol that ends a block.
pub const END_OF_BLOCK: u16 = 256;

/// What to do at a place in the stream: the bits to skip in the lowest byte, then [`DISTANCE`], then
/// the bits of the code without extra bits, and [`STOP`] on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry(u16);

/// A distance comes next.
const DISTANCE: u16 = 1 << 8;

/// Where the bits of the code are.
const CODE: u32 = 9;

/// The table does not tell: the end of a block, a long code, or none.
const STOP: u16 = 1 << 15;

impl Entry {
    /// The beginning of a block.
    pub const NOTHING: Self = Self(0);

    /// Its code is too long to come second in a pair.
    const STOP: Self = Self(STOP | 15 << CODE);

    /// A symbol that takes `code` and `extra` bits.
    fn new(code: u8, extra: u8) -> Self {
        Self(u16::from(code) << CODE | u16::from(code + extra))
    }

    /// Bits that the symbols take.
    #[inline]
    pub fn bits(self) -> u8 {
        self.0.to_le_bytes()[0]
    }

    /// Whether a distance follows, else a literal or length.
    #[inline]
    pub fn is_before_distance(self) -> bool {
        self.0 & DISTANCE != 0
    }

    /// Whether the table does not tell.
    #[inline]
    pub fn is_stop(self) -> bool {
        self.0 & STOP != 0
    }

    /// Bits that tell the symbol.
    fn code_bits(self) -> u8 {
        self.0.to_le_bytes()[1] >> (CODE - 8) & 15
    }

    /// This symbol and one that follows it.
    fn and(self, next: Self) -> Self {
        Self(u16::from(self.bits() + next.bits()) | next.0 & DISTANCE)
    }
}

/// The entry of a symbol of the code of literals and lengths; the code has so many bits.
pub fn literal_entry(symbol: u16, code: u8) -> Entry {
    const EXTRA: [u8; 29] = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ];
    match symbol.checked_sub(END_OF_BLOCK + 1) {
        None if symbol == END_OF_BLOCK => Entry::STOP,
        None => Entry::new(code, 0),
        Some(length) => match EXTRA.get(usize::from(length)) {
            Some(extra) => Entry(Entry::new(code, *extra).0 | DISTANCE),
            None => Entry::STOP,
        },
    }
}

/// The entry of a symbol of the code of distances; the code has so many bits.
pub fn distance_entry(symbol: u16, code: u8) -> Entry {
    // Symbols 0 to 3 have no extra bits, then every two have one more.
    match u8::try_from(symbol) {
        Ok(symbol) if symbol < 30 => Entry::new(code, (symbol / 2).saturating_sub(1)),
        _ => Entry::STOP,
    }
}

/// A Huffman code.
pub struct Code {
    table: [Entry; ENTRIES],
    /// How many codes have so many bits.
    counts: [u16; LONGEST + 1],
    /// In the order of their codes.
    symbols: Vec<u16>,
}

impl Default for Code {
    fn default() -> Self {
        Self {
            table: [Entry::STOP; ENTRIES],
            counts: [0; LONGEST + 1],
            symbols: Vec::new(),
        }
    }
}

impl Code {
    /// The code whose lengths these are, 0 for a symbol without a code (RFC 1951, section 3.2.2).
    ///
    /// `None` if there are more codes than their lengths leave room for.
    pub fn build(&mut self, lengths: &[u8], entry: impl Fn(u16, u8) -> Entry) -> Option<()> {
        self.counts = [0; LONGEST + 1];
        for length in lengths {
            *self.counts.get_mut(usize::from(*length))? += 1;
        }
        self.counts[0] = 0;
        let mut next = [0; LONGEST + 1];
        let mut before = 0;
        for (next, count) in next.iter_mut().zip(self.counts) {
            *next = before;
            before += usize::from(count);
        }
        self.symbols.resize(before, 0);
        for (symbol, length) in (0..).zip(lengths).filter(|(_, length)| **length != 0) {
            let next = &mut next[usize::from(*length)];
            self.symbols[*next] = symbol;
            *next += 1;
        }

        let mut symbols = self.symbols.iter();
        let mut code = 0_u32;
        self.table[0] = Entry::STOP;
        for (length, count) in (0_u8..).zip(self.counts).skip(1) {
            // What is in the table so far leaves the next bit open.
            let size = 1 << length;
            if length <= WIDTH {
                self.table.copy_within(..size / 2, size / 2);
            }
            code <<= 1;
            if code as usize + usize::from(count) > size {
                return None;
            }
            for symbol in symbols.by_ref().take(count.into()) {
                if length <= WIDTH {
                    // Codes are packed from their highest bit on, all else from the lowest.
                    let index = code.reverse_bits() >> (32 - u32::from(length));
                    self.table[index as usize] = entry(*symbol, length);
                }
                code += 1;
            }
        }
        Some(())
    }

    /// Lets the entries of this code, the one of literals and lengths, stand for two symbols where
    /// the index decides both.
    pub fn pair(&mut self, distances: &Self) {
        // From the last on: the second symbol is found below the first, where it still is alone.
        for index in (0..ENTRIES).rev() {
            let first = self.table[index];
            let rest = index >> first.bits();
            let second = if first.is_before_distance() {
                distances.table[rest]
            } else {
                self.table[rest]
            };
            let decided = first.bits() + second.code_bits() <= WIDTH;
            // A value to choose, not a branch: this could not be predicted either.
            self.table[index] = if decided & !first.is_stop() {
                first.and(second)
            } else {
                first
            };
        }
    }

    /// The entry for what the window begins with.
    #[inline]
    pub fn entry(&self, window: u64) -> Entry {
        #[expect(clippy::cast_possible_truncation, reason = "only low bits are used")]
        let index = window as usize % ENTRIES;
        self.table[index]
    }

    /// The symbol that the window begins with, and the bits of its code.
    pub fn symbol(&self, window: u64) -> Option<(u16, u8)> {
        // The codes of a length are consecutive numbers, and follow those of one bit less.
        let mut rest = 0;
        let mut symbols = &*self.symbols;
        for (length, count) in (0_u8..).zip(self.counts).skip(1) {
            let bit = usize::from(window >> (length - 1) & 1 == 1);
            rest = rest * 2 + bit;
            if let Some(symbol) = symbols[..count.into()].get(rest) {
                return Some((*symbol, length));
            }
            rest -= usize::from(count);
            symbols = &symbols[count.into()..];
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lengths of a code with one symbol of each length, and two of the last.
    fn lengths(last: u8) -> Vec<u8> {
        (1..=last).chain([last]).collect()
    }

    #[test]
    fn the_table_and_counting_tell_the_same() {
        let mut code = Code::default();
        code.build(&lengths(15), literal_entry).unwrap();
        for window in 0..1_u64 << 15 {
            // In this code, a symbol has as many ones before its zero as there are before it.
            let ones = u8::try_from((!window).trailing_zeros()).unwrap();
            let (symbol, bits) = (u16::from(ones), (ones + 1).min(15));
            assert_eq!(code.symbol(window), Some((symbol, bits)));
            let entry = code.entry(window);
            assert_eq!(entry.is_stop(), bits > WIDTH);
            assert!(entry.is_stop() || entry == literal_entry(symbol, bits));
        }
    }

    #[test]
    fn a_pair_is_its_two_symbols() {
        let mut single = Code::default();
        // Literals of 1 to 3 bits, and of 3 the length of 258 bytes.
        let mut of_literals = [0; 286];
        (of_literals[7], of_literals[8], of_literals[9]) = (1, 2, 3);
        of_literals[285] = 3;
        single.build(&of_literals, literal_entry).unwrap();
        let mut distances = Code::default();
        distances.build(&lengths(15), distance_entry).unwrap();
        let mut pairs = Code::default();
        pairs.build(&of_literals, literal_entry).unwrap();
        pairs.pair(&distances);
        for window in 0..1 << WIDTH {
            let first = single.entry(window);
            let code = if first.is_before_distance() {
                &distances
            } else {
                &single
            };
            let second = code.entry(window >> first.bits());
            let pair = pairs.entry(window);
            if pair != first {
                assert_eq!(pair.bits(), first.bits() + second.bits());
                assert_eq!(pair.is_before_distance(), second.is_before_distance());
            }
        }
        // The literal 7 and the length; the length and a distance of 4 bits; one of 9 is too long.
        assert_eq!(pairs.entry(0b1110).bits(), 4);
        assert!(pairs.entry(0b1110).is_before_distance());
        assert_eq!(pairs.entry(0b011_1111).bits(), 3 + 4);
        assert_eq!(pairs.entry(0b0111_1111_1111).bits(), 3);
    }

    #[test]
    fn more_codes_than_there_is_room_for_are_refused() {
        let mut code = Code::default();
        assert_eq!(code.build(&[1, 1, 1], literal_entry), None);
        assert_eq!(code.build(&[1, 2, 3, 3, 15], literal_entry), None);
        assert_eq!(code.build(&[16], literal_entry), None);
        // Less is fine: the rest is no symbol.
        assert_eq!(code.build(&[2], literal_entry), Some(()));
        assert_eq!(code.symbol(0b100), Some((0, 2)));
        assert_eq!(code.symbol(0b01), None);
        assert!(code.entry(0b01).is_stop());
    }
}
