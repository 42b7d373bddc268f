//! Reads a tar as it is and behind gzip: both are one reading, wherever the pieces are cut. Reads it
//! with loose names too. The crate `tar` reads the same.
//!
//! A change of one byte makes the checksum of a header wrong, which is all that a reader would ever
//! see of it. So most changes are followed by a correction of the checksums, and some move whole
//! blocks.

#![no_main]

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use stage_fuzz::{read_loose_tar, read_tar};
use strict_archive::GzipReader;

const BLOCK: usize = 512;

fuzz_target!(|data: &[u8]| {
    let plain = read_tar(data);
    plain.check_with_tar(data);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::none());
    gzip.write_all(data).unwrap();
    let packed = read_tar(GzipReader::new(&gzip.finish().unwrap()[..]));
    assert_eq!(plain, packed);
    // What is exact is read the same way by a reader that need not have it so.
    let loose = read_loose_tar(data);
    assert!(plain.error.is_some() || plain == loose);
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let blocks = size / BLOCK;
    let any = |shift: u32| (seed >> shift) as usize % blocks.max(1) * BLOCK;
    let (from, to) = (any(8), any(20));
    let size = match seed % 8 {
        0 if blocks > 0 && size + BLOCK <= max_size => {
            let block = data[from..from + BLOCK].to_vec();
            data.copy_within(to..size, to + BLOCK);
            data[to..to + BLOCK].copy_from_slice(&block);
            size + BLOCK
        }
        1 if blocks > 1 => {
            data.copy_within(from + BLOCK..size, from);
            size - BLOCK
        }
        _ => fuzzer_mutate(data, size, max_size),
    };
    if seed % 16 != 15 {
        data[..size].chunks_exact_mut(BLOCK).for_each(correct);
    }
    size
});

/// Writes the checksum of a block that looks like a header.
fn correct(block: &mut [u8]) {
    if block[257..].starts_with(b"ustar") {
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().copied().map(u32::from).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
}
