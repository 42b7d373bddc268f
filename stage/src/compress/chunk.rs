//! One chunk of content, and its compressed forms.

use std::io::{self, Read, Seek, SeekFrom};

use fs_err::File;

use super::deflate;
use super::error::CompressError;
use super::form::{CHUNK, Encoding, Form};
use crate::base::digest::Digest;
use crate::bundle::{Bundle, BundleFile};

/// A file that at least one store lacks.
pub(super) struct Work<'a> {
    pub(super) file: &'a BundleFile,
    /// The shelves that lack it.
    pub(super) shelves: Vec<usize>,
}

/// A chunk of a file.
pub(super) struct Chunk<'a> {
    pub(super) work: &'a Work<'a>,
    pub(super) offset: u64,
    pub(super) length: u64,
}

/// The output for one chunk: its checksum, and a piece for each shelf that lacks the file.
pub(super) struct Output<'a> {
    pub(super) chunk: &'a Chunk<'a>,
    pub(super) crc32: crc32fast::Hasher,
    pub(super) pieces: Vec<Encoded>,
}

/// A compressed chunk.
pub(super) struct Encoded {
    pub(super) bytes: Vec<u8>,
    /// SHA-256 of the bytes; `None` unless chunks are unpacked one by one.
    pub(super) sha256: Option<Digest>,
}

/// Cuts content of this size into chunks, and returns the length of each.
pub(super) fn chunk_lengths(size: u64) -> impl ExactSizeIterator<Item = u64> {
    // The number fits: a list of so many pieces is in memory.
    let count = usize::try_from(size.div_ceil(CHUNK)).unwrap_or(usize::MAX);
    (0..count).map(move |index| CHUNK.min(size - index as u64 * CHUNK))
}

/// Cuts a file into chunks.
pub(super) fn chunks<'a>(work: &'a Work<'a>) -> impl Iterator<Item = Chunk<'a>> {
    chunk_lengths(work.file.size)
        .zip((0..).map(|index| index * CHUNK))
        .map(|(length, offset)| Chunk {
            work,
            offset,
            length,
        })
}

/// Reads chunks. Each thread has one reader.
pub(super) struct ChunkReader<'a> {
    bundle: &'a Bundle,
    /// The file of the previous chunk: the next chunk is usually of the same file.
    open: Option<(&'a BundleFile, File)>,
    content: Vec<u8>,
}

impl<'a> ChunkReader<'a> {
    pub(super) fn new(bundle: &'a Bundle) -> Self {
        Self {
            bundle,
            open: None,
            content: Vec::new(),
        }
    }

    /// Reads a chunk. Fails if the file has become shorter.
    pub(super) fn read(
        &mut self,
        of: &'a BundleFile,
        offset: u64,
        length: u64,
    ) -> Result<&[u8], CompressError> {
        let file = match &mut self.open {
            Some((open, file)) if std::ptr::eq(*open, of) => file,
            open => {
                let file = File::open(self.bundle.path_of(of)).map_err(CompressError::Read)?;
                &mut open.insert((of, file)).1
            }
        };
        self.content.clear();
        self.content
            .reserve_exact(usize::try_from(length).unwrap_or(0));
        file.seek(SeekFrom::Start(offset))
            .map_err(CompressError::Read)?;
        let read = file.take(length).read_to_end(&mut self.content);
        if read.map_err(CompressError::Read)? as u64 != length {
            return Err(CompressError::changed(of));
        }
        Ok(&self.content)
    }
}

/// Reads and compresses chunks. Each thread has one encoder.
pub(super) struct ChunkEncoder<'a> {
    reader: ChunkReader<'a>,
    /// One for each shelf.
    encoders: Vec<Encoder>,
}

/// An encoder of one form.
enum Encoder {
    Deflate(deflate::Encoder),
    /// zstd's contexts are large; the level is set when there is something to compress.
    Zstd(i32, Option<zstd::bulk::Compressor<'static>>),
}

impl<'a> ChunkEncoder<'a> {
    pub(super) fn new(bundle: &'a Bundle, forms: &[Form]) -> Self {
        let encoders = forms.iter().map(|form| match form.encoding {
            Encoding::Deflate => Encoder::Deflate(deflate::Encoder::new(form.level)),
            Encoding::Zstd => Encoder::Zstd(form.level, None),
        });
        Self {
            reader: ChunkReader::new(bundle),
            encoders: encoders.collect(),
        }
    }

    pub(super) fn encode<'c>(&mut self, chunk: &'c Chunk<'a>) -> Result<Output<'c>, CompressError> {
        let content = self
            .reader
            .read(chunk.work.file, chunk.offset, chunk.length)?;
        let mut crc32 = crc32fast::Hasher::new();
        crc32.update(content);
        let mut pieces = Vec::new();
        for shelf in &chunk.work.shelves {
            pieces.push(
                self.encoders[*shelf]
                    .encode(content)
                    .map_err(CompressError::Zstd)?,
            );
        }
        Ok(Output {
            chunk,
            crc32,
            pieces,
        })
    }
}

impl Encoder {
    fn encode(&mut self, content: &[u8]) -> io::Result<Encoded> {
        match self {
            Self::Deflate(encoder) => Ok(Encoded {
                bytes: encoder.piece(content),
                sha256: None,
            }),
            Self::Zstd(level, compressor) => {
                let compressor = match compressor {
                    Some(compressor) => compressor,
                    none => none.insert(zstd::bulk::Compressor::new(*level)?),
                };
                let mut bytes = compressor.compress(content)?;
                // The output waits for its turn: free the memory that it does not need.
                bytes.shrink_to_fit();
                let sha256 = Some(Digest::of(&bytes));
                Ok(Encoded { bytes, sha256 })
            }
        }
    }
}
