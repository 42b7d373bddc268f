//! What is in an artifact, read once.
//!
//! Rules look at names, modes, digests, at what executables say of themselves and at the text of
//! metadata files. All of it is gathered in one pass over the bytes, on as many threads as the
//! container allows, and what is gathered is small: the content streams past.

mod directory;
mod sink;
mod stream;
mod tarball;
mod written;
mod zipfile;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

pub use directory::read_directory;
pub use sink::Kept;
pub(super) use sink::{Sink, TextBudget};
pub use tarball::read_tar;
pub use zipfile::read_zip;

use super::facts::{self, Facts};
use super::{Findings, Kind, rules};
use crate::container;
use crate::container::tar::Spelling;
use crate::digest::Digest;
use crate::release::manifest::FileRecord;
use crate::release::mode::Mode;

/// The files of an artifact.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// Sorted by path. There may be many: a map would take twice the room, and the contents of
    /// several artifacts share what they have from one bundle.
    files: Vec<(String, Arc<File>)>,
    /// Paths of links and special files.
    links: Vec<String>,
    /// Files whose names an archive spells otherwise than their paths.
    spellings: BTreeMap<String, Spelling>,
}

/// Contents that could not be read to the end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The archive is not what it should be.
    #[error(transparent)]
    Container(#[from] container::Error),
    /// The system failed, and nothing is known of the artifact.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// One file of an artifact.
#[derive(Clone, Debug)]
pub struct File {
    /// Unix permissions, if the container has them.
    pub mode: Option<u32>,
    /// Bytes of content.
    pub size: u64,
    /// SHA-256 of the content.
    pub sha256: Digest,
    /// What the file says of itself if it is an executable, a library or a script.
    pub object: Object,
    /// The content, of a metadata file (see [`is_metadata`]).
    pub text: Option<Vec<u8>>,
    /// The content, of a file in an archive that has to be read twice (see [`is_kept`]).
    pub kept: Option<Arc<Kept>>,
}

/// What a file says of itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Object {
    /// It is data.
    None,
    /// It is an executable, a library or a script.
    Facts(Box<Facts>),
    /// It begins like one and is not whole. Why.
    Malformed(String),
}

impl Object {
    /// Takes what was read, save what says nothing of the file.
    fn new(facts: Result<Option<Facts>, facts::Error>) -> io::Result<Self> {
        match facts {
            Ok(None) => Ok(Self::None),
            Ok(Some(facts)) => Ok(Self::Facts(Box::new(facts))),
            Err(facts::Error::Io(error)) => Err(error),
            Err(error @ facts::Error::Damaged { .. }) => Ok(Self::Malformed(error.to_string())),
        }
    }
}

impl File {
    /// Whether its owner may execute it.
    #[must_use]
    pub fn is_executable(&self) -> bool {
        self.mode.is_some_and(|mode| mode & 0o100 != 0)
    }

    /// The facts, if there are any.
    #[must_use]
    pub fn facts(&self) -> Option<&Facts> {
        match &self.object {
            Object::Facts(facts) => Some(facts),
            Object::None | Object::Malformed(_) => None,
        }
    }
}

impl Contents {
    /// Files by their paths, of which no two are the same, in any order.
    fn new(mut files: Vec<(String, Arc<File>)>, links: Vec<String>) -> Self {
        files.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        Self {
            files,
            links,
            spellings: BTreeMap::new(),
        }
    }

    /// The place of a path, or where it would be.
    fn place(&self, path: &str) -> Result<usize, usize> {
        self.files
            .binary_search_by(|(there, _)| (**there).cmp(path))
    }

    /// The file at a path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&File> {
        let (_, file) = self.files.get(self.place(path).ok()?)?;
        Some(file)
    }

    /// The same, for contents of which it is a part too.
    fn get_shared(&self, path: &str) -> Option<Arc<File>> {
        let (_, file) = self.files.get(self.place(path).ok()?)?;
        Some(Arc::clone(file))
    }

    /// Adds a file; one with the same path goes.
    pub fn insert(&mut self, path: String, file: File) {
        let place = self.place(&path);
        let file = (path, Arc::new(file));
        match place {
            Ok(place) => self.files[place] = file,
            Err(place) => self.files.insert(place, file),
        }
    }

    /// All files, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &File)> {
        self.files
            .iter()
            .map(|(path, file)| (path.as_str(), &**file))
    }

    /// Whether there is a file below a directory.
    #[must_use]
    pub fn has_directory(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let (Ok(next) | Err(next)) = self.place(&below);
        let next = self.files.get(next);
        next.is_some_and(|(path, _)| path.starts_with(&below))
    }

    /// The files whose paths begin with a prefix, by the rest of their paths.
    pub fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a File)> {
        let files = self.iter();
        files.filter_map(move |(path, file)| Some((path.strip_prefix(prefix)?, file)))
    }

    /// The same as a manifest records them.
    #[must_use]
    pub fn records(&self, prefix: &str) -> Vec<FileRecord> {
        let records = self.below(prefix).map(|(path, file)| FileRecord {
            path: path.to_owned(),
            mode: Mode::new(file.mode.unwrap_or_default()),
            size: file.size,
            sha256: file.sha256,
        });
        records.collect()
    }

    /// How an archive spells the name of a file.
    #[must_use]
    pub fn spelling(&self, path: &str) -> Spelling {
        self.spellings.get(path).copied().unwrap_or_default()
    }

    /// The directories at the top that have a file of this name.
    pub fn directories_with<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter().filter_map(move |(path, _)| {
            let (directory, rest) = path.split_once('/')?;
            (rest == name).then_some(directory)
        })
    }

    /// The content of a metadata file as text; `None` if it is not there or not UTF-8.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        std::str::from_utf8(self.get(path)?.text.as_deref()?).ok()
    }

    /// Holds what is the same in every kind of artifact against the rules.
    pub(super) fn check(&self, kind: Kind, findings: &mut Findings) {
        // What npm makes of such names is for the rules of its packages to say.
        let spellings = self.spellings.iter().filter(|_| kind != Kind::Npm);
        for (path, _) in spellings.filter(|(_, spelling)| spelling.loose) {
            let detail = "its name has a `.` component or an empty one";
            findings.add_at(&rules::archive::NAME, path, detail);
        }
        for path in &self.links {
            findings.add_at(
                &rules::archive::LINK,
                path,
                "it is a link or a special file",
            );
        }
        for (path, file) in self.iter() {
            if let Object::Malformed(reason) = &file.object {
                let rule = if file.is_executable() || is_named_like_code(path) {
                    &rules::archive::OBJECT_MALFORMED
                } else {
                    &rules::archive::OBJECT_FRAGMENT
                };
                findings.add_at(rule, path, reason);
            }
            if is_metadata(path) && file.text.is_none() {
                let detail = format!("it has {} bytes", file.size);
                findings.add_at(&rules::archive::METADATA_TOO_LARGE, path, detail);
            }
        }
    }

    /// Executables, libraries and scripts.
    pub fn objects(&self) -> impl Iterator<Item = (&str, &Facts)> {
        self.iter()
            .filter_map(|(path, file)| Some((path, file.facts()?)))
    }
}

/// Whether a file is a program or a library by its name.
fn is_named_like_code(path: &str) -> bool {
    const ENDS: [&str; 6] = [".so", ".dylib", ".dll", ".exe", ".pyd", ".node"];
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    ENDS.iter().any(|end| name.ends_with(end)) || name.contains(".so.")
}

/// Whether a file's content is kept for the rules to read: what describes a package, by the names
/// that the ecosystems give it.
fn is_metadata(path: &str) -> bool {
    const NAMES: [&str; 5] = [
        "package.json",
        "platforms.json",
        "Cargo.toml",
        "payload.manifest",
        "release.json",
    ];
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let in_directory = |of: &str| directory == of || directory.ends_with(&format!("/{of}"));
    NAMES.contains(&name)
        || name.ends_with("-package.json")
        || name.ends_with(".cdx.json")
        || directory
            .split('/')
            .next()
            .is_some_and(|top| top.ends_with(".dist-info"))
        || (in_directory("src") && name == "lib.rs")
}

/// Whether a file's content is kept to be read again: the payload of a crate, which is described
/// by a file that comes after it.
fn is_kept(path: &str) -> bool {
    path.split_once('/')
        .is_some_and(|(_, name)| name == "payload.bin")
}

/// Bytes of one metadata file that are kept.
const MOST_TEXT: u64 = 16 << 20;

/// Bytes of all metadata files of an artifact that are kept.
const MOST_TEXTS: u64 = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_what_a_path_has_before_a_slash() {
        let mut contents = Contents::default();
        for path in ["a-b", "a/b", "b/c/d"] {
            contents.insert(path.to_owned(), File::of_literal(path, Vec::new()));
        }
        assert!(contents.has_directory("a") && contents.has_directory("b/c"));
        assert!(!contents.has_directory("a/b") && !contents.has_directory("a-"));
    }

    #[test]
    fn metadata_is_known_by_its_name() {
        for path in [
            "a-1.dist-info/RECORD",
            "a-1.dist-info/sboms/a.cdx.json",
            "package/package.json",
            "package/vendor/t/codex-package.json",
            "Cargo.toml",
            "a-1.0/Cargo.toml",
        ] {
            assert!(is_metadata(path), "{path}");
        }
        for path in ["a/RECORD", "bin/codex", "a/lib.rs", "x.json", "asrc/lib.rs"] {
            assert!(!is_metadata(path), "{path}");
        }
    }
}
