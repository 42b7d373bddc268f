use std::io;

use serde::Serialize;

/// What is known of the signature of the code for one CPU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "why", rename_all = "snake_case")]
pub enum Signature {
    /// There is none.
    Absent,
    /// There is one, and nobody compared it with the bytes.
    Unchecked,
    /// It is about these bytes.
    Intact,
    /// It is about other bytes, or it is damaged.
    Broken(SignatureFault),
}

/// Why a signature does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// Pages of the file are not those that were signed.
    #[error(
        "{count} of its {all} pages {} not what was signed, the first at byte {first}",
        if *count == 1 { "is" } else { "are" }
    )]
    Pages {
        /// How many.
        count: u64,
        /// How many pages were signed.
        all: u64,
        /// Where the first one begins, in the code for its CPU.
        first: u64,
    },
    /// Something was appended to the file after it was signed.
    #[error("{0} bytes lie behind the signature")]
    Behind(u64),
    /// The signature does not cover all bytes before it.
    #[error("it covers the first {limit} bytes, and it lies at byte {at}")]
    Uncovered {
        /// Bytes that are signed.
        limit: u64,
        /// Where the signature begins.
        at: u64,
    },
    /// A part of the signature is not the one that was signed.
    #[error("{0} is not what was signed")]
    Part(&'static str),
    /// A part of the signature is missing, and was signed.
    #[error("{0} was signed and is not there")]
    PartMissing(&'static str),
    /// A part of the signature was not signed.
    #[error("{0} is there and was not signed")]
    PartUnsigned(&'static str),
    /// It is neither ad hoc nor signed with a certificate.
    #[error("it has no certificate, and does not say that it is ad hoc")]
    NoCertificate,
    /// The signature cannot be read.
    #[error("{0}")]
    Damaged(&'static str),
}

impl Serialize for SignatureFault {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why checking ended.
pub(super) enum Stop {
    Io(io::Error),
    Fault(SignatureFault),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<SignatureFault> for Stop {
    fn from(fault: SignatureFault) -> Self {
        Self::Fault(fault)
    }
}
