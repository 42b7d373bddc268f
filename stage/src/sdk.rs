//! An SDK, pinned to exactly one runtime.
//!
//! An SDK is a source tree in which one requirement names the runtime: a Cargo package, or a
//! Python project. Staging it is a copy of the tree with two things written into its manifest, the
//! SDK's own version and the pin; everything else of the manifest, comments and spacing included,
//! stays as its author wrote it.
//!
//! Decided against: adding a requirement where there is none (the SDK would not use it), and
//! choosing one of two (the other would bring a second runtime).

mod cargo;
mod ecosystem;
mod error;
mod manifest;
mod pin;
mod pinned;
mod python;
mod source;

pub use ecosystem::Ecosystem;
pub use error::Error;
pub use pin::pin;
pub use pinned::{Pin, Pinned};
pub use source::{Source, SourceFile};
