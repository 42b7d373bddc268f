//! The algorithms of signatures.

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384};

/// An algorithm, in the order in which macOS prefers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum HashType {
    Sha1,
    /// Its first 20 bytes.
    Sha256Truncated,
    Sha256,
    Sha384,
}

impl HashType {
    pub(super) fn of_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Sha1,
            2 => Self::Sha256,
            3 => Self::Sha256Truncated,
            4 => Self::Sha384,
            _ => return None,
        })
    }

    /// Bytes of a hash in the list.
    pub(super) fn size(self) -> usize {
        match self {
            Self::Sha1 | Self::Sha256Truncated => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }

    pub(super) fn hasher(self) -> Hasher {
        match self {
            Self::Sha1 => Hasher::Sha1(Sha1::new()),
            Self::Sha256 | Self::Sha256Truncated => Hasher::Sha256(Sha256::new()),
            Self::Sha384 => Hasher::Sha384(Sha384::new()),
        }
    }
}

/// A hash on its way.
pub(super) enum Hasher {
    Sha1(Sha1),
    Sha256(Sha256),
    Sha384(Sha384),
}

impl Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha384(hasher) => hasher.update(bytes),
        }
    }

    pub(super) fn finish(self, hash: HashType) -> Vec<u8> {
        let mut bytes = match self {
            Self::Sha1(hasher) => hasher.finalize().to_vec(),
            Self::Sha256(hasher) => hasher.finalize().to_vec(),
            Self::Sha384(hasher) => hasher.finalize().to_vec(),
        };
        bytes.truncate(hash.size());
        bytes
    }
}
