//! What is in an artifact, read once.
//!
//! Rules look at names, modes, digests, at what executables say of themselves and at the text of
//! metadata files. All of it is gathered in one pass over the bytes, on as many threads as the
//! container allows, and what is gathered is small: the content streams past.

mod directory;
mod error;
mod file;
mod files;
mod kept;
mod metadata;
mod mode;
mod record;
mod sink;
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
