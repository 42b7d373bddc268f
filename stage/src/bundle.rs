//! What a user hands in as RUNTIME, opened.
//!
//! Whatever the kind of RUNTIME, a [`Bundle`] is a directory and a sorted list of the files in it,
//! each with size, SHA-256, CRC-32 and mode. Nothing after this module knows what kind it was.
//! Archives are unpacked, and measured on the way; a directory is used where it lies, and so
//! whoever packages it measures what they read and compares.
//!
//! Each kind has its own file: `directory`, `tarball`, `zipfile`, `executable`. They give a
//! `Tree` of whatever there is; `open` and `place` find the bundle in it, and `check` compares what
//! remains with the layout in stage.toml and with the caller's expectations.
//!
//! Modes are those that git knows: executable or not. A link becomes a copy of its file, since
//! neither wheels nor crates can carry links.
//!
//! Decided against: unpacking only what the bundle needs (a fault in the rest would go unseen);
//! asking for one kind of RUNTIME by option or by file name (the bytes say it); taking the
//! executable bit from what a file is (the published trees have executable `.json` files, and the
//! tree that comes out is the one that went in).

mod check;
mod command;
mod directory;
mod error;
mod executable;
mod fault;
mod junk;
mod kind;
mod legacy;
mod measure;
mod metadata;
mod mode;
mod open;
mod place;
mod plain;
mod program;
mod request;
mod role;
mod runtime;
mod scripts;
mod survey;
mod tarball;
#[cfg(test)]
mod testing;
mod tree;
mod unpack;
mod zipfile;

pub use command::without_exe;
pub use error::Error;
pub use fault::{BadLink, CommandFault, LegacyFault};
pub use metadata::{Metadata, MetadataFault};
pub use mode::is_executable;
pub use open::open;
pub use place::{WHEEL_FILES, WHEEL_HOOKS, is_wheel_file};
pub use request::OpenRequest;
pub use role::{CompletionShell, Role, manual_language};
pub use runtime::{Bundle, BundleFile};
pub use survey::{Survey, SurveyedFile, survey};
