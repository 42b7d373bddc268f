//! Builds tars block by block.

use std::path::Path;

use super::{EntryKind, Reader, TarFault};
use crate::{Error, Fault, Limits};

pub(super) const LIMITS: Limits = Limits {
    entries: 100,
    unpacked_bytes: 1 << 20,
};

/// A POSIX header with a right checksum, and the content filled up to a block.
pub(super) fn entry(name: &str, type_flag: u8, link: &str, content: &[u8]) -> Vec<u8> {
    let mut bytes = header(name, type_flag, link, content.len());
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

pub(super) fn file(name: &str, content: &[u8]) -> Vec<u8> {
    entry(name, b'0', "", content)
}

pub(super) fn header(name: &str, type_flag: u8, link: &str, size: usize) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..107].copy_from_slice(b"0000755");
    block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    block[156] = type_flag;
    block[157..157 + link.len()].copy_from_slice(link.as_bytes());
    block[257..265].copy_from_slice(b"ustar\x0000");
    fix_checksum(&mut block);
    block
}

pub(super) fn fix_checksum(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u32 = block[..512].iter().map(|&byte| u32::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// One pax record: the length counts its own digits.
pub(super) fn record(key: &str, value: &str) -> Vec<u8> {
    let rest = format!(" {key}={value}\n");
    let length = (rest.len()..rest.len() + 10)
        .find(|length| length.to_string().len() + rest.len() == *length)
        .unwrap();
    format!("{length}{rest}").into_bytes()
}

/// Parts, and the end of the archive.
pub(super) fn tar(parts: &[Vec<u8>]) -> Vec<u8> {
    [parts.concat(), vec![0; 1024]].concat()
}

pub(super) type Content = (super::Entry, Vec<u8>);

#[path = "../../oracle/tar.rs"]
mod oracle;

/// Reads everything in an archive. What is read, the crate `tar` reads too.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Content>, Error> {
    let mut entries = Vec::new();
    let result = read_into(bytes, &mut entries);
    let members = entries.iter().map(|(entry, content)| {
        let (kind, link) = match &entry.kind {
            EntryKind::File => (::tar::EntryType::Regular, ""),
            EntryKind::Directory => (::tar::EntryType::Directory, ""),
            EntryKind::Symlink(target) => (::tar::EntryType::Symlink, target.as_str()),
            EntryKind::HardLink(target) => (::tar::EntryType::Link, target.as_str()),
        };
        oracle::Member {
            name: entry.name.as_str().into(),
            kind,
            link: link.into(),
            mode: entry.mode,
            content: content.clone(),
        }
    });
    oracle::assert_same(bytes, &members.collect::<Vec<_>>(), result.is_ok());
    result.map(|()| entries)
}

fn read_into(bytes: &[u8], entries: &mut Vec<Content>) -> Result<(), Error> {
    let mut reader = Reader::new(bytes, Path::new("test.tar"), LIMITS);
    while let Some(entry) = reader.next_entry()? {
        let mut content = Vec::new();
        loop {
            match reader.chunk()? {
                [] => break,
                chunk => content.extend_from_slice(chunk),
            }
        }
        entries.push((entry, content));
    }
    assert!(reader.next_entry()?.is_none());
    Ok(())
}

/// What reading ends with.
pub(super) fn container_fault(bytes: &[u8]) -> Error {
    match read(bytes) {
        Ok(content) => panic!("the archive was accepted: {content:?}"),
        Err(error) => error,
    }
}

/// The fault of the tar that reading ends with.
pub(super) fn fault(bytes: &[u8]) -> TarFault {
    match container_fault(bytes).fault() {
        Fault::Tar(fault) => fault.clone(),
        other => panic!("another fault was found: {other:?}"),
    }
}

/// The names of everything in an archive.
pub(super) fn names(bytes: &[u8]) -> Vec<String> {
    read(bytes)
        .unwrap()
        .into_iter()
        .map(|(entry, _)| entry.name.as_str().to_owned())
        .collect()
}
