//! The files of a folder: which may be archives of programs.

use std::path::Path;

use super::archive::Candidate;
use super::error::InitError;
use super::passed_over;
use crate::product::{FileName, is_license_name};

/// Most files that are looked at. GitHub takes 1000 for a release.
pub const MOST_FILES: usize = 2000;

/// The files of a release.
#[derive(Debug, Default)]
pub struct Files {
    /// Those that may be archives.
    pub candidates: Vec<Candidate>,
    /// The others, and what each is.
    pub passed_over: Vec<(String, String)>,
}

impl Files {
    /// Adds a file by its name. `path` is where it lies.
    pub fn add(&mut self, name: &str, path: &Path) {
        if let Err(error) = name.parse::<FileName>() {
            self.passed_over.push((name.to_owned(), error.to_string()));
        } else if let Some(reason) = passed_over::reason(name) {
            self.passed_over.push((name.to_owned(), reason.to_owned()));
        } else {
            self.candidates.push(Candidate {
                name: name.to_owned(),
                path: path.to_owned(),
            });
        }
    }
}

/// Lists the files of a folder, sorted by their names. Folders in it are not looked at.
pub fn list(folder: &Path) -> Result<Files, InitError> {
    if !folder.is_dir() {
        return Err(InitError::NoFolder(folder.to_owned()));
    }
    let entries = fs_err::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    if entries.len() > MOST_FILES {
        return Err(InitError::TooMany {
            place: folder.display().to_string(),
            limit: MOST_FILES,
        });
    }
    let mut files = Files::default();
    let mut paths = entries
        .iter()
        .map(fs_err::DirEntry::path)
        .collect::<Vec<_>>();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            continue;
        }
        let name = path.file_name().unwrap_or_default();
        let Some(name) = name.to_str() else {
            let name = name.to_string_lossy().into_owned();
            let reason = "its name is not UTF-8".to_owned();
            files.passed_over.push((name, reason));
            continue;
        };
        if !is_of_product(name) {
            files.add(name, &path);
        }
    }
    Ok(files)
}

/// Whether a file of a folder belongs to the product, and not to the release.
fn is_of_product(name: &str) -> bool {
    let is_text = || passed_over::reason(name).is_some();
    name == STAGE_TOML || name == "README.md" || (is_license_name(name) && is_text())
}

/// The file that describes a product.
pub const STAGE_TOML: &str = "stage.toml";
