//! What this crate accepts, the crates `zip` and `tar` read as the same names and bytes.
//!
//! A new shape of an archive goes into `zips.rs` or `tars.rs`: every test here then has it. The
//! unit tests check each archive that they build by hand in the same way.

#[path = "../../oracle/tar.rs"]
mod with_tar;
#[path = "../../oracle/zip.rs"]
mod with_zip;

mod tars;
mod zips;

use strict_archive::Limits;

const LIMITS: Limits = Limits {
    entries: 1000,
    unpacked_bytes: 1 << 20,
};

/// Calls `check` with each byte of `sample` changed to several other values.
fn each_change(sample: &[u8], mut check: impl FnMut(&mut [u8], usize)) {
    for index in 0..sample.len() {
        let byte = sample[index];
        let others = [0, 1, b'/', 0x7f, 0xff, byte ^ 1, byte ^ 0x80, !byte];
        for other in others.into_iter().filter(|&other| other != byte) {
            let mut changed = sample.to_owned();
            changed[index] = other;
            check(&mut changed, index);
        }
    }
}
