//! Whether a set is a release: complete, unchanged, and fit to be published.

pub mod assemble;
pub mod check;
mod sdks;
