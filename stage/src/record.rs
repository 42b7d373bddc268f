//! The records of a release: manifests, `release.json`, `SHA256SUMS`, and the names and paths of
//! artifacts.

mod allowed;
mod artifact;
pub(crate) mod carried;
mod effort;
pub mod files;
pub(crate) mod hash;
pub mod installed;
pub mod manifest;
pub mod manifests;
pub(crate) mod manual;
pub mod names;
pub mod problem;
pub mod release_json;
pub mod sums;
pub mod timestamp;
pub(crate) mod walk;

pub use allowed::Allowed;
pub use artifact::{Artifact, ArtifactKind, ListedFile, Recipe};
pub use effort::Effort;
