//! What the fuzz targets share: limits that are easily passed, and what holds for every reader.

use std::collections::HashSet;

use strict_archive::{EntryName, Limits};

mod object;
mod tar;
mod versions;
#[path = "../../crates/strict-archive/oracle/tar.rs"]
pub mod with_tar;
#[path = "../../crates/strict-archive/oracle/zip.rs"]
pub mod with_zip;

pub use object::check_object;
pub use self::tar::{Reading, read_loose_tar, read_tar};
pub use versions::check_versions;

/// So small that most archives of a few entries come close to them.
pub const LIMITS: Limits = Limits {
    entries: 12,
    unpacked_bytes: 64 << 10,
};

/// An error can be shown: it has a help, and nothing in it that a terminal would obey.
pub fn check_error(error: &impl std::error::Error, help: &str) {
    let text = error.to_string();
    assert!(!text.chars().any(char::is_control), "{text:?}");
    assert!(!help.is_empty());
}

/// The names of an archive, checked with nothing of the code that is under test.
#[derive(Default)]
pub struct Names {
    entries: HashSet<String>,
    files: HashSet<String>,
    /// Directories that names imply.
    parents: HashSet<String>,
}

impl Names {
    /// Adds the name of an entry. It has to lie in the tree, beside those before it.
    pub fn add(&mut self, name: &EntryName, directory: bool) {
        let folded = name.as_str().to_lowercase();
        let mut parent = String::new();
        for component in folded.split('/') {
            assert!(!matches!(component, "" | "." | ".."), "{name}");
            assert!(!component.contains(['\\', '\0', '\n']), "{name}");
            assert!(!self.files.contains(&parent), "{name} below a file");
            if !parent.is_empty() {
                self.parents.insert(parent.clone());
                parent.push('/');
            }
            parent.push_str(component);
        }
        if !directory {
            assert!(!self.parents.contains(&folded), "{name} is a directory");
            self.files.insert(folded.clone());
        }
        assert!(self.entries.insert(folded), "{name} twice");
        let made = self.entries.union(&self.parents).count() as u64;
        assert!(made <= LIMITS.entries, "{made} names");
    }
}
