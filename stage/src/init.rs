//! `stage init`: a product, made of the archives of a release.
//!
//! A maintainer has archives and wants packages. What their files say is not asked for: the bytes of
//! the programs say the targets, and where they leave several open, the names of the archives; what
//! all archives have are the commands; licences are told by their texts. What nothing says is left
//! open in the text that is written, and named.
//!
//! What is read was made by others. It is unpacked by the same readers as in `bundle`, into a private
//! directory; values reach stage.toml through TOML's own writer. The folder gets all files or none,
//! and nothing in it is ever overwritten.
//!
//! Decided against: running a program to ask for its version or its licence (it is somebody's, and for
//! another machine); asking where a default is right as a rule; a file with every field, of which
//! nobody knows any more which matter.

mod archive;
mod around;
mod assets;
mod check;
mod commands;
mod draft;
mod error;
mod folder;
mod known;
mod license;
mod narrow;
mod next;
mod passed_over;
mod product;
mod proposal;
mod read;
mod release;
mod rival;
mod target;
mod try_out;
mod version;
mod words;

pub use archive::{Archive, Candidate};
pub use check::{Checked, Found, Outcome, check};
pub use error::InitError;
pub use folder::{Files, STAGE_TOML, list};
pub use known::Known;
pub use next::{Source, TAG, commands};
pub use product::{Files as ProductFiles, files};
pub use proposal::{Answers, Forge, Proposal};
pub use read::{Unreadable, read};
pub use release::{Download, Downloaded, download};
pub use target::Assigned;
pub use try_out::write;
pub use version::Release;
