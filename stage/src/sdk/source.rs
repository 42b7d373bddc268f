//! The source tree of an SDK.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

use super::error::SdkError;
use crate::bundle;
use crate::product;
use strict_archive::{EntryName, Escaped};

/// Where an SDK is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SdkSource {
    /// The Rust SDK, which is built in.
    BuiltIn,
    /// A directory that the caller names.
    Directory(PathBuf),
}

/// A file of an SDK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Its content.
    pub content: Vec<u8>,
    /// Whether its owner may execute it.
    pub executable: bool,
}

/// The most bytes of source. An SDK is text, so a larger tree contains build products.
const MOST_BYTES: u64 = 64 << 20;

/// Names that are skipped in every directory. They are made from the source, or, as lock files,
/// contain the pin of another release.
const LEFT_BEHIND: [&str; 11] = [
    ".git",
    ".venv",
    "__pycache__",
    ".pytest_cache",
    ".ruff_cache",
    ".mypy_cache",
    "node_modules",
    "Cargo.lock",
    "pdm.lock",
    "poetry.lock",
    "uv.lock",
];

/// Directories of build products, skipped only at the root of an SDK.
const BUILT: [&str; 3] = ["build", "dist", "target"];

impl SdkSource {
    /// Reads the files, by path. What `.gitignore` names is not part of the source.
    pub(super) fn read(&self) -> Result<BTreeMap<String, SourceFile>, SdkError> {
        match self {
            Self::BuiltIn => Ok(product::embedded("sdk")
                .map(|(path, content)| {
                    let file = SourceFile {
                        content: content.to_vec(),
                        executable: false,
                    };
                    (path.to_owned(), file)
                })
                .collect()),
            Self::Directory(root) => self.walk(root),
        }
    }

    fn walk(&self, root: &Path) -> Result<BTreeMap<String, SourceFile>, SdkError> {
        // A root that is missing or is not a directory fails here, with the clearest error.
        fs_err::read_dir(root)?;
        let mut files = BTreeMap::new();
        let mut budget = MOST_BYTES;
        let walk = WalkBuilder::new(root)
            .hidden(false)
            // Ignore files outside of the tree, and those for other tools than git, do not count.
            .parents(false)
            .ignore(false)
            .git_global(false)
            .git_exclude(false)
            .require_git(false)
            .filter_entry(|entry| entry.depth() == 0 || !is_left_behind(entry))
            .build();
        for entry in walk {
            let entry = entry.map_err(std::io::Error::other)?;
            let path = entry.path();
            if entry.file_type().is_some_and(|kind| kind.is_dir()) {
                continue;
            }
            // A link to a file counts as that file.
            let no_file = |what| SdkError::NoFile {
                path: path.display().to_string(),
                what,
            };
            let metadata = match fs_err::metadata(path) {
                Err(_) if entry.path_is_symlink() => {
                    return Err(no_file("a link that leads nowhere"));
                }
                metadata => metadata?,
            };
            if metadata.is_dir() {
                return Err(no_file("a link to a directory"));
            }
            if !metadata.is_file() {
                return Err(no_file("neither a file nor a directory"));
            }
            budget = budget
                .checked_sub(metadata.len())
                .ok_or_else(|| SdkError::TooLarge {
                    source_name: self.to_string(),
                    limit: MOST_BYTES,
                })?;
            let name = path.strip_prefix(root).unwrap_or(path);
            let content = fs_err::read(path)?;
            let file = SourceFile {
                executable: bundle::is_executable(&metadata, &mut Cursor::new(&content))?,
                content,
            };
            files.insert(self.name(name)?, file);
        }
        Ok(files)
    }

    /// Returns a path in the form that packages use.
    fn name(&self, path: &Path) -> Result<String, SdkError> {
        let components = path
            .components()
            .map(|part| part.as_os_str().as_encoded_bytes());
        let raw = components.collect::<Vec<_>>().join(&b'/');
        match EntryName::parse(&raw) {
            Ok(name) => Ok(name.as_str().to_owned()),
            Err(fault) => Err(SdkError::Name(format!(
                "{self}: `{}`: {fault}",
                Escaped(&raw)
            ))),
        }
    }
}

fn is_left_behind(entry: &DirEntry) -> bool {
    let Some(name) = entry.file_name().to_str() else {
        return false;
    };
    let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
    LEFT_BEHIND.contains(&name)
        || Path::new(name).extension().is_some_and(|e| e == "egg-info")
        || (entry.depth() == 1 && !is_file && BUILT.contains(&name))
}

impl fmt::Display for SdkSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("the built-in SDK"),
            Self::Directory(path) => path.display().fmt(f),
        }
    }
}
