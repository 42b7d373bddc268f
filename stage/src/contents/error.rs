use std::io;

/// Contents that could not be read to the end.
#[derive(Debug, thiserror::Error)]
pub enum ContentsError {
    /// The archive is not what it should be.
    #[error(transparent)]
    Container(#[from] strict_archive::Error),
    /// The system failed, and nothing is known of the artifact.
    #[error(transparent)]
    Io(#[from] io::Error),
}
