//! Reads a zip and everything in it. What is handed out holds to the limits and to its headers.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use stage::container::zip::{Archive, Kind};
use stage_fuzz::{LIMITS, Names, check_error};

fuzz_target!(|data: &[u8]| {
    let archive = match Archive::new(data, Path::new("fuzz.zip"), LIMITS) {
        Ok(archive) => archive,
        Err(error) => return check_error(&error),
    };
    let mut names = Names::default();
    let mut unpacked = 0;
    let mut end = 0;
    for entry in archive.entries() {
        names.add(&entry.name, entry.kind == Kind::Directory);
        unpacked += entry.size;
        assert!(unpacked <= LIMITS.unpacked_bytes);
        // A local header has 30 bytes and the name.
        assert!(entry.header_offset >= end);
        end = entry.header_offset + 30 + entry.name.as_str().len() as u64 + entry.compressed_size;
        assert!(end <= archive.size());

        let mut content = archive.content(entry);
        let mut len = 0;
        let mut crc = crc32fast::Hasher::new();
        loop {
            match content.chunk() {
                Ok([]) => {
                    assert_eq!(len, entry.size);
                    assert_eq!(crc.finalize(), entry.crc32);
                    break;
                }
                Ok(chunk) => {
                    len += chunk.len() as u64;
                    assert!(len <= entry.size);
                    crc.update(chunk);
                }
                Err(error) => {
                    check_error(&error);
                    break;
                }
            }
        }
    }
});
