use std::collections::BTreeMap;
use std::sync::Arc;

use native_claims::facts::Facts;
use strict_archive::tar::Spelling;

use super::file::File;
use super::record::FileRecord;

/// The files of an artifact.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// Sorted by path. There may be many: a map would take twice the memory, and the contents of
    /// several artifacts share the files of one bundle.
    pub(super) files: Vec<(String, Arc<File>)>,
    /// Paths of links and special files.
    pub(super) links: Vec<String>,
    /// Files whose names in an archive are not spelled like their paths.
    pub(super) spellings: BTreeMap<String, Spelling>,
}

impl Contents {
    /// Makes contents from files by path, in any order. No path may occur twice.
    pub(crate) fn new(mut files: Vec<(String, Arc<File>)>, links: Vec<String>) -> Self {
        files.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        Self {
            files,
            links,
            spellings: BTreeMap::new(),
        }
    }

    /// Finds the index of a path; `Err` is the index at which it would be inserted.
    fn place(&self, path: &str) -> Result<usize, usize> {
        self.files
            .binary_search_by(|(there, _)| (**there).cmp(path))
    }

    /// Returns the file at a path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&File> {
        let (_, file) = self.files.get(self.place(path).ok()?)?;
        Some(file)
    }

    /// Returns the file at a path, to be shared with other contents.
    pub(crate) fn get_shared(&self, path: &str) -> Option<Arc<File>> {
        let (_, file) = self.files.get(self.place(path).ok()?)?;
        Some(Arc::clone(file))
    }

    /// Adds a file, and replaces one with the same path.
    pub fn insert(&mut self, path: String, file: File) {
        let place = self.place(&path);
        let file = (path, Arc::new(file));
        match place {
            Ok(place) => self.files[place] = file,
            Err(place) => self.files.insert(place, file),
        }
    }

    /// Returns all files, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &File)> {
        self.files
            .iter()
            .map(|(path, file)| (path.as_str(), &**file))
    }

    /// Returns whether there is a file below a directory.
    #[must_use]
    pub fn has_directory(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let (Ok(next) | Err(next)) = self.place(&below);
        let next = self.files.get(next);
        next.is_some_and(|(path, _)| path.starts_with(&below))
    }

    /// Returns the files whose paths begin with a prefix, by the rest of their paths.
    pub fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a File)> {
        let files = self.iter();
        files.filter_map(move |(path, file)| Some((path.strip_prefix(prefix)?, file)))
    }

    /// Returns the files below a prefix, as a manifest records them.
    #[must_use]
    pub fn records(&self, prefix: &str) -> Vec<FileRecord> {
        let records = self.below(prefix);
        records
            .map(|(path, file)| file.record(path.to_owned()))
            .collect()
    }

    /// Returns the paths of links and special files.
    pub(crate) fn links(&self) -> &[String] {
        &self.links
    }

    /// The files whose names an archive spells otherwise than their paths.
    pub(crate) fn spellings(&self) -> impl Iterator<Item = (&String, &Spelling)> {
        self.spellings.iter()
    }

    /// Returns how an archive spells the name of a file.
    #[must_use]
    pub fn spelling(&self, path: &str) -> Spelling {
        self.spellings.get(path).copied().unwrap_or_default()
    }

    /// Returns the top-level directories that have a file of this name.
    pub fn directories_with<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter().filter_map(move |(path, _)| {
            let (directory, rest) = path.split_once('/')?;
            (rest == name).then_some(directory)
        })
    }

    /// Returns the content of a metadata file as text; `None` if it is missing or not UTF-8.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        std::str::from_utf8(self.get(path)?.text.as_deref()?).ok()
    }

    /// Returns the executables, libraries and scripts, with their facts.
    pub fn objects(&self) -> impl Iterator<Item = (&str, &Facts)> {
        self.iter()
            .filter_map(|(path, file)| Some((path, file.facts()?)))
    }
}

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
}
