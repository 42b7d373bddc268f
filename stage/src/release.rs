//! What makes a set of staged artifacts a release.

pub mod facade;
pub mod manifest;
