//! Where a product's files are.

use std::path::PathBuf;

use super::error::ProductError;

/// Every file that is built into the executable, with its path in this repository.
static EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Returns the built-in files below `folder`, with their paths relative to it.
pub(crate) fn embedded(folder: &str) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    EMBEDDED.iter().filter_map(move |(path, bytes)| {
        path.strip_prefix(folder)?
            .strip_prefix('/')
            .map(|path| (path, *bytes))
    })
}

/// Where a product's files are.
#[derive(Clone, Debug)]
pub enum ProductSource {
    /// Built into the executable.
    BuiltIn,
    /// A folder that the caller names.
    Folder(PathBuf),
}

impl ProductSource {
    /// Reads one file of the product.
    pub(super) fn read(&self, name: &str) -> Result<String, ProductError> {
        match self {
            Self::BuiltIn => {
                let found = EMBEDDED.iter().find(|(path, _)| *path == name);
                let text = found.and_then(|(_, bytes)| std::str::from_utf8(bytes).ok());
                text.map(str::to_owned)
                    .ok_or_else(|| std::io::ErrorKind::NotFound.into())
            }
            Self::Folder(folder) => fs_err::read_to_string(folder.join(name)),
        }
        .map_err(ProductError::Read)
    }

    /// Lists the names of the files in a folder of the product, sorted; the empty path is the product's
    /// own folder. There are none in a folder that is not there.
    pub(super) fn list(&self, folder: &str) -> Result<Vec<String>, ProductError> {
        let mut names: Vec<String> = match self {
            Self::BuiltIn => embedded(folder).map(|(name, _)| name.to_owned()).collect(),
            Self::Folder(product) => {
                let entries = match fs_err::read_dir(product.join(folder)) {
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
                    entries => entries?.collect::<Result<Vec<_>, _>>()?,
                };
                let names = entries.into_iter().filter(|entry| entry.path().is_file());
                names
                    .filter_map(|entry| entry.file_name().into_string().ok())
                    .collect()
            }
        };
        names.sort();
        Ok(names)
    }

    /// Returns a file's name as the user knows it.
    pub(super) fn show(&self, name: &str) -> String {
        match self {
            Self::BuiltIn => name.to_owned(),
            Self::Folder(folder) => folder.join(name).display().to_string(),
        }
    }
}
