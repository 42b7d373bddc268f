//! Checks whether a set is a release: complete, unchanged, and ready to publish.

pub mod assemble;
pub mod check;
mod sdks;
