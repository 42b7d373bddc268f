//! The headers of the central directory (section 4.3.12).

use super::fault::ZipFault;
use super::fields::{Extra, Fields};
use crate::error::Fault;
use crate::link::LinkFault;
use crate::name::{EntryName, NameFault};

/// One member of an archive, as its central directory describes it and its local header confirms.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name, without the slash that ends a directory's.
    pub name: EntryName,
    /// What it is.
    pub kind: EntryKind,
    /// Type and permission bits as Unix counts them, where the archive has them: the upper half of
    /// the external attributes, whatever system is said to have made the archive (published Windows
    /// wheels say MS-DOS and have them).
    pub mode: Option<u32>,
    /// How it is compressed.
    pub method: Method,
    /// Bytes of content.
    pub size: u64,
    /// Bytes that they take in the archive.
    pub compressed_size: u64,
    /// CRC-32 of the content.
    pub crc32: u32,
    /// The system that is said to have made the archive (section 4.4.2): 0 MS-DOS, 3 Unix.
    pub made_by: u8,
    /// Whether a data descriptor follows the data.
    pub data_descriptor: bool,
    /// Whether the name is marked as UTF-8.
    pub utf8: bool,
    /// Whether either header has a zip64 extra field.
    pub zip64: bool,
    /// Bytes of comment.
    pub comment_len: u16,
    /// Where the local header begins.
    pub header_offset: u64,
    /// Where the data begin. Known once the local header was read.
    pub(super) data_offset: u64,
    pub(super) flags: u16,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link; its content is where it points.
    Symlink,
}

/// How an entry is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Not at all.
    Stored,
    /// Deflate (RFC 1951).
    Deflate,
}

impl Method {
    /// The number in the headers (section 4.4.5).
    #[must_use]
    pub fn number(self) -> u16 {
        match self {
            Self::Stored => 0,
            Self::Deflate => 8,
        }
    }

    fn parse(number: u16) -> Result<Self, ZipFault> {
        match number {
            0 => Ok(Self::Stored),
            8 => Ok(Self::Deflate),
            other => Err(ZipFault::Method(other)),
        }
    }
}

/// Bytes of a header before its name.
pub(super) const FIXED_LEN: usize = 46;

/// The fixed part of a header and the lengths of what follows it.
pub(super) struct Fixed {
    made_by: u8,
    version: u16,
    flags: u16,
    method: u16,
    crc32: u32,
    compressed_size: u32,
    size: u32,
    pub(super) name_len: u16,
    pub(super) extra_len: u16,
    pub(super) comment_len: u16,
    disk: u16,
    attributes: u32,
    offset: u32,
}

pub(super) const ENCRYPTED: u16 = 1 << 0;
pub(super) const DATA_DESCRIPTOR: u16 = 1 << 3;
const STRONG_ENCRYPTION: u16 = 1 << 6;
const UTF8: u16 = 1 << 11;
const MASKED_HEADERS: u16 = 1 << 13;
/// Bits that say nothing about how to read an entry: how hard the compressor tried.
const COMPRESSION_LEVEL: u16 = 0b110;

/// Newest version of the specification that describes a file that this reader could meet.
const NEWEST_VERSION: u16 = 63;

impl Fixed {
    pub(super) fn parse(bytes: &[u8; FIXED_LEN]) -> Result<Self, ZipFault> {
        let mut fields = Fields(bytes);
        if fields.u32()? != u32::from_le_bytes(*b"PK\x01\x02") {
            return Err(ZipFault::Signature("central directory header"));
        }
        let [_, made_by] = fields.u16()?.to_le_bytes();
        let version = fields.u16()?;
        let flags = fields.u16()?;
        let method = fields.u16()?;
        let _modified = fields.u32()?;
        let crc32 = fields.u32()?;
        let compressed_size = fields.u32()?;
        let size = fields.u32()?;
        let name_len = fields.u16()?;
        let extra_len = fields.u16()?;
        let comment_len = fields.u16()?;
        let disk = fields.u16()?;
        let _internal_attributes = fields.u16()?;
        let attributes = fields.u32()?;
        let offset = fields.u32()?;
        Ok(Self {
            made_by,
            version,
            flags,
            method,
            crc32,
            compressed_size,
            size,
            name_len,
            extra_len,
            comment_len,
            disk,
            attributes,
            offset,
        })
    }

    /// Checks the header as a whole. Its local header is still unread.
    pub(super) fn into_entry(self, name: &[u8], extra: &[u8]) -> Result<Entry, Fault> {
        check_flags(self.flags)?;
        if self.version & 0xff > NEWEST_VERSION {
            return Err(ZipFault::Version(self.version & 0xff).into());
        }
        let method = Method::parse(self.method)?;
        if self.disk != 0 {
            return Err(ZipFault::MultiDisk.into());
        }
        let extra = Extra::parse(extra)?;
        let extent = extra.extent(self.size, self.compressed_size, self.offset)?;
        if self.flags & UTF8 == 0 && !name.is_ascii() {
            return Err(ZipFault::NameEncoding.into());
        }
        extra.check_name(name)?;

        let mode = Some(self.attributes >> 16).filter(|&mode| mode != 0);
        let (name, slash) = name
            .strip_suffix(b"/")
            .map_or((name, false), |name| (name, true));
        let kind = kind(mode, self.attributes, slash)?;
        if kind == EntryKind::Directory && extent.size != 0 {
            return Err(ZipFault::DirectoryContent.into());
        }
        if kind == EntryKind::Symlink && extent.size > EntryName::MAX_LEN as u64 {
            return Err(LinkFault::Target(NameFault::TooLong).into());
        }
        if method == Method::Stored && extent.size != extent.compressed_size {
            return Err(ZipFault::HeadersDisagree("size: it is stored, yet has two sizes").into());
        }
        Ok(Entry {
            name: EntryName::parse(name)?,
            kind,
            mode,
            method,
            size: extent.size,
            compressed_size: extent.compressed_size,
            crc32: self.crc32,
            made_by: self.made_by,
            data_descriptor: self.flags & DATA_DESCRIPTOR != 0,
            utf8: self.flags & UTF8 != 0,
            zip64: extra.has_zip64(),
            comment_len: self.comment_len,
            header_offset: extent.offset,
            data_offset: 0,
            flags: self.flags,
        })
    }
}

fn check_flags(flags: u16) -> Result<(), ZipFault> {
    if flags & (ENCRYPTED | STRONG_ENCRYPTION | MASKED_HEADERS) != 0 {
        return Err(ZipFault::Encrypted);
    }
    if flags & !(COMPRESSION_LEVEL | DATA_DESCRIPTOR | UTF8) != 0 {
        return Err(ZipFault::Flags(flags));
    }
    Ok(())
}

/// Tells what an entry is from the type bits of its Unix mode, from the MS-DOS directory bit and
/// from the slash that ends a directory's name. They may be silent, but not contradict each other.
fn kind(mode: Option<u32>, attributes: u32, slash: bool) -> Result<EntryKind, ZipFault> {
    const DOS_DIRECTORY: u32 = 0x10;
    let kind = match mode.unwrap_or(0) & 0o170_000 {
        0 if slash => EntryKind::Directory,
        0 | 0o100_000 => EntryKind::File,
        0o040_000 => EntryKind::Directory,
        0o120_000 => EntryKind::Symlink,
        0o010_000 => return Err(ZipFault::Special("a FIFO")),
        0o020_000 => return Err(ZipFault::Special("a character device")),
        0o060_000 => return Err(ZipFault::Special("a block device")),
        0o140_000 => return Err(ZipFault::Special("a socket")),
        _ => return Err(ZipFault::Special("of an unknown type")),
    };
    let directory = kind == EntryKind::Directory;
    if slash != directory || (attributes & DOS_DIRECTORY != 0 && !directory) {
        return Err(ZipFault::DirectoryKind);
    }
    Ok(kind)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Archive;
    use super::super::testing::{LIMITS, Member, zip};
    use super::*;

    #[test]
    fn what_an_entry_is_comes_from_all_that_says_so() {
        assert_eq!(kind(None, 0, false), Ok(EntryKind::File));
        assert_eq!(kind(None, 0x20, false), Ok(EntryKind::File));
        assert_eq!(kind(None, 0x10, true), Ok(EntryKind::Directory));
        assert_eq!(kind(None, 0, true), Ok(EntryKind::Directory));
        assert_eq!(kind(Some(0o644), 0, false), Ok(EntryKind::File));
        assert_eq!(kind(Some(0o040_755), 0x10, true), Ok(EntryKind::Directory));
        assert_eq!(kind(Some(0o120_777), 0, false), Ok(EntryKind::Symlink));
        assert_eq!(
            kind(Some(0o040_755), 0, false),
            Err(ZipFault::DirectoryKind)
        );
        assert_eq!(kind(Some(0o100_644), 0, true), Err(ZipFault::DirectoryKind));
        assert_eq!(
            kind(Some(0o100_644), 0x10, false),
            Err(ZipFault::DirectoryKind)
        );
        assert_eq!(
            kind(Some(0o010_644), 0, false),
            Err(ZipFault::Special("a FIFO"))
        );
        assert_eq!(
            kind(Some(0o020_644), 0, false),
            Err(ZipFault::Special("a character device"))
        );
        assert_eq!(
            kind(Some(0o060_644), 0, false),
            Err(ZipFault::Special("a block device"))
        );
        assert_eq!(
            kind(Some(0o140_644), 0, false),
            Err(ZipFault::Special("a socket"))
        );
        assert_eq!(
            kind(Some(0o150_644), 0, false),
            Err(ZipFault::Special("of an unknown type"))
        );
    }

    #[test]
    fn only_flags_with_a_known_meaning_pass() {
        assert_eq!(check_flags(0b1000_0000_1110), Ok(()));
        assert_eq!(check_flags(1), Err(ZipFault::Encrypted));
        assert_eq!(check_flags(1 << 6), Err(ZipFault::Encrypted));
        assert_eq!(check_flags(1 << 13), Err(ZipFault::Encrypted));
        for bit in [4, 5, 7, 8, 9, 10, 12, 14, 15] {
            assert_eq!(check_flags(1 << bit), Err(ZipFault::Flags(1 << bit)));
        }
    }

    fn opened(change: impl FnOnce(&mut Member)) -> Result<Entry, Fault> {
        let bytes = zip(&[Member::stored("a", b"content").with(change)]);
        match Archive::new(&bytes[..], Path::new("test.zip"), LIMITS) {
            Ok(archive) => Ok(archive.entries()[0].clone()),
            Err(error) => Err(Fault::Zip(match error.fault() {
                Fault::Zip(fault) => fault.clone(),
                other => panic!("another fault was found: {other:?}"),
            })),
        }
    }

    #[test]
    fn the_version_is_the_lower_byte() {
        let version = |version| opened(|m| m.central.version = version).map(|entry| entry.size);
        assert_eq!(version(NEWEST_VERSION).unwrap(), 7);
        assert_eq!(version(0x0300 | NEWEST_VERSION).unwrap(), 7);
        assert!(matches!(
            version(0x0300 | (NEWEST_VERSION + 1)),
            Err(Fault::Zip(ZipFault::Version(64)))
        ));
    }

    #[test]
    fn a_name_beyond_ascii_is_marked_as_utf8() {
        let named = |flags| {
            opened(|m| {
                m.both(|header| {
                    header.name = "é".into();
                    header.flags = flags;
                });
            })
        };
        assert!(named(UTF8).unwrap().utf8);
        assert!(matches!(named(0), Err(Fault::Zip(ZipFault::NameEncoding))));
        let plain = opened(|_| ()).unwrap();
        assert!(!plain.utf8 && !plain.data_descriptor);
    }

    #[test]
    fn a_link_is_no_longer_than_a_name() {
        let link = |len: usize| {
            let bytes = zip(&[
                Member::stored("a", &vec![b'x'; len]).with(|m| m.attributes = 0o120_777 << 16)
            ]);
            let archive = Archive::new(&bytes[..], Path::new("test.zip"), LIMITS);
            archive.map(|archive| archive.entries()[0].kind)
        };
        assert_eq!(link(EntryName::MAX_LEN).unwrap(), EntryKind::Symlink);
        assert!(matches!(
            link(EntryName::MAX_LEN + 1).unwrap_err().fault(),
            Fault::Link(LinkFault::Target(NameFault::TooLong))
        ));
    }
}
