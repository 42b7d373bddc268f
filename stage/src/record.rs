//! What is written down about a release, and what it is called: manifests, `release.json`,
//! `SHA256SUMS`, the names and places of artifacts.

mod allowed;
mod artifact;
pub(crate) mod carried;
mod effort;
pub mod files;
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
