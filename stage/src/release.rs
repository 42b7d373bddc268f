//! What makes a set of staged artifacts a release.

pub mod assemble;
pub(crate) mod carried;
pub mod check;
pub mod fetch;
pub(crate) mod hash;
pub mod index;
pub mod manifest;
pub mod matrix;
pub mod mode;
pub mod problem;
pub mod release_json;
mod sdks;
pub mod sums;
mod walk;

/// What only a whole set has, in the order in which they are written, as the last files of it. They
/// are removed first, in the other order: where `release.json` is, nothing is missing.
pub const FILES: [&str; 2] = [sums::FILE, release_json::FILE];
