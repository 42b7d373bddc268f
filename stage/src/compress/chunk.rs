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
    /// SHA-256 of the content; `None` unless chunks are unpacked one by one.
    pub(super) sha256: Option<Digest>,
}

/// Cuts a file into chunks.
pub(super) fn chunks<'a>(work: &'a Work<'a>) -> impl Iterator<Item = Chunk<'a>> {
    let size = work.file.size;
    (0..size.div_ceil(CHUNK)).map(move |index| {
        let offset = index * CHUNK;
        Chunk {
            work,
            offset,
            length: CHUNK.min(size - offset),
        }
    })
}

/// Reads and compresses chunks. Each thread has one encoder.
pub(super) struct ChunkEncoder<'a> {
    bundle: &'a Bundle,
    /// The file of the previous chunk: the next chunk is usually of the same file.
    open: Option<(&'a BundleFile, File)>,
    content: Vec<u8>,
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
            bundle,
            open: None,
            content: Vec::new(),
            encoders: encoders.collect(),
        }
    }

    pub(super) fn encode<'c>(&mut self, chunk: &'c Chunk<'a>) -> Result<Output<'c>, CompressError> {
        self.read(chunk)?;
        let mut crc32 = crc32fast::Hasher::new();
        crc32.update(&self.content);
        let mut pieces = Vec::new();
        for shelf in &chunk.work.shelves {
            pieces.push(
                self.encoders[*shelf]
                    .encode(&self.content)
                    .map_err(CompressError::Zstd)?,
            );
        }
        Ok(Output {
            chunk,
            crc32,
            pieces,
        })
    }

    fn read(&mut self, chunk: &Chunk<'a>) -> Result<(), CompressError> {
        let file = match &mut self.open {
            Some((of, file)) if std::ptr::eq(*of, chunk.work.file) => file,
            open => {
                let path = self.bundle.path_of(chunk.work.file);
                let file = File::open(path).map_err(CompressError::Read)?;
                &mut open.insert((chunk.work.file, file)).1
            }
        };
        self.content.clear();
        self.content
            .reserve_exact(usize::try_from(chunk.length).unwrap_or(0));
        file.seek(SeekFrom::Start(chunk.offset))
            .map_err(CompressError::Read)?;
        let read = file.take(chunk.length).read_to_end(&mut self.content);
        if read.map_err(CompressError::Read)? as u64 != chunk.length {
            return Err(CompressError::Changed {
                path: chunk.work.file.path.display().to_string(),
            });
        }
        Ok(())
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
                Ok(Encoded {
                    bytes,
                    sha256: Some(Digest::of(content)),
                })
            }
        }
    }
}
