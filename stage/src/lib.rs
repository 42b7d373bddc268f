//! The library behind the `stage` command.

pub mod cli;
pub mod commands;
pub mod container;
mod digest;
mod failpoint;
pub mod failure;
pub mod platform;
pub mod product;
pub mod report;
pub mod version;
