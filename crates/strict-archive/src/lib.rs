#![doc = include_str!("../README.md")]

mod compression;
mod error;
mod escape;
mod gzip;
mod limits;
mod link;
mod name;
mod portable;
mod remedy;
mod source;
pub mod tar;
mod tree;
mod xz;
pub mod zip;
mod zstandard;

pub use compression::Compression;
pub use error::{Error, Fault};
pub use escape::{Escaped, escaped_sentence};
pub use gzip::{GzipFault, GzipReader};
pub use limits::{LimitFault, Limits};
pub use link::{LinkFault, LinkTarget};
pub use name::{EntryName, NameFault};
pub use portable::{PortableFault, PortablePath};
pub use source::{DiskFile, ReadAt};
pub use tree::{NameTree, TreeFault};
pub use xz::{XzFault, XzReader};
pub use zstandard::{ZstdFault, ZstdReader};
