//! Writes gzip-compressed tar archives, as npm uses them.
//!
//! The gzip member is one DEFLATE stream that is joined from pieces: those of the bundle's files,
//! which the wheels share, and between them the tar headers and paddings, compressed here. The
//! headers come from the `tar` crate. Its `Builder` is not used: it would need the uncompressed
//! content.
//!
//! Specifications: [pax](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html) for
//! the ustar headers and their extensions, [RFC 1952](https://www.rfc-editor.org/rfc/rfc1952) for
//! gzip.

use std::io::{self, Write};

use tar::{EntryType, Header};

use super::entry::{Body, Entry};
use crate::base::digest::Digest;
use crate::base::hashed::Hashed;
use crate::compress::{Compressed, LiteralEncoder, STREAM_END};
use crate::record::timestamp::Timestamp;

/// Bytes of a block: a tar archive consists of blocks.
const BLOCK: usize = 512;

/// The largest size that fits in the eleven octal digits of a header: just below 8 GiB.
const MOST_OCTAL: u64 = 0o777_7777_7777;

/// How many bytes of headers and texts are compressed at once.
const MOST_HELD: usize = 1 << 20;

/// Writes an archive with these entries, in this order. Returns its size and digest.
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
    /// Bytes to compress before anything else is written.
    literals: Vec<u8>,
    encoder: LiteralEncoder,
    /// The checksum of the content.
    crc32: crc32fast::Hasher,
    length: u64,
}

impl<W: Write> Stream<W> {
    /// Fills up the last block of content of this size.
    fn pad(&mut self, size: u64) {
        let padding = size.next_multiple_of(BLOCK as u64) - size;
        self.literals.extend((0..padding).map(|_| 0));
    }

    /// Adds content. At most [`MOST_HELD`] bytes wait to be compressed.
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

/// Returns the header of an entry, after an extended header if ustar's fields are too small for it.
fn headers(entry: &Entry, timestamp: Timestamp) -> io::Result<Vec<u8>> {
    let mut records = Vec::new();
    let mut header = header(entry.mode(), EntryType::Regular, timestamp);
    // ustar defines no encoding for names that are not ASCII.
    if !entry.name.is_ascii() || header.set_path(&entry.name).is_err() {
        records.extend(record("path", &entry.name));
        // A reader without support for extended headers still gets a usable name.
        header.set_path("LongName")?;
    }
    if entry.size() > MOST_OCTAL {
        records.extend(record("size", &entry.size().to_string()));
        header.set_size(0);
    } else {
        header.set_size(entry.size());
    }
    header.set_cksum();
    let mut bytes = Vec::new();
    if !records.is_empty() {
        bytes.extend(extended(&records, timestamp)?);
    }
    bytes.extend(header.as_bytes());
    Ok(bytes)
}

/// Returns an extended header with these records. `tar::Builder` writes one without a name, which
/// node-tar takes for damage.
fn extended(records: &[u8], timestamp: Timestamp) -> io::Result<Vec<u8>> {
    let mut header = header(0o644, EntryType::XHeader, timestamp);
    header.set_path("PaxHeader")?;
    header.set_size(records.len() as u64);
    header.set_cksum();
    let mut bytes = [header.as_bytes(), records].concat();
    bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    Ok(bytes)
}

/// Makes a ustar header without name, size and checksum. The owner is root, as in every entry.
fn header(mode: u32, kind: EntryType, timestamp: Timestamp) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(timestamp.seconds());
    header
}

/// Returns a record of an extended header: its own length, the key and the value.
fn record(key: &str, value: &str) -> Vec<u8> {
    let rest = format!(" {key}={value}\n");
    // The length counts its own digits.
    let mut length = rest.len() + 1;
    while length.to_string().len() + rest.len() != length {
        length = length.to_string().len() + rest.len();
    }
    format!("{length}{rest}").into_bytes()
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
}
