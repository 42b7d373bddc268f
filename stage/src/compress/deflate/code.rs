//! Huffman codes, as tables for skipping symbols.
//!
//! The meaning of a symbol does not matter here. What matters is how many bits it takes with the
//! extra bits that follow it, and which of the two codes of a block comes next. An entry says this
//! for as many complete symbols as its index contains. So the walk needs no branch that depends on
//! the symbols, which a processor could not predict.
//!
//! A table has 2^[`WIDTH`] entries, few enough to stay in the fastest cache and to be made for each
//! block. Longer codes are rare, and found by counting.

/// How many bits index a table.
pub const WIDTH: u8 = 11;

/// Entries of a table.
const ENTRIES: usize = 1 << WIDTH;

/// How many bits the longest code has.
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

/// The table has no answer: the end of a block, a long code, or no code.
const STOP: u16 = 1 << 15;

impl Entry {
    /// The beginning of a block.
    pub const NOTHING: Self = Self(0);

    /// A stop whose code is too long to come second in a pair.
    const STOP: Self = Self(STOP | 15 << CODE);

    /// Makes the entry of a symbol that takes `code` and `extra` bits.
    fn new(code: u8, extra: u8) -> Self {
        Self(u16::from(code) << CODE | u16::from(code + extra))
    }

    /// Returns how many bits the symbols take.
    #[inline]
    pub fn bits(self) -> u8 {
        self.0.to_le_bytes()[0]
    }

    /// Returns whether a distance follows; otherwise a literal or length does.
    #[inline]
    pub fn is_before_distance(self) -> bool {
        self.0 & DISTANCE != 0
    }

    /// Returns whether the table has no answer.
    #[inline]
    pub fn is_stop(self) -> bool {
        self.0 & STOP != 0
    }

    /// Returns how many bits the code of the symbol has.
    fn code_bits(self) -> u8 {
        self.0.to_le_bytes()[1] >> (CODE - 8) & 15
    }

    /// Joins the entries of this symbol and of the one that follows it.
    fn and(self, next: Self) -> Self {
        Self(u16::from(self.bits() + next.bits()) | next.0 & DISTANCE)
    }
}

/// Returns the entry of a symbol of literals and lengths, whose code has `code` bits.
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

/// Returns the entry of a symbol of distances, whose code has `code` bits.
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
    /// The number of codes of each length.
    counts: [u16; LONGEST + 1],
    /// The symbols, in the order of their codes.
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
    /// Builds the code with these lengths, 0 for a symbol without a code (RFC 1951, section 3.2.2).
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

    /// Lets an entry of this code, the one of literals and lengths, stand for two symbols if its
    /// index contains both codes.
    pub fn pair(&mut self, distances: &Self) {
        // Backwards: the second symbol is looked up at a lower index, whose entry is still of one symbol.
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

    /// Returns the entry for the bits at the beginning of the window.
    #[inline]
    pub fn entry(&self, window: u64) -> Entry {
        #[expect(clippy::cast_possible_truncation, reason = "only low bits are used")]
        let index = window as usize % ENTRIES;
        self.table[index]
    }

    /// Returns the symbol at the beginning of the window, and the number of bits of its code.
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
