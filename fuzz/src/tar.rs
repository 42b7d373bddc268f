use std::io::Read;
use std::path::Path;

use strict_archive::tar::{Entry, EntryKind, Reader};

use crate::{LIMITS, Names, check_error, with_tar};

/// What an archive holds, and how it ends: with nothing, or with an error.
#[derive(Debug, PartialEq, Eq)]
pub struct Reading {
    /// The entries with their content.
    pub entries: Vec<(Entry, Vec<u8>)>,
    /// The error.
    pub error: Option<String>,
}

/// Reads a tar and everything in it. What is handed out holds to the limits and to its headers.
pub fn read_tar(input: impl Read) -> Reading {
    read(Reader::new(input, Path::new("fuzz.tar"), LIMITS))
}

/// The same of a reader that takes names as packages of npm may have them.
pub fn read_loose_tar(input: impl Read) -> Reading {
    read(Reader::new(input, Path::new("fuzz.tar"), LIMITS).with_loose_names())
}

fn read(mut reader: Reader<impl Read>) -> Reading {
    let mut names = Names::default();
    let mut unpacked = 0;
    let mut entries = Vec::new();
    let error = loop {
        let entry = match reader.next_entry() {
            Ok(Some(entry)) => entry,
            Ok(None) => break None,
            Err(error) => break Some(error),
        };
        names.add(&entry.name, entry.kind == EntryKind::Directory);
        assert!(entry.kind == EntryKind::File || entry.size == 0);
        unpacked += entry.size;
        assert!(unpacked <= LIMITS.unpacked_bytes);
        let mut content = Vec::new();
        let end = loop {
            match reader.chunk() {
                Ok([]) => break None,
                Ok(chunk) => content.extend_from_slice(chunk),
                Err(error) => break Some(error),
            }
            assert!(content.len() as u64 <= entry.size);
        };
        if end.is_some() {
            break end;
        }
        assert_eq!(content.len() as u64, entry.size);
        entries.push((entry, content));
    };
    match &error {
        Some(error) => check_error(error, error.remedy()),
        None => assert!(
            matches!(reader.next_entry(), Ok(None)),
            "the end is the end"
        ),
    }
    let error = error.map(|error| error.to_string());
    Reading { entries, error }
}

impl Reading {
    /// The crate `tar` reads the same from `bytes`.
    pub fn check_with_tar(&self, bytes: &[u8]) {
        let members = self.entries.iter().map(|(entry, content)| {
            let (kind, link) = match &entry.kind {
                EntryKind::File => (tar::EntryType::Regular, ""),
                EntryKind::Directory => (tar::EntryType::Directory, ""),
                EntryKind::Symlink(target) => (tar::EntryType::Symlink, target.as_str()),
                EntryKind::HardLink(target) => (tar::EntryType::Link, target.as_str()),
            };
            with_tar::Member {
                name: entry.name.as_str().into(),
                kind,
                link: link.into(),
                mode: entry.mode,
                content: content.clone(),
            }
        });
        with_tar::assert_same(bytes, &members.collect::<Vec<_>>(), self.error.is_none());
    }
}
