//! What is written down about a release, and what it is called: manifests, `release.json`,
//! `SHA256SUMS`, the names and places of artifacts.

mod allowed;
mod artifact;
pub(crate) mod carried;
mod effort;
pub(crate) mod hash;
pub mod manifest;
pub mod manifests;
pub mod names;
pub mod problem;
pub mod release_json;
pub mod sums;
pub mod timestamp;
pub(crate) mod walk;

pub use allowed::Allowed;
pub use artifact::{Artifact, ArtifactKind, ListedFile, Recipe};
pub use effort::Effort;

/// What only a complete set has, in the order in which they are written, as the last files of it.
/// They are removed first, in the other order: where `release.json` is, nothing is missing.
pub const FILES: [&str; 2] = [sums::FILE, release_json::FILE];
