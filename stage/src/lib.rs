//! The library behind the `stage` command.

pub mod container;
