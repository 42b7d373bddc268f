//! Strict readers of zip and tar.
//!
//! Archives arrive from the network and are unpacked on machines that sign releases, so every
//! header is hostile until it is proven good. The readers here exist because the common libraries
//! are built to the opposite aim: they open whatever can be opened. They take the first of two
//! names, trust one of two headers that disagree, stop at the first end they see and hand over
//! names that walk out of the destination. Two programs then read two different trees from one
//! file. Here a file has one reading, or none:
//!
//! - all that a format says twice is compared, and every byte of the file belongs to exactly one
//!   thing;
//! - names are parsed into [`EntryName`], which cannot hold one that leaves the tree, and are
//!   unique even on a
//!   file system that ignores case;
//! - sizes and checksums hold to the byte while the content streams past;
//! - memory depends on [`Limits`] only, never on a size that a header claims.
//!
//! What a format allows, though some registry does not (a data descriptor, a comment, zip64), is
//! not an error but a field of the entry, for the caller to judge.
//!
//! Decided against: recovering anything from a damaged archive; code page 437 for old zip names (no
//! runtime has one, and the same bytes read differently on each system); comparing names by Unicode
//! normalisation form.

mod error;
mod escape;
mod gzip;
mod limits;
mod link;
mod name;
mod portable;
mod source;
pub mod tar;
mod tree;
pub mod zip;
mod zstandard;

pub use error::{Error, Fault};
pub use escape::{Escaped, escaped_sentence};
pub use gzip::{GzipFault, GzipReader};
pub use limits::{LimitFault, Limits};
pub use link::{LinkFault, LinkTarget};
pub use name::{EntryName, NameFault};
pub use portable::{PortableFault, PortablePath};
pub use source::{DiskFile, ReadAt};
pub use tree::{NameTree, TreeFault};
pub use zstandard::{ZstdFault, ZstdReader};
