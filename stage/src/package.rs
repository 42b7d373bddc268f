//! Makes artifacts from a bundle and its compressed content.
//!
//! A packager decides what an artifact contains: an ordered list of entries, each literal bytes or
//! a file of the bundle. The writers of the containers turn such a list into bytes, and hash them
//! while writing. Nothing here knows where artifacts end up: they are written into a directory that
//! the caller chooses, and each is returned as an [`Artifact`](crate::record::Artifact).

mod contents;
pub mod crates;
pub mod entry;
mod error;
pub mod index;
mod input;
pub mod npm;
mod payload;
pub mod sbom;
mod task;
mod text;
mod tgz;
pub mod wheel;
mod zip;

pub use error::PackageError;
pub use input::{Input, Made};
pub use task::{Task, write};
