//! Reads a zip and everything in it. What is handed out holds to the limits and to its headers, and
//! the crate `zip` reads the same.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use stage_fuzz::{LIMITS, Names, check_error, with_zip};
use strict_archive::zip::{Archive, EntryKind};

fuzz_target!(|data: &[u8]| {
    let archive = match Archive::new(data, Path::new("fuzz.zip"), LIMITS) {
        Ok(archive) => archive,
        Err(error) => return check_error(&error, error.remedy()),
    };
    let mut names = Names::default();
    let mut unpacked = 0;
    let mut end = 0;
    let mut members = Vec::new();
    for entry in archive.entries() {
        names.add(&entry.name, entry.kind == EntryKind::Directory);
        unpacked += entry.size;
        assert!(unpacked <= LIMITS.unpacked_bytes);
        // A local header has 30 bytes and the name.
        assert!(entry.header_offset >= end);
        end = entry.header_offset + 30 + entry.name.as_str().len() as u64 + entry.compressed_size;
        assert!(end <= archive.size());

        let mut content = archive.content(entry);
        let mut bytes = Vec::new();
        let mut crc = crc32fast::Hasher::new();
        let complete = loop {
            match content.chunk() {
                Ok([]) => {
                    assert_eq!(bytes.len() as u64, entry.size);
                    assert_eq!(crc.finalize(), entry.crc32);
                    break true;
                }
                Ok(chunk) => {
                    bytes.extend_from_slice(chunk);
                    assert!(bytes.len() as u64 <= entry.size);
                    crc.update(chunk);
                }
                Err(error) => {
                    check_error(&error, error.remedy());
                    break false;
                }
            }
        };
        members.push(with_zip::Member {
            name: entry.name.as_str().to_owned(),
            directory: entry.kind == EntryKind::Directory,
            content: complete.then_some(bytes),
        });
    }
    with_zip::assert_same(data, &members);
});
