use std::io;

use crate::base::failure::Advice;
use crate::base::files::io_help;
use crate::bundle::BundleFile;

/// Why content could not be compressed.
#[derive(Debug, thiserror::Error)]
pub enum CompressError {
    /// A file of the bundle cannot be read.
    #[error(transparent)]
    Read(io::Error),
    /// The cache cannot be used.
    #[error(transparent)]
    Cache(io::Error),
    /// The spool cannot be written.
    #[error(transparent)]
    Spool(io::Error),
    /// zstd failed.
    #[error("cannot compress with zstd")]
    Zstd(#[source] io::Error),
    /// A file has changed since it was hashed, when the bundle was opened.
    #[error("{path} changed while it was being staged")]
    Changed {
        /// The file, relative to the bundle.
        path: String,
    },
}

impl CompressError {
    /// The error for a file whose content is not what was hashed.
    pub(super) fn changed(file: &BundleFile) -> Self {
        Self::Changed {
            path: file.path.display().to_string(),
        }
    }
}

impl Advice for CompressError {
    fn help(&self) -> String {
        match self {
            Self::Read(error) | Self::Cache(error) | Self::Spool(error) | Self::Zstd(error) => {
                io_help(error)
            }
            Self::Changed { .. } => {
                "stage a copy that nothing writes to, and run the command again".to_owned()
            }
        }
    }
}
