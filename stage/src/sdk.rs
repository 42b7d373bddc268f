//! Pins an SDK to exactly one runtime.
//!
//! An SDK is a source tree in which one requirement names the runtime: a Cargo package, or a
//! Python project. Staging copies the tree and writes two things into its manifest: the SDK's own
//! version and the pin. Everything else in the manifest, with its comments and spacing, stays as
//! its author wrote it.
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
pub use error::SdkError;
pub use pin::pin;
pub use pinned::{Pin, Pinned};
pub use source::{SdkSource, SourceFile};
