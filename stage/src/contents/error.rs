use std::io;

/// Why the contents of an artifact could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ContentsError {
    /// The archive is malformed or too large.
    #[error(transparent)]
    Container(#[from] strict_archive::Error),
    /// Reading failed, which says nothing about the artifact.
    #[error(transparent)]
    Io(#[from] io::Error),
}
