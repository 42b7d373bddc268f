//! Reads gzip with a tar in it. What is accepted, the reader in common use reads as the same bytes.

#![no_main]

use std::io::Read as _;

use flate2::bufread::MultiGzDecoder;
use libfuzzer_sys::fuzz_target;
use stage_fuzz::read_tar;
use strict_archive::GzipReader;

/// Most bytes that are unpacked: deflate makes a thousand of one.
const MOST: u64 = 1 << 20;

fuzz_target!(|data: &[u8]| {
    let mut content = Vec::new();
    let whole = GzipReader::new(data).take(MOST).read_to_end(&mut content);
    if whole.is_ok() {
        let mut same = Vec::new();
        MultiGzDecoder::new(data)
            .take(MOST)
            .read_to_end(&mut same)
            .unwrap();
        assert!(content == same);
    }
    let reading = read_tar(GzipReader::new(data));
    if reading.error.is_none() {
        assert_eq!(reading, read_tar(&content[..]));
    }
});
