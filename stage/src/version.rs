//! One release, and how each ecosystem spells its version.
//!
//! Upstream names a release by a git tag (`rust-v0.116.0-alpha.1`, `v2026.01.05`, `1.2`). Cargo and npm
//! need a semantic version (`0.116.0-alpha.1`, `2026.1.5`, `1.2.0`), and Python's side one of PEP 440
//! (`0.116.0a1`, `2026.1.5`, `1.2`). [`ReleaseVersion`] is read from any of these. It is printed as each
//! of them, and it remembers the tag.
//!
//! The accepted set is narrow on purpose. A version ends up in file names, in manifests and in pins
//! that are compared as text. So each release has exactly one semantic version and one Python version,
//! however its tag is spelled. What has none in one of the two is refused, and the error says why.
//! docs/versions.md has the rules as tables.

mod error;
mod numbers;
mod order;
mod packaged;
mod parse;
mod phase;
mod release;
mod revision;

pub use error::Error;
pub use release::ReleaseVersion;
pub use revision::{MOST_REVISIONS, RevisionError};
