//! Writes zip archives that package indexes accept.
//!
//! Sizes and checksums are known before an entry is written, so they are in its local header:
//! there are no data descriptors, which PyPI refuses. Every entry is deflated. ZIP64 fields are
//! written only for numbers that do not fit without them.
//!
//! Specification: [APPNOTE 6.3.10](https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT),
//! the numbers of its sections are given below.

use std::io::{self, Write};

use super::entry::{Body, Entry};
use crate::base::digest::Digest;
use crate::base::hashed::Hashed;
use crate::compress::{Compressed, LiteralEncoder, STREAM_END};
use crate::record::timestamp::Timestamp;

/// The values in the headers of an entry.
struct Header<'a> {
    name: &'a str,
    mode: u32,
    crc32: u32,
    size: u64,
    compressed: u64,
    offset: u64,
}

/// Writes an archive with these entries, in this order. Returns its size and digest.
pub fn write(
    entries: &[Entry],
    compressed: &Compressed,
    timestamp: Timestamp,
    to: impl Write,
) -> io::Result<(u64, Digest)> {
    let mut out = Hashed::new(to);
    let mut encoder = LiteralEncoder::default();
    let mut headers = Vec::with_capacity(entries.len());
    for entry in entries {
        let literal;
        let (crc32, length) = match &entry.body {
            Body::Literal(bytes) => {
                literal = encoder.piece(bytes);
                (crc32fast::hash(bytes), literal.len() as u64)
            }
            Body::File(file) => {
                literal = Vec::new();
                (file.crc32, compressed.deflate(file).length())
            }
        };
        let header = Header {
            name: &entry.name,
            mode: REGULAR_FILE | entry.mode(),
            crc32,
            size: entry.size(),
            compressed: length + STREAM_END.len() as u64,
            offset: out.written(),
        };
        out.write_all(&header.local(timestamp))?;
        match entry.body {
            Body::Literal(_) => out.write_all(&literal)?,
            Body::File(file) => compressed.deflate(file).write(&mut out)?,
        }
        out.write_all(&STREAM_END)?;
        headers.push(header);
    }
    let directory = out.written();
    for header in &headers {
        out.write_all(&header.central(timestamp))?;
    }
    let directory_size = out.written() - directory;
    out.write_all(&end(headers.len() as u64, directory_size, directory))?;
    out.finish()
}

/// The system whose file modes an entry has (4.4.2).
const MADE_ON_UNIX: u16 = 3 << 8;

/// The type of a regular file, above the permissions of its mode.
const REGULAR_FILE: u32 = 0o100_000;

/// The version of the specification that has ZIP64: 4.5.
const VERSION_ZIP64: u16 = 45;

/// A placeholder: the number is in the ZIP64 field.
const IN_ZIP64: u32 = u32::MAX;

/// Returns the 32-bit field for a number.
fn field32(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(IN_ZIP64)
}

impl Header<'_> {
    /// Returns the fields that the local and the central header share.
    fn shared(&self, timestamp: Timestamp, version: u16, extra: &[u8]) -> Vec<u8> {
        let (time, date) = timestamp.dos();
        let mut bytes = Vec::new();
        bytes.extend(version.to_le_bytes());
        // Bit 11: the name is UTF-8 (4.4.4). It is not set for a plain ASCII name.
        let flags: u16 = if self.name.is_ascii() { 0 } else { 1 << 11 };
        bytes.extend(flags.to_le_bytes());
        bytes.extend(8_u16.to_le_bytes()); // deflated (4.4.5)
        bytes.extend(time.to_le_bytes());
        bytes.extend(date.to_le_bytes());
        bytes.extend(self.crc32.to_le_bytes());
        let (compressed, size) = if self.sizes_in_zip64() {
            (IN_ZIP64, IN_ZIP64)
        } else {
            (field32(self.compressed), field32(self.size))
        };
        bytes.extend(compressed.to_le_bytes());
        bytes.extend(size.to_le_bytes());
        // Names are limited when a bundle is opened.
        bytes.extend(
            u16::try_from(self.name.len())
                .unwrap_or(u16::MAX)
                .to_le_bytes(),
        );
        bytes.extend(u16::try_from(extra.len()).unwrap_or(u16::MAX).to_le_bytes());
        bytes
    }

    /// Returns whether the sizes are in the ZIP64 field: both are if one must be, as 4.5.3 requires
    /// for local headers.
    fn sizes_in_zip64(&self) -> bool {
        self.size.max(self.compressed) >= u64::from(IN_ZIP64)
    }

    /// Returns the ZIP64 field for the sizes and the offset; empty if it is not needed.
    fn zip64(&self, offset: u64) -> Vec<u8> {
        let mut values = Vec::new();
        if self.sizes_in_zip64() {
            values.extend(self.size.to_le_bytes());
            values.extend(self.compressed.to_le_bytes());
        }
        if offset >= u64::from(IN_ZIP64) {
            values.extend(offset.to_le_bytes());
        }
        if values.is_empty() {
            return values;
        }
        let length = u8::try_from(values.len()).unwrap_or(0);
        [&[0x01, 0x00, length, 0x00][..], &values].concat()
    }

    /// Returns the version that is needed to extract: 2.0 for deflate, 4.5 for ZIP64 (4.4.3).
    fn version_needed(extra: &[u8]) -> u16 {
        if extra.is_empty() { 20 } else { VERSION_ZIP64 }
    }

    /// Returns the local header (4.3.7).
    fn local(&self, timestamp: Timestamp) -> Vec<u8> {
        let extra = self.zip64(0);
        let mut bytes = b"PK\x03\x04".to_vec();
        bytes.extend(self.shared(timestamp, Self::version_needed(&extra), &extra));
        bytes.extend(self.name.as_bytes());
        bytes.extend(extra);
        bytes
    }

    /// Returns the central header (4.3.12).
    fn central(&self, timestamp: Timestamp) -> Vec<u8> {
        let extra = self.zip64(self.offset);
        let version = Self::version_needed(&extra);
        let mut bytes = b"PK\x01\x02".to_vec();
        bytes.extend((MADE_ON_UNIX | version).to_le_bytes());
        bytes.extend(self.shared(timestamp, version, &extra));
        bytes.extend([0; 2]); // length of the comment
        bytes.extend([0; 2]); // disk
        bytes.extend([0; 2]); // internal attributes
        bytes.extend((self.mode << 16).to_le_bytes());
        bytes.extend(field32(self.offset).to_le_bytes());
        bytes.extend(self.name.as_bytes());
        bytes.extend(extra);
        bytes
    }
}

/// Returns the end of the central directory (4.3.14 to 4.3.16).
fn end(entries: u64, size: u64, offset: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let large = entries >= u64::from(u16::MAX) || size.max(offset) >= u64::from(IN_ZIP64);
    if large {
        bytes.extend(b"PK\x06\x06");
        bytes.extend(44_u64.to_le_bytes()); // bytes that follow in this record
        bytes.extend((MADE_ON_UNIX | VERSION_ZIP64).to_le_bytes());
        bytes.extend(VERSION_ZIP64.to_le_bytes()); // needed to extract
        bytes.extend([0; 8]); // this disk, and the one of the directory
        bytes.extend(entries.to_le_bytes());
        bytes.extend(entries.to_le_bytes());
        bytes.extend(size.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
        bytes.extend(b"PK\x06\x07");
        bytes.extend([0; 4]);
        bytes.extend((offset + size).to_le_bytes());
        bytes.extend(1_u32.to_le_bytes()); // disks
    }
    let entries = u16::try_from(entries).unwrap_or(u16::MAX);
    bytes.extend(b"PK\x05\x06");
    bytes.extend([0; 4]);
    bytes.extend(entries.to_le_bytes());
    bytes.extend(entries.to_le_bytes());
    bytes.extend(field32(size).to_le_bytes());
    bytes.extend(field32(offset).to_le_bytes());
    bytes.extend([0; 2]); // length of the comment
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const FITS: u64 = IN_ZIP64 as u64 - 1;
    const LARGE: u64 = IN_ZIP64 as u64;

    /// The header's size, compressed size and offset, and after it the ZIP64 field.
    fn central(size: u64, compressed: u64, offset: u64) -> (Vec<u32>, Vec<u8>) {
        let header = Header {
            name: "name",
            mode: 0,
            crc32: 0,
            size,
            compressed,
            offset,
        };
        let bytes = header.central(Timestamp::from_source_date_epoch(None).unwrap());
        let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        (vec![number(24), number(20), number(42)], bytes[50..].into())
    }

    #[test]
    fn what_fits_has_no_zip64_field() {
        let most = IN_ZIP64 - 1;
        assert_eq!(central(FITS, FITS, FITS), (vec![most; 3], Vec::new()));
    }

    #[test]
    fn what_does_not_fit_is_in_the_zip64_field() {
        for (numbers, in_header, in_zip64) in [
            ([LARGE, 2, 3], [IN_ZIP64, IN_ZIP64, 3], &[LARGE, 2][..]),
            ([1, LARGE, 3], [IN_ZIP64, IN_ZIP64, 3], &[1, LARGE]),
            ([1, 2, LARGE], [1, 2, IN_ZIP64], &[LARGE]),
            ([LARGE; 3], [IN_ZIP64; 3], &[LARGE; 3]),
        ] {
            let [size, compressed, offset] = numbers;
            let length = u8::try_from(8 * in_zip64.len()).unwrap();
            let values = in_zip64.iter().flat_map(|value| value.to_le_bytes());
            let field = [1, 0, length, 0].into_iter().chain(values).collect();
            assert_eq!(
                central(size, compressed, offset),
                (in_header.to_vec(), field)
            );
        }
    }

    #[test]
    fn an_archive_that_does_not_fit_has_a_zip64_end() {
        const PLAIN: usize = 22;
        const WITH_ZIP64: usize = PLAIN + 56 + 20;
        assert_eq!(end(65_534, FITS, FITS).len(), PLAIN);
        assert_eq!(end(65_535, 1, 1).len(), WITH_ZIP64);
        assert_eq!(end(1, LARGE, 1).len(), WITH_ZIP64);
        assert_eq!(end(1, 1, LARGE).len(), WITH_ZIP64);
    }
}
