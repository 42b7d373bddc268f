//! Where a product's files are.

use std::io;
use std::path::{Path, PathBuf};

use super::error::ProductError;
use super::mistake::Mistake;
use crate::base::failure::with_causes;
use crate::base::regular;

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

/// The most bytes of a TOML file of a product.
pub(super) const MOST_TOML: u64 = 1 << 20;

/// The most bytes of a text of a product: a README or a licence.
pub(crate) const MOST_TEXT: u64 = 16 << 20;

/// Why a file of a product cannot be read.
#[derive(Debug)]
pub(super) enum Unread {
    /// It is not there, for example.
    Io(io::Error),
    /// It is a link to a file out of the product's folder.
    Elsewhere,
    /// It is not UTF-8: the first line that is not, and the first byte.
    Encoding { line: usize, byte: u8 },
}

impl Unread {
    /// Returns what is wrong with the file. It completes a sentence that begins with the name.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Io(error) => format!("cannot be read: {}", with_causes(error)),
            Self::Elsewhere => {
                "is a link to a file outside of the product's folder; put the file itself there"
                    .to_owned()
            }
            Self::Encoding { byte, .. } => {
                format!("is not UTF-8: it has the byte {byte:#04x}; save it as UTF-8")
            }
        }
    }

    /// Makes a mistake of the file itself.
    pub(super) fn mistake(&self, file: String) -> Mistake {
        Mistake {
            file,
            line: match self {
                Self::Encoding { line, .. } => *line,
                Self::Io(_) | Self::Elsewhere => 0,
            },
            field: None,
            reason: self.reason(),
        }
    }
}

/// Where a product's files are.
#[derive(Clone, Debug)]
pub enum ProductSource {
    /// Built into the executable.
    BuiltIn,
    /// A folder that the caller names.
    Folder(PathBuf),
}

/// Texts of a product's folder: their names, and what they say, or why they cannot be packaged.
pub type FolderTexts = Vec<(String, Result<String, Mistake>)>;

/// Reads the texts of a product's folder whose names are wanted, sorted by their names, as they are read when
/// the product is loaded.
pub fn texts_in(
    folder: &Path,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<FolderTexts, ProductError> {
    let source = ProductSource::Folder(folder.to_owned());
    let names = source.list("")?.into_iter().filter(|name| is_wanted(name));
    let texts = names.map(|name| {
        let text = source.read(&name, MOST_TEXT);
        let text = text.map_err(|unread| unread.mistake(source.show(&name)));
        (name, text)
    });
    Ok(texts.collect())
}

impl ProductSource {
    /// Reads one file of the product, of at most `most` bytes. A link out of its folder is not followed:
    /// packages would have files that nobody put there.
    pub(super) fn read(&self, name: &str, most: u64) -> Result<String, Unread> {
        let folder = match self {
            Self::BuiltIn => {
                let found = EMBEDDED.iter().find(|(path, _)| *path == name);
                let text = found.and_then(|(_, bytes)| std::str::from_utf8(bytes).ok());
                let text = text.map(str::to_owned);
                return text.ok_or_else(|| Unread::Io(io::ErrorKind::NotFound.into()));
            }
            Self::Folder(folder) => folder,
        };
        let path = folder.join(name);
        // A path that leads nowhere has its own error below.
        if let Ok(real) = fs_err::canonicalize(&path)
            && !real.starts_with(fs_err::canonicalize(folder).map_err(Unread::Io)?)
        {
            return Err(Unread::Elsewhere);
        }
        let bytes = regular::read(&path, most).map_err(Unread::Io)?;
        String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let bytes = error.as_bytes();
            Unread::Encoding {
                line: bytes[..valid].split(|byte| *byte == b'\n').count(),
                byte: bytes.get(valid).copied().unwrap_or_default(),
            }
        })
    }

    /// Lists the names of the files in a folder of the product, sorted; the empty path is the product's
    /// own folder. There are none in a folder that is not there.
    pub(super) fn list(&self, folder: &str) -> Result<Vec<String>, ProductError> {
        let mut names: Vec<String> = match self {
            Self::BuiltIn => embedded(folder).map(|(name, _)| name.to_owned()).collect(),
            Self::Folder(product) => {
                let entries = match fs_err::read_dir(product.join(folder)) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
                    entries => entries?.collect::<Result<Vec<_>, _>>()?,
                };
                // A link that leads nowhere is one that somebody should know of.
                let is_file = |entry: &fs_err::DirEntry| {
                    let path = entry.path();
                    path.is_file() || (path.is_symlink() && !path.exists())
                };
                let names = entries.into_iter().filter(is_file);
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
