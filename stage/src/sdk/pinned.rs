use std::collections::BTreeMap;

use toml_edit::DocumentMut;

use super::ecosystem::Ecosystem;
use super::error::Error;
use super::source::SourceFile;
use crate::product::Product;
use crate::version::ReleaseVersion;

/// What an SDK is pinned to.
#[derive(Clone, Copy, Debug)]
pub struct Pin<'a> {
    /// What the packages of the runtime are called, now and before.
    pub product: &'a Product,
    /// The version of the runtime.
    pub version: ReleaseVersion,
    /// The version of the SDK, in the spelling of its ecosystem, if it is not the runtime's.
    pub sdk_version: Option<&'a str>,
    /// Whether the facade crate is staged beside the SDK.
    pub beside_facade: bool,
}

/// An SDK with its pin.
#[derive(Debug)]
pub struct Pinned {
    /// What it is.
    pub ecosystem: Ecosystem,
    /// The name of its package.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// The requirement, as it is written now.
    pub requirement: String,
    /// Its files, by path.
    pub files: BTreeMap<String, SourceFile>,
}

/// The module of generated types, which an SDK has empty in its own repository.
const TYPES: &str = "src/generated.rs";

impl Pinned {
    /// Puts generated types where the SDK has a module for them.
    pub fn set_types(&mut self, text: String) -> Result<(), Error> {
        match self.files.get_mut(TYPES) {
            Some(file) => {
                file.content = text.into_bytes();
                Ok(())
            }
            None => Err(Error::NoTypes(self.name.clone())),
        }
    }

    /// Where the SDK lies in a staging directory.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{}", self.ecosystem.directory(), self.name)
    }
}

/// A manifest with its pin.
pub(super) struct Edited {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) requirement: String,
    pub(super) document: DocumentMut,
}

/// Whether this is how a package that is published anywhere is called; it is a file name too.
pub(super) fn is_package_name(name: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric();
    name.len() <= 64
        && name.bytes().next().is_some_and(word)
        && name
            .bytes()
            .all(|b| word(b) || matches!(b, b'-' | b'_' | b'.'))
}
