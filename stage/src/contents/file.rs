use std::io;
use std::sync::Arc;

use native_claims::facts::{Facts, FactsError};

use super::kept::Kept;
use super::mode::Mode;
use super::record::FileRecord;
use crate::base::digest::Digest;

/// One file of an artifact.
#[derive(Clone, Debug)]
pub struct File {
    /// Unix permissions, if the container records them.
    pub mode: Option<u32>,
    /// Bytes of content.
    pub size: u64,
    /// SHA-256 of the content.
    pub sha256: Digest,
    /// The facts of the file, if it is an executable, a library or a script.
    pub object: Object,
    /// The content of a metadata file (see [`is_metadata`](super::metadata::is_metadata)).
    pub text: Option<Vec<u8>>,
    /// The content of a file in an archive that has to be read twice (see [`is_kept`](super::metadata::is_kept)).
    pub kept: Option<Arc<Kept>>,
}

/// What a file is, by its bytes.
#[derive(Clone, Debug, PartialEq)]
pub enum Object {
    /// It is data.
    None,
    /// It is an executable, a library or a script.
    Facts(Box<Facts>),
    /// It begins like one of these and is damaged or incomplete; the text says why.
    Malformed(String),
}

impl Object {
    /// Takes what was read, save what says nothing of the file.
    pub(crate) fn new(facts: Result<Option<Facts>, FactsError>) -> io::Result<Self> {
        match facts {
            Ok(None) => Ok(Self::None),
            Ok(Some(facts)) => Ok(Self::Facts(Box::new(facts))),
            Err(FactsError::Io(error)) => Err(error),
            Err(error @ FactsError::Damaged { .. }) => Ok(Self::Malformed(error.to_string())),
        }
    }
}

impl File {
    /// Returns whether its owner may execute it.
    #[must_use]
    pub fn is_executable(&self) -> bool {
        self.mode.is_some_and(|mode| mode & 0o100 != 0)
    }

    /// Returns the file as a manifest records it, with this path.
    #[must_use]
    pub fn record(&self, path: String) -> FileRecord {
        FileRecord {
            path,
            mode: Mode::new(self.mode.unwrap_or_default()),
            size: self.size,
            sha256: self.sha256,
        }
    }

    /// Returns the facts, if there are any.
    #[must_use]
    pub fn facts(&self) -> Option<&Facts> {
        match &self.object {
            Object::Facts(facts) => Some(facts),
            Object::None | Object::Malformed(_) => None,
        }
    }
}
