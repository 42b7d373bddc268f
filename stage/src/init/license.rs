//! Which licence a product has, by its licence files.

mod files;
mod templates;
mod text;
mod words;

pub use files::{Licenses, of_files};
