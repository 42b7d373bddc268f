//! Small files of each format, built byte by byte, and what damage must not do to them.

use std::io::Cursor;

use super::{Facts, FactsError, PageHashes, read, read_signed};

/// Reads bytes as a file.
pub(crate) fn facts(bytes: &[u8]) -> Result<Option<Facts>, FactsError> {
    read(&mut Cursor::new(bytes))
}

/// What is wrong with a file, in words.
pub(crate) fn fault(bytes: &[u8]) -> String {
    facts(bytes).unwrap_err().to_string()
}

/// Bytes in one order, with addresses of one width.
#[derive(Clone, Default)]
pub(crate) struct Writer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) big: bool,
    pub(crate) wide: bool,
}

impl Writer {
    pub(crate) fn new(big: bool, wide: bool) -> Self {
        let bytes = Vec::new();
        Self { bytes, big, wide }
    }

    pub(crate) fn at(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend(bytes);
        self
    }

    pub(crate) fn u16(&mut self, value: u16) -> &mut Self {
        self.put(value.into(), 2)
    }

    pub(crate) fn u32(&mut self, value: u32) -> &mut Self {
        self.put(value.into(), 4)
    }

    pub(crate) fn u32s(&mut self, values: &[u32]) -> &mut Self {
        values.iter().fold(self, |writer, &value| writer.u32(value))
    }

    /// A number as wide as an address.
    pub(crate) fn address(&mut self, value: u64) -> &mut Self {
        self.put(value, if self.wide { 8 } else { 4 })
    }

    pub(crate) fn addresses(&mut self, values: &[u64]) -> &mut Self {
        values
            .iter()
            .fold(self, |writer, &value| writer.address(value))
    }

    /// Text with an end.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.raw(text.as_bytes()).raw(&[0])
    }

    pub(crate) fn align(&mut self, to: usize) -> &mut Self {
        let len = self.bytes.len().next_multiple_of(to);
        self.bytes.resize(len, 0);
        self
    }

    fn put(&mut self, value: u64, size: usize) -> &mut Self {
        let bytes = value.to_be_bytes();
        let bytes = &bytes[8 - size..];
        if self.big {
            self.raw(bytes)
        } else {
            let reversed: Vec<u8> = bytes.iter().rev().copied().collect();
            self.raw(&reversed)
        }
    }
}

/// Changes every byte of a file to several others. Nothing may panic, and whatever is read has to
/// fit the limits.
pub(crate) fn damage(good: &[u8]) {
    for at in 0..good.len() {
        for byte in [
            0,
            1,
            0x7f,
            0x80,
            0xff,
            good[at] ^ 1,
            good[at].wrapping_add(8),
        ] {
            let mut bytes = good.to_vec();
            bytes[at] = byte;
            // Both results are right for some byte.
            let _ = read_signed(&mut Cursor::new(&bytes), &PageHashes::default());
        }
    }
}

/// Cuts a file, all of which is loaded, at each length from `first` on: none is taken for whole.
pub(crate) fn cut(good: &[u8], first: usize) {
    for end in first..good.len() {
        let facts = facts(&good[..end]);
        assert!(facts.is_err(), "{end} of {} bytes: {facts:?}", good.len());
    }
    assert!(facts(good).unwrap().is_some());
}
