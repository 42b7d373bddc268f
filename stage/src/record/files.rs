//! The two files that complete a set, in the root of a staging directory.

/// The file that lists the SHA-256 of every other file, as `sha256sum` does.
pub const SUMS: &str = "SHA256SUMS";

/// The file that describes the set.
pub const RELEASE: &str = "release.json";

/// Both, in the order in which they are written, after all other files of a set. They are removed
/// in reverse order, before all others: if `release.json` is there, the set is complete.
pub const ALL: [&str; 2] = [SUMS, RELEASE];
