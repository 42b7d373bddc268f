use std::io::{self, BufRead, Read};

use super::gzip::GzipReader;
use super::xz::XzReader;
use super::zstandard::ZstdReader;

/// How a stream is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// The .xz File Format.
    Xz,
}

impl Compression {
    /// Tells a compression from the first bytes of a stream; `None` if they are of none that is known.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // The second is a skippable frame, with which `pzstd` begins.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            _ => None,
        }
    }

    /// Returns a strict reader of what is compressed. What it can claim of memory is bounded.
    pub fn reader<'a>(self, input: impl BufRead + 'a) -> io::Result<Box<dyn Read + 'a>> {
        Ok(match self {
            Self::Gzip => Box::new(GzipReader::new(input)),
            Self::Zstd => Box::new(ZstdReader::new(input)?),
            Self::Xz => Box::new(XzReader::new(input)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_the_compression() {
        for (head, compression) in [
            (&b"\x1f\x8b\x08"[..], Some(Compression::Gzip)),
            (b"\x28\xb5\x2f\xfd", Some(Compression::Zstd)),
            (b"\x50\x2a\x4d\x18", Some(Compression::Zstd)),
            (b"\xfd7zXZ\0", Some(Compression::Xz)),
            (b"\xfd7zXZ", None),
            (b"BZh9", None),
            (b"", None),
        ] {
            assert_eq!(Compression::of(head), compression, "{head:?}");
        }
    }

    #[test]
    fn each_is_read() {
        let xz = &include_bytes!("xz/content.xz")[..];
        let mut text = String::new();
        let mut reader = Compression::of(xz).unwrap().reader(xz).unwrap();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "content");
    }
}
