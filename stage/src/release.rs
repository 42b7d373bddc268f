//! What makes a set of staged artifacts a release.

pub mod assemble;
mod carried;
pub mod check;
pub mod fetch;
mod hash;
pub mod index;
pub mod manifest;
pub mod problem;
pub mod release_json;
mod sdk_crate;
pub mod sums;
mod walk;

/// What only a whole set has, in the order in which they are written, as the last files of it. They
/// are removed first, in the other order: where `release.json` is, nothing is missing.
pub const FILES: [&str; 2] = [sums::FILE, release_json::FILE];
