//! The pieces of a file in the store, and the blocks in which their bytes are copied.

use crate::base::digest::Digest;

/// One chunk of content, compressed.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// Where it begins, in the spool or in a file of the cache.
    pub offset: u64,
    /// Bytes of the piece.
    pub length: u64,
    /// Bytes of the content.
    pub content_length: u64,
    /// SHA-256 of the piece; `None` unless pieces are unpacked one by one.
    pub sha256: Option<Digest>,
}

/// How many bytes are read at once.
pub(super) const BLOCK: usize = 256 << 10;

/// Cuts a length into blocks. Returns the offset and the length of each.
pub(super) fn blocks(length: u64) -> impl Iterator<Item = (u64, usize)> {
    let starts = (0..length).step_by(BLOCK);
    starts.map(move |at| {
        (
            at,
            usize::try_from(length - at).map_or(BLOCK, |rest| rest.min(BLOCK)),
        )
    })
}
