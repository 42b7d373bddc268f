//! The facade crate.
//!
//! It is the source in `runtime-bin/` with the product's own names. Two generated files name the
//! payloads and the commands. The crate depends on the platform crates of exactly those targets that
//! have one, and passes its features on to them. For each command that `cargo install` is to install,
//! it has a program of a few lines.

mod cargo_toml;
mod commands;
mod files;
mod names;
mod payload;
mod readme;

pub use files::{files, path, write};
