use std::collections::BTreeMap;

use toml_edit::DocumentMut;

use super::ecosystem::Ecosystem;
use super::error::SdkError;
use super::source::SourceFile;
use crate::product::Product;
use crate::version::ReleaseVersion;

/// What an SDK is pinned to.
#[derive(Clone, Copy, Debug)]
pub struct Pin<'a> {
    /// The product, which has the current and former names of the runtime's packages.
    pub product: &'a Product,
    /// The version of the runtime.
    pub version: &'a ReleaseVersion,
    /// The version of the SDK, in the spelling of its ecosystem. `None`: that of the runtime.
    pub sdk_version: Option<&'a str>,
    /// Whether the facade crate is staged beside the SDK.
    pub beside_facade: bool,
}

/// An SDK with its pin.
#[derive(Debug)]
pub struct Pinned {
    /// Its package manager.
    pub ecosystem: Ecosystem,
    /// The name of its package.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// The new text of the requirement.
    pub requirement: String,
    /// Its files, by path.
    pub files: BTreeMap<String, SourceFile>,
}

/// The module of generated types, which is empty in the SDK's own repository.
const TYPES: &str = "src/generated.rs";

impl Pinned {
    /// Replaces the content of the SDK's module of generated types. Fails if it has no such module.
    pub fn set_types(&mut self, text: String) -> Result<(), SdkError> {
        match self.files.get_mut(TYPES) {
            Some(file) => {
                file.content = text.into_bytes();
                Ok(())
            }
            None => Err(SdkError::NoTypes(self.name.clone())),
        }
    }

    /// Returns the path of the SDK inside a staging directory.
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

/// Returns whether a registry would accept this package name. It is also a safe file name.
pub(super) fn is_package_name(name: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric();
    name.len() <= 64
        && name.bytes().next().is_some_and(word)
        && name
            .bytes()
            .all(|b| word(b) || matches!(b, b'-' | b'_' | b'.'))
}
