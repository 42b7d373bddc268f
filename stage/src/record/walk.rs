//! Lists everything in a directory, of whatever type.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use strict_archive::{EntryName, Escaped};

/// Anything but a directory.
pub struct Found {
    /// Its path below the directory, with `/`; escaped if it is not a valid name in a set.
    pub path: String,
    /// What is wrong with it; `None` for a file with a valid name in a set.
    pub odd: Option<&'static str>,
}

/// Lists everything below a directory but the directories, sorted by path. Does not follow links.
pub fn walk(root: &Path) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    // No recursion: the directory may be arbitrarily deep.
    let mut directories = vec![PathBuf::new()];
    while let Some(directory) = directories.pop() {
        for entry in fs_err::read_dir(root.join(&directory))? {
            let entry = entry?;
            let path = directory.join(entry.file_name());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                directories.push(path);
                continue;
            }
            let name = name(&path);
            let odd = if kind.is_symlink() {
                Some("a symbolic link")
            } else if !kind.is_file() {
                Some("neither a file nor a directory")
            } else if name.is_err() {
                Some("a file with a name that no file of a release has")
            } else {
                None
            };
            let path = name.unwrap_or_else(|escaped| escaped);
            found.push(Found { path, odd });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// Returns a path as a set writes it; `Err` is the escaped path, for messages.
fn name(path: &Path) -> Result<String, String> {
    let components = path.iter().map(OsStr::as_encoded_bytes);
    let bytes = components.collect::<Vec<_>>().join(&b'/');
    match EntryName::parse(&bytes) {
        Ok(name) => Ok(name.as_str().to_owned()),
        Err(_) => Err(Escaped(&bytes).to_string()),
    }
}
