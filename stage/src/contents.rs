//! The contents of an artifact, read in one pass.
//!
//! Rules look at names, modes, digests, the facts of executables and the text of metadata files.
//! All of this is collected in one pass over the bytes, on as many threads as the container
//! allows. It takes little memory: the content streams past.

mod directory;
mod error;
mod file;
mod files;
mod kept;
mod metadata;
mod mode;
mod record;
mod sink;
mod sparse;
mod stream;
mod tarball;
mod zipfile;

pub use directory::read_directory;
pub use error::ContentsError;
pub use file::{File, Object};
pub use files::Contents;
pub use kept::Kept;
pub(crate) use metadata::{MOST_TEXT, is_metadata};
pub use mode::Mode;
pub use record::FileRecord;
pub(crate) use sink::{Sink, TextBudget};
pub use tarball::read_tar;
pub use zipfile::read_zip;
