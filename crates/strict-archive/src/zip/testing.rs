//! Builds zips byte by byte, each field open to a lie.

use std::io::Write as _;
use std::path::Path;

use super::{Archive, EntryKind, ZipFault};
use crate::{Error, Fault, Limits};

pub(crate) const LIMITS: Limits = Limits {
    entries: 100,
    unpacked_bytes: 1 << 20,
};

/// A member, with every field that a header has of its own.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) local: Header,
    pub(crate) central: Header,
    pub(crate) attributes: u32,
    pub(crate) made_by: u16,
    pub(crate) comment: Vec<u8>,
    pub(crate) data: Vec<u8>,
    /// What follows the data.
    pub(crate) descriptor: Vec<u8>,
    /// Put before the local header.
    pub(crate) gap: Vec<u8>,
    /// Added to the offset of the local header in the directory.
    pub(crate) offset_shift: u32,
}

/// The fields that both headers have.
#[derive(Clone)]
pub(crate) struct Header {
    pub(crate) signature: [u8; 4],
    pub(crate) version: u16,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) crc32: u32,
    pub(crate) compressed_size: u32,
    pub(crate) size: u32,
    pub(crate) name: Vec<u8>,
    pub(crate) extra: Vec<u8>,
}

impl Header {
    fn fields(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for field in [self.version, self.flags, self.method, 0, 0] {
            bytes.extend(field.to_le_bytes());
        }
        for field in [self.crc32, self.compressed_size, self.size] {
            bytes.extend(field.to_le_bytes());
        }
        for length in [self.name.len(), self.extra.len()] {
            bytes.extend(u16::try_from(length).unwrap().to_le_bytes());
        }
        bytes
    }
}

impl Member {
    /// A deflated file.
    pub(crate) fn deflated(name: &str, content: &[u8]) -> Self {
        let mut member = Self::stored(name, content);
        member.data = deflate(content);
        member.both(|header| header.method = 8);
        member.fix_size()
    }

    /// A stored file, or a directory if the name ends in a slash.
    pub(crate) fn stored(name: &str, content: &[u8]) -> Self {
        let header = Header {
            signature: *b"PK\x03\x04",
            version: 20,
            flags: 0,
            method: 0,
            crc32: crc32fast::hash(content),
            compressed_size: 0,
            size: u32::try_from(content.len()).unwrap(),
            name: name.into(),
            extra: Vec::new(),
        };
        let mode = if name.ends_with('/') {
            0o040_755
        } else {
            0o100_644
        };
        Self {
            local: header.clone(),
            central: Header {
                signature: *b"PK\x01\x02",
                ..header
            },
            attributes: mode << 16,
            made_by: 0x0314,
            comment: Vec::new(),
            data: content.to_vec(),
            descriptor: Vec::new(),
            gap: Vec::new(),
            offset_shift: 0,
        }
        .fix_size()
    }

    /// Changes both headers in the same way.
    pub(crate) fn both(&mut self, change: impl Fn(&mut Header)) {
        change(&mut self.local);
        change(&mut self.central);
    }

    /// Makes the headers say how long the data are.
    pub(crate) fn fix_size(mut self) -> Self {
        let length = u32::try_from(self.data.len()).unwrap();
        self.both(|header| header.compressed_size = length);
        self
    }

    /// Moves sizes and checksum from the local header into a descriptor.
    pub(crate) fn with_descriptor(mut self, signed: bool, wide: bool) -> Self {
        self.both(|header| header.flags |= 8);
        let Header {
            crc32,
            compressed_size,
            size,
            ..
        } = self.local;
        self.descriptor = if signed {
            b"PK\x07\x08".to_vec()
        } else {
            Vec::new()
        };
        self.descriptor.extend(crc32.to_le_bytes());
        for size in [compressed_size, size] {
            let wide_size = u64::from(size).to_le_bytes();
            let narrow_size = size.to_le_bytes();
            self.descriptor
                .extend(if wide { &wide_size[..] } else { &narrow_size });
        }
        (
            self.local.crc32,
            self.local.compressed_size,
            self.local.size,
        ) = (0, 0, 0);
        self
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

/// Members laid end to end, the directory, and the end record.
pub(crate) fn zip(members: &[Member]) -> Vec<u8> {
    let (bytes, entries, offset) = without_end(members);
    let size = bytes.len() - offset;
    [bytes, end_record(entries, size, offset, b"")].concat()
}

/// An archive that lacks its end record, the number of its entries and the place of its directory.
pub(crate) fn without_end(members: &[Member]) -> (Vec<u8>, usize, usize) {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    for member in members {
        bytes.extend(&member.gap);
        let offset = u32::try_from(bytes.len())
            .unwrap()
            .wrapping_add(member.offset_shift);
        bytes.extend(member.local.signature);
        bytes.extend(member.local.fields());
        for part in [
            &member.local.name,
            &member.local.extra,
            &member.data,
            &member.descriptor,
        ] {
            bytes.extend(part);
        }
        directory.extend(member.central.signature);
        directory.extend(member.made_by.to_le_bytes());
        directory.extend(member.central.fields());
        directory.extend(u16::try_from(member.comment.len()).unwrap().to_le_bytes());
        directory.extend([0; 4]);
        directory.extend(member.attributes.to_le_bytes());
        directory.extend(offset.to_le_bytes());
        for part in [&member.central.name, &member.central.extra, &member.comment] {
            directory.extend(part);
        }
    }
    let offset = bytes.len();
    bytes.extend(directory);
    (bytes, members.len(), offset)
}

pub(crate) fn end_record(entries: usize, size: usize, offset: usize, comment: &[u8]) -> Vec<u8> {
    let entries = u16::try_from(entries).unwrap().to_le_bytes();
    let long = |value: usize| u32::try_from(value).unwrap().to_le_bytes();
    let comment_len = u16::try_from(comment.len()).unwrap().to_le_bytes();
    [
        b"PK\x05\x06\0\0\0\0",
        &entries[..],
        &entries,
        &long(size),
        &long(offset),
        &comment_len,
        comment,
    ]
    .concat()
}

pub(crate) fn deflate(content: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(6));
    writer.write_all(content).unwrap();
    writer.finish().unwrap()
}

#[path = "../../oracle/zip.rs"]
mod oracle;

/// Opens an archive and reads everything in it. What is read, the crate `zip` reads too.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let archive = Archive::new(bytes, Path::new("test.zip"), LIMITS)?;
    let read = |entry| archive.content(entry).read_to_vec();
    let contents = archive.entries().iter().map(read).collect::<Vec<_>>();
    let members = archive.entries().iter().zip(&contents);
    let members = members.map(|(entry, content)| oracle::Member {
        name: entry.name.as_str().to_owned(),
        directory: entry.kind == EntryKind::Directory,
        content: content.as_ref().ok().cloned(),
    });
    oracle::assert_same(bytes, &members.collect::<Vec<_>>());
    let names = archive.entries().iter().map(|entry| &entry.name);
    names
        .zip(contents)
        .map(|(name, content)| Ok((name.as_str().to_owned(), content?)))
        .collect()
}

/// The fault that reading ends with.
pub(crate) fn fault(bytes: &[u8]) -> ZipFault {
    match read(bytes) {
        Ok(content) => panic!("the archive was accepted: {content:?}"),
        Err(error) => match error.fault() {
            Fault::Zip(fault) => fault.clone(),
            other => panic!("another fault was found: {other:?}"),
        },
    }
}
