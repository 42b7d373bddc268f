//! The names of a release's artifacts.

pub mod crates;
pub mod npm;
mod parse;
pub mod wheel;

pub use parse::{expected_path, platform_of, platform_of_crate, wheel_tags};
