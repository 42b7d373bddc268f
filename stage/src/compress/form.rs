//! The forms that content is compressed into.

use crate::record::Effort;

/// Bytes of content that are compressed on their own. A smaller chunk costs ratio (a match cannot
/// reach into the chunk before), a larger one memory and parallelism.
pub const CHUNK: u64 = 4 << 20;

/// A kind of compressed content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Pieces of a DEFLATE stream, see [`STREAM_END`](super::STREAM_END): for zip and gzip.
    Deflate,
    /// zstd frames, one a chunk: for the payload of crates.
    Zstd,
}

/// One form of compressed content: what artifacts share, and what the cache keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) encoding: Encoding,
    /// Of libdeflate, or of zstd.
    pub(super) level: i32,
}

impl Form {
    pub(super) fn new(encoding: Encoding, effort: Effort) -> Self {
        // Measured in docs/performance.md.
        let levels = match encoding {
            Encoding::Deflate => [1, 6, 12],
            Encoding::Zstd => [1, 3, 19],
        };
        let level = match effort {
            Effort::Fast => levels[0],
            Effort::Default => levels[1],
            Effort::Best => levels[2],
        };
        Self { encoding, level }
    }

    /// A name that changes with everything that changes the bytes: an encoder too, which comes with
    /// another version of this program.
    pub(super) fn name(self) -> String {
        let encoding = match self.encoding {
            Encoding::Deflate => "deflate",
            Encoding::Zstd => "zstd",
        };
        format!("{encoding}-{}-{}", self.level, env!("CARGO_PKG_VERSION"))
    }
}
