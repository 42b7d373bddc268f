//! The library behind the `stage` command.

pub mod platform;
pub mod product;
pub mod version;
