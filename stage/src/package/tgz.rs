//! Writes tar archives inside gzip, as npm has them.
//!
//! The gzip member is one DEFLATE stream that is joined from pieces: those of the bundle's files,
//! which the wheels share, and between them the tar headers and paddings, compressed here.
//!
//! Specifications: [pax](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html) for
//! the ustar headers and their extensions, [RFC 1952](https://www.rfc-editor.org/rfc/rfc1952) for
//! gzip.

use std::io::{self, Write};

use super::entry::{Body, Entry};
use crate::base::digest::Digest;
use crate::base::hashed::Hashed;
use crate::compress::{Compressed, LiteralEncoder, STREAM_END};
use crate::record::timestamp::Timestamp;

/// tar is made of blocks.
const BLOCK: usize = 512;

/// Bytes of headers and texts that are compressed at once.
const MOST_HELD: usize = 1 << 20;

/// Writes an archive with these entries, in this order. Gives its size and digest.
pub fn write(
    entries: &[Entry],
    compressed: &Compressed,
    timestamp: Timestamp,
    to: impl Write,
) -> io::Result<(u64, Digest)> {
    let mut out = Hashed::new(to);
    // Deflate, no flags, no time (the entries have theirs), no hint, unknown system.
    out.write_all(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])?;
    let mut stream = Stream {
        out,
        literals: Vec::new(),
        encoder: LiteralEncoder::default(),
        crc32: crc32fast::Hasher::new(),
        length: 0,
    };
    for entry in entries {
        stream.literals.extend(headers(entry, timestamp)?);
        match &entry.body {
            Body::Literal(bytes) => stream.literal(bytes)?,
            Body::File(file) => {
                stream.flush()?;
                compressed.deflate(file).write(&mut stream.out)?;
                let crc32 = crc32fast::Hasher::new_with_initial_len(file.crc32, file.size);
                stream.crc32.combine(&crc32);
                stream.length += file.size;
            }
        }
        stream.pad(entry.size());
    }
    // The archive ends with two blocks of zeros.
    stream.literals.extend([0; 2 * BLOCK]);
    stream.finish()
}

/// A gzip member that is being written.
struct Stream<W> {
    out: Hashed<W>,
    /// What is to be compressed before anything else is written.
    literals: Vec<u8>,
    encoder: LiteralEncoder,
    /// Of the content.
    crc32: crc32fast::Hasher,
    length: u64,
}

impl<W: Write> Stream<W> {
    /// Fills the last block of content of this size.
    fn pad(&mut self, size: u64) {
        let padding = size.next_multiple_of(BLOCK as u64) - size;
        self.literals.extend((0..padding).map(|_| 0));
    }

    /// Adds content, of which no more than [`MOST_HELD`] waits to be compressed.
    fn literal(&mut self, bytes: &[u8]) -> io::Result<()> {
        for chunk in bytes.chunks(MOST_HELD) {
            if self.literals.len() + chunk.len() > MOST_HELD {
                self.flush()?;
            }
            self.literals.extend(chunk);
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.crc32.update(&self.literals);
        self.length += self.literals.len() as u64;
        self.out.write_all(&self.encoder.piece(&self.literals))?;
        self.literals.clear();
        Ok(())
    }

    fn finish(mut self) -> io::Result<(u64, Digest)> {
        self.flush()?;
        self.out.write_all(&STREAM_END)?;
        self.out.write_all(&self.crc32.finalize().to_le_bytes())?;
        // The length modulo 2^32 (RFC 1952, section 2.3.1).
        self.out.write_all(&self.length.to_le_bytes()[..4])?;
        self.out.finish()
    }
}

/// The header of an entry, behind an extended one where ustar's fields are too narrow for it.
fn headers(entry: &Entry, timestamp: Timestamp) -> io::Result<Vec<u8>> {
    let mut records = Vec::new();
    // A reader that knows no extended headers still gets a name that it can write.
    let (prefix, name) = split(&entry.name).unwrap_or_else(|| {
        records.extend(record("path", &entry.name));
        ("", "LongName")
    });
    let size = octal(entry.size(), 11).unwrap_or_else(|| {
        records.extend(record("size", &entry.size().to_string()));
        "0".repeat(11)
    });
    let mut bytes = Vec::new();
    if !records.is_empty() {
        let length = records.len() as u64;
        let size = octal(length, 11).ok_or(io::ErrorKind::InvalidInput)?;
        bytes.extend(header("", "PaxHeader", 0o644, &size, timestamp, b'x')?);
        bytes.extend(records);
        bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    }

    bytes.extend(header(prefix, name, entry.mode(), &size, timestamp, b'0')?);
    Ok(bytes)
}

/// Splits a path into ustar's prefix (155 bytes) and name (100 bytes), at a slash. `None` if it
/// does not fit, or is not plain ASCII, for which ustar defines no encoding.
fn split(path: &str) -> Option<(&str, &str)> {
    if !path.is_ascii() {
        return None;
    }
    if path.len() <= 100 {
        return Some(("", path));
    }
    let slash = path
        .char_indices()
        .find(|(at, c)| *c == '/' && path.len() - at - 1 <= 100)?
        .0;
    (slash <= 155).then(|| (&path[..slash], &path[slash + 1..]))
}

/// A record of an extended header: its own length, the key and the value.
fn record(key: &str, value: &str) -> Vec<u8> {
    let rest = format!(" {key}={value}\n");
    // The length counts its own digits.
    let mut length = rest.len() + 1;
    while length.to_string().len() + rest.len() != length {
        length = length.to_string().len() + rest.len();
    }
    format!("{length}{rest}").into_bytes()
}

/// A number with this many octal digits, if it fits.
fn octal(number: u64, digits: usize) -> Option<String> {
    let text = format!("{number:0digits$o}");
    (text.len() == digits).then_some(text)
}

/// A ustar header.
fn header(
    prefix: &str,
    name: &str,
    mode: u32,
    size: &str,
    timestamp: Timestamp,
    kind: u8,
) -> io::Result<Vec<u8>> {
    let time = octal(timestamp.seconds(), 11).ok_or(io::ErrorKind::InvalidInput)?;
    let mut block = vec![0; BLOCK];
    let mut field = |at: usize, text: &[u8]| block[at..at + text.len()].copy_from_slice(text);
    field(0, name.as_bytes());
    field(100, format!("{mode:07o}").as_bytes());
    field(108, b"0000000"); // owner: root, as everywhere
    field(116, b"0000000");
    field(124, size.as_bytes());
    field(136, time.as_bytes());
    field(148, b"        "); // the checksum counts as spaces
    field(156, &[kind]);
    field(257, b"ustar\x0000");
    field(329, b"0000000"); // device numbers
    field(337, b"0000000");
    field(345, prefix.as_bytes());
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_counts_its_own_length() {
        for length in 1..300 {
            let record = record("path", &"x".repeat(length));
            let text = String::from_utf8(record).unwrap();
            let (count, _) = text.split_once(' ').unwrap();
            assert_eq!(count.parse::<usize>().unwrap(), text.len());
        }
    }

    #[test]
    fn a_long_path_is_split_where_it_fits() {
        let directory = "d".repeat(120);
        let path = format!("{directory}/file");
        assert_eq!(split("a/b"), Some(("", "a/b")));
        assert_eq!(split(&path), Some((directory.as_str(), "file")));
        assert_eq!(split(&format!("a/{}", "n".repeat(101))), None);
        assert_eq!(split(&format!("{}/n", "d".repeat(156))), None);
        assert_eq!(split("ü"), None);
    }
}
