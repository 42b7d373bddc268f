//! An SDK, pinned to exactly one runtime.
//!
//! An SDK is a source tree in which one requirement names the runtime: a Cargo package, or a
//! Python project. Staging it is a copy of the tree with two things written into its manifest, the
//! SDK's own version and the pin; everything else of the manifest, comments and spacing included,
//! stays as its author wrote it.
//!
//! Decided against: adding a requirement where there is none (the SDK would not use it), and
//! choosing one of two (the other would bring a second runtime).

mod cargo;
mod error;
mod manifest;
mod python;
mod source;

use std::collections::BTreeMap;
use std::path::Path;

use toml_edit::DocumentMut;

pub use error::Error;
pub use source::{Source, SourceFile};

use crate::product::Product;
use crate::record::names::crates;
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

/// What manages the packages of an SDK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ecosystem {
    /// A Rust crate.
    Cargo,
    /// A Python project.
    Python,
}

impl Ecosystem {
    /// The directory of a staging directory that holds SDKs of this kind.
    #[must_use]
    pub fn directory(self) -> &'static str {
        match self {
            Self::Cargo => "crates",
            Self::Python => "python",
        }
    }

    /// The file that describes a package.
    #[must_use]
    pub fn manifest(self) -> &'static str {
        match self {
            Self::Cargo => "Cargo.toml",
            Self::Python => "pyproject.toml",
        }
    }

    /// Whether `stage` wrote the package in a directory.
    #[must_use]
    pub fn is_staged(self, directory: &Path) -> bool {
        let manifest = fs_err::read_to_string(directory.join(self.manifest()));
        manifest.is_ok_and(|text| crates::is_generated(&text))
    }
}

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

/// Pins an SDK.
pub fn pin(source: &Source, pin: &Pin) -> Result<Pinned, Error> {
    let mut files = source.read()?;
    let has = |ecosystem: &Ecosystem| files.contains_key(ecosystem.manifest());
    let found = [Ecosystem::Cargo, Ecosystem::Python]
        .into_iter()
        .filter(has);
    let ecosystem = match found.collect::<Vec<_>>()[..] {
        [ecosystem] => ecosystem,
        [] => return Err(Error::NoManifest(source.to_string())),
        _ => return Err(Error::TwoManifests(source.to_string())),
    };
    let file = ecosystem.manifest();
    let text = files
        .get(file)
        .and_then(|file| String::from_utf8(file.content.clone()).ok());
    let at = |reason: String| Error::Manifest {
        file: format!("{source}/{file}"),
        reason,
    };
    let text = text.ok_or_else(|| at("it is not UTF-8".to_owned()))?;
    let edited = manifest::parse(&text).and_then(|document| match ecosystem {
        Ecosystem::Cargo => cargo::pin(document, pin, *source == Source::BuiltIn),
        Ecosystem::Python => python::pin(document, pin),
    });
    let Edited {
        name,
        version,
        requirement,
        document,
    } = edited.map_err(|fault| fault.at(&format!("{source}/{file}")))?;
    if let Some(manifest) = files.get_mut(file) {
        manifest.content = manifest::print(&document, &text).into_bytes();
    }
    Ok(Pinned {
        ecosystem,
        name,
        version,
        requirement,
        files,
    })
}

/// A manifest with its pin.
struct Edited {
    name: String,
    version: String,
    requirement: String,
    document: DocumentMut,
}

/// Whether this is how a package that is published anywhere is called; it is a file name too.
fn is_package_name(name: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric();
    name.len() <= 64
        && name.bytes().next().is_some_and(word)
        && name
            .bytes()
            .all(|b| word(b) || matches!(b, b'-' | b'_' | b'.'))
}
