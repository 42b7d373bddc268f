//! The library behind the `stage` command.

pub mod audit;
pub mod bundle;
mod cache;
pub mod cli;
pub mod commands;
pub mod compress;
pub mod container;
pub mod digest;
mod failpoint;
pub mod failure;
pub mod package;
mod parallel;
pub mod platform;
pub mod product;
pub mod release;
pub mod report;
pub mod sdk;
pub mod staging;
pub mod version;
pub mod wrong_call;
