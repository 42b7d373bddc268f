//! The forms that content is compressed into.

use crate::record::Effort;

/// Bytes of content that are compressed on their own. Smaller chunks compress worse: a match cannot
/// reach into the chunk before. Larger ones need more memory and keep fewer threads busy.
pub const CHUNK: u64 = 4 << 20;

/// A kind of compressed content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Pieces of a DEFLATE stream, see [`STREAM_END`](super::STREAM_END): for zip and gzip.
    Deflate,
    /// zstd frames, one a chunk: for the payload of crates.
    Zstd,
}

/// One form of compressed content. Artifacts share it, and the cache keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) encoding: Encoding,
    /// The level, of libdeflate or of zstd.
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

    /// Returns a name that changes with everything that changes the bytes. That includes the version of
    /// this program, which may have another encoder.
    pub(super) fn name(self) -> String {
        let encoding = match self.encoding {
            Encoding::Deflate => "deflate",
            Encoding::Zstd => "zstd",
        };
        format!("{encoding}-{}-{}", self.level, env!("CARGO_PKG_VERSION"))
    }
}
