//! What makes a set of staged artifacts a release.

pub mod fetch;
pub mod index;
pub mod manifest;
