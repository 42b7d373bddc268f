//! The files that only a complete set has, in the root of a staging directory.

/// Lists the SHA-256 of every other file, as `sha256sum` does.
pub const SUMS: &str = "SHA256SUMS";

/// Says what the set consists of.
pub const RELEASE: &str = "release.json";

/// Both, in the order in which they are written, as the last files of a set. They are removed first,
/// in the other order: where `release.json` is, nothing is missing.
pub const ALL: [&str; 2] = [SUMS, RELEASE];
