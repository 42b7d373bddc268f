//! Checks what was found in the cache against the content that it should be.
//!
//! Others can write to a cache: it may be shared, or restored from where a pull request could put
//! something. So nothing of an entry is believed. Each piece is unpacked and compared with the
//! chunk of the runtime, whose SHA-256 was computed when the bundle was opened. A piece that holds
//! it goes to the spool, and is not read from the cache again. The chunks are independent, so all
//! threads work on them.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::num::NonZeroUsize;

use libdeflater::Decompressor as Inflater;
use zstd::bulk::Decompressor;

use super::blocks::Piece;
use super::chunk::{ChunkReader, chunk_lengths};
use super::deflate::{LiteralEncoder, STREAM_END};
use super::error::CompressError;
use super::store::{Candidate, Spool};
use crate::base::digest::Digest;
use crate::base::parallel;
use crate::bundle::{Bundle, BundleFile};

/// A file, and what the stores have for it.
pub(super) struct Hit<'a> {
    pub(super) file: &'a BundleFile,
    /// Each with the number of the store that has it.
    pub(super) found: Vec<(usize, Candidate)>,
}

/// A chunk of a file, and the pieces that should hold it.
struct Unit<'a> {
    hit: usize,
    file: &'a BundleFile,
    offset: u64,
    length: u64,
    pieces: Vec<(usize, &'a Candidate, &'a Piece)>,
}

/// What is known of a unit.
struct Compared {
    crc32: crc32fast::Hasher,
    /// The pieces in the spools; `None` for one that does not hold the chunk.
    pieces: Vec<Option<Piece>>,
}

/// Returns, for each hit, the pieces of what was found; `None` if it is not what it should be.
pub(super) fn check(
    bundle: &Bundle,
    hits: &[Hit],
    spools: &[&Spool],
    jobs: NonZeroUsize,
) -> Result<Vec<Vec<Option<Vec<Piece>>>>, CompressError> {
    let units = hits.iter().enumerate().flat_map(units).collect::<Vec<_>>();
    let sentinel = Sentinel::new();
    let tool = || Checker::new(bundle, spools, &sentinel);
    let compared = parallel::map_with(jobs, &units, tool, Checker::compare)?;
    let mut checked = hits
        .iter()
        .map(|hit| vec![Some(Vec::new()); hit.found.len()])
        .collect::<Vec<_>>();
    let mut crc32 = vec![crc32fast::Hasher::new(); hits.len()];
    for (unit, compared) in units.iter().zip(compared) {
        crc32[unit.hit].combine(&compared.crc32);
        for (pieces, piece) in checked[unit.hit].iter_mut().zip(compared.pieces) {
            match piece {
                Some(piece) => pieces
                    .iter_mut()
                    .for_each(|pieces| pieces.push(piece.clone())),
                None => *pieces = None,
            }
        }
    }
    // A runtime that changed says nothing about the cache.
    for (hit, crc32) in hits.iter().zip(crc32) {
        if crc32.finalize() != hit.file.crc32 {
            return Err(CompressError::changed(hit.file));
        }
    }
    Ok(checked)
}

fn units<'a>((index, hit): (usize, &'a Hit<'a>)) -> Vec<Unit<'a>> {
    let mut units = Vec::new();
    let mut offset = 0;
    for (chunk, length) in chunk_lengths(hit.file.size).enumerate() {
        let found = hit.found.iter();
        let pieces = found.map(|(store, candidate)| (*store, candidate, &candidate.pieces[chunk]));
        units.push(Unit {
            hit: index,
            file: hit.file,
            offset,
            length,
            pieces: pieces.collect(),
        });
        offset += length;
    }
    units
}

/// A piece of DEFLATE that nobody can know before the run, and the end of the stream.
///
/// In an artifact, other pieces follow a piece. They must be read from the beginning of a block,
/// or they could come to mean something else. So the sentinel is decoded behind each piece: its
/// block begins with random code lengths (RFC 1951, section 3.2.7). A decoder that is still within
/// a block, or in the middle of a byte, takes some bits of it for its own, and then makes other
/// bytes of the rest. Blocks of the other types will not do, since their first bits can be guessed.
struct Sentinel {
    stream: Vec<u8>,
    content: Vec<u8>,
}

impl Sentinel {
    fn new() -> Self {
        let mut encoder = LiteralEncoder::default();
        // The standard library keys this hasher at random.
        let mut random = fastrand::Rng::with_seed(RandomState::new().hash_one("sentinel"));
        loop {
            let mut alphabet = (0..=u8::MAX).collect::<Vec<_>>();
            random.shuffle(&mut alphabet);
            // Some bytes are more frequent than others, so that their codes have various lengths.
            let mut byte = || alphabet[random.usize(..60).min(random.usize(..60))];
            let content = (0..1000).map(|_| byte()).collect::<Vec<_>>();
            let mut stream = encoder.piece(&content);
            if block_type(&stream) == 2 {
                stream.extend(STREAM_END);
                return Self { stream, content };
            }
        }
    }
}

/// Returns the type of the first block of a stream (RFC 1951, section 3.2.3).
fn block_type(stream: &[u8]) -> u8 {
    stream[0] >> 1 & 3
}

/// What one thread needs.
struct Checker<'a> {
    reader: ChunkReader<'a>,
    spools: &'a [&'a Spool],
    sentinel: &'a Sentinel,
    inflater: Inflater,
    /// zstd's contexts are large; one is made when there is a frame.
    decompressor: Option<Decompressor<'static>>,
    piece: Vec<u8>,
    content: Vec<u8>,
}

impl<'a> Checker<'a> {
    fn new(bundle: &'a Bundle, spools: &'a [&'a Spool], sentinel: &'a Sentinel) -> Self {
        Self {
            reader: ChunkReader::new(bundle),
            spools,
            sentinel,
            inflater: Inflater::new(),
            decompressor: None,
            piece: Vec::new(),
            content: Vec::new(),
        }
    }

    fn compare(&mut self, unit: &Unit<'a>) -> Result<Compared, CompressError> {
        let chunk = self.reader.read(unit.file, unit.offset, unit.length)?;
        let mut crc32 = crc32fast::Hasher::new();
        crc32.update(chunk);
        let mut pieces = Vec::new();
        for (store, candidate, piece) in &unit.pieces {
            // What cannot be read is as good as absent.
            let read = candidate.read(piece, &mut self.piece);
            // The trailer has digests for zstd, and only for that.
            let same = read.is_ok()
                && match piece.sha256 {
                    None => inflates_to(
                        &mut self.inflater,
                        &mut self.piece,
                        self.sentinel,
                        chunk,
                        &mut self.content,
                    ),
                    Some(sha256) => {
                        let decompressor = match &mut self.decompressor {
                            Some(decompressor) => decompressor,
                            none => none.insert(Decompressor::new().map_err(CompressError::Zstd)?),
                        };
                        Digest::of(&self.piece) == sha256
                            && decodes_to(decompressor, &self.piece, chunk, &mut self.content)
                    }
                };
            pieces.push(if same {
                let spooled = self.spools[*store].append(&self.piece);
                Some(Piece {
                    offset: spooled.map_err(CompressError::Spool)?,
                    ..(*piece).clone()
                })
            } else {
                None
            });
        }
        Ok(Compared { crc32, pieces })
    }
}

/// Returns whether a piece of DEFLATE holds this chunk, and whatever follows it in a stream is
/// decoded as if the stream began there.
fn inflates_to(
    inflater: &mut Inflater,
    piece: &mut Vec<u8>,
    sentinel: &Sentinel,
    chunk: &[u8],
    content: &mut Vec<u8>,
) -> bool {
    let length = piece.len();
    piece.extend(&sentinel.stream);
    content.resize(chunk.len() + sentinel.content.len(), 0);
    let size = inflater.deflate_decompress(piece, content);
    piece.truncate(length);
    size == Ok(content.len()) && content.starts_with(chunk) && content.ends_with(&sentinel.content)
}

/// Returns whether these bytes are one zstd frame that holds this chunk.
fn decodes_to(
    decompressor: &mut Decompressor,
    frame: &[u8],
    chunk: &[u8],
    content: &mut Vec<u8>,
) -> bool {
    content.clear();
    content.reserve(chunk.len());
    let is_one = zstd::zstd_safe::find_frame_compressed_size(frame) == Ok(frame.len());
    let decoded: io::Result<usize> = decompressor.decompress_to_buffer(frame, content);
    is_one && decoded.is_ok() && content == chunk
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits in the order of the stream, filled up with zeros to a byte.
    fn bytes(bits: &str) -> Vec<u8> {
        let bits = bits.replace(' ', "");
        let byte = |bits: &[u8]| {
            let bits = bits.iter().enumerate();
            bits.fold(0, |byte, (place, bit)| byte | (bit - b'0') << place)
        };
        bits.as_bytes().chunks(8).map(byte).collect()
    }

    #[test]
    fn only_a_piece_that_ends_with_its_block_is_sound() {
        // RFC 1951, section 3.2.6, with fixed codes: the letter `a`, and the end of the block.
        const A: &str = "010 10010001 0000000";
        const EMPTY: &str = "0000000000000000 1111111111111111";
        for (sound, bits) in [
            (true, format!("{A} 000 000 {EMPTY}")),
            (true, format!("{A} 010 0000000 000 0 {EMPTY}")),
            // It ends in the middle of a byte, where no block begins or one that is cut.
            (false, A.to_owned()),
            (false, format!("{A} 000 000")),
            // A final block: nothing after it is read.
            (false, format!("110 10010001 0000000 000 000 {EMPTY}")),
            // The header of the next block has the bits that are missing here.
            (false, "010 10010".to_owned()),
            // Stored blocks that are longer than what is there.
            (
                false,
                "000 00000 1000000000000000 0111111111111111".to_owned(),
            ),
            (
                false,
                "000 00000 0100000000000000 1011111111111111 10000110".to_owned(),
            ),
        ] {
            let is_sound = inflates_to(
                &mut Inflater::new(),
                &mut bytes(&bits),
                &Sentinel::new(),
                b"a",
                &mut Vec::new(),
            );
            assert_eq!(is_sound, sound, "{bits}");
        }
    }

    #[test]
    fn no_two_sentinels_are_alike() {
        assert_ne!(Sentinel::new().content, Sentinel::new().content);
    }
}
