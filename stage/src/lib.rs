//! The library behind the `stage` command. ARCHITECTURE.md says what may import what.

pub mod audit;
pub mod base;
pub mod bundle;
pub mod commands;
pub mod compress;
pub mod contents;
pub mod fetch;
pub mod gate;
pub mod init;
mod matrix;
pub mod package;
pub mod product;
pub mod record;
pub mod sdk;
pub mod staging;
pub mod version;
