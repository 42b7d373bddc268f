//! One pass over the content, for every artifact that carries it.
//!
//! Files are cut into chunks of [`CHUNK`] bytes. Each chunk is read once; from it come a piece of
//! DEFLATE for the archives, a zstd frame for the crates, and the checksums of both. Chunks are
//! independent, so all threads work on them, within a large file too, and what a thread holds is
//! one chunk and its outputs, whatever the size of the runtime. The outputs go to a spool in the
//! order of the chunks, from where the packagers copy them.

mod deflate;
mod in_order;

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use fs_err::File;
use libdeflater::CompressionLvl;
use sha2::{Digest as _, Sha256};

use crate::bundle::{Bundle, BundleFile};
use crate::digest::Digest;
use crate::failure::Advice;

pub use deflate::{STREAM_END, deflate_literal};
use in_order::InOrder;

/// Bytes of content that are compressed on their own. A smaller chunk costs ratio (a match cannot
/// reach into the chunk before), a larger one memory and parallelism.
pub const CHUNK: u64 = 4 << 20;

/// The forms of compressed content that artifacts are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Pieces of a DEFLATE stream, see [`STREAM_END`]: for zip and gzip.
    Deflate,
    /// zstd frames, one a chunk: for the payload of crates.
    Zstd,
}

/// How hard to compress. FACTS: at these levels both cost about the same as writing the result.
const DEFLATE_LEVEL: i32 = 6;
const ZSTD_LEVEL: i32 = 3;

/// The compressed content of a bundle.
pub struct Compressed {
    contents: BTreeMap<Digest, Content>,
    deflate: Mutex<File>,
    zstd: Mutex<File>,
}

/// Where the compressed forms of one content lie in the spools.
#[derive(Clone, Debug, Default)]
struct Content {
    deflate: Extent,
    frames: Vec<Frame>,
}

/// A range of a spool.
#[derive(Clone, Copy, Debug, Default)]
struct Extent {
    offset: u64,
    length: u64,
}

/// One zstd frame.
#[derive(Clone, Debug)]
pub struct Frame {
    spooled: Extent,
    /// Bytes of content in the frame.
    pub content_length: u64,
    /// SHA-256 of that content.
    pub sha256: Digest,
}

impl Frame {
    /// Bytes of the frame itself.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.spooled.length
    }
}

/// Content that could not be compressed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the bundle cannot be read, or the spool cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A file is no longer what was hashed when the bundle was opened.
    #[error("{path} changed while it was being staged")]
    Changed {
        /// The file, relative to the bundle.
        path: String,
    },
}

impl Advice for Error {
    fn help(&self) -> String {
        match self {
            Self::Io(error) => crate::staging::io_help(error),
            Self::Changed { .. } => {
                "stage a copy that nothing writes to, and run the command again".to_owned()
            }
        }
    }
}

/// A chunk of a file, in the order in which the spools get them.
struct Chunk<'a> {
    file: &'a BundleFile,
    offset: u64,
    length: u64,
}

/// What one chunk becomes.
struct Output<'a> {
    chunk: &'a Chunk<'a>,
    crc32: crc32fast::Hasher,
    deflate: Option<Vec<u8>>,
    zstd: Option<(Vec<u8>, Digest)>,
}

/// Compresses every file of the bundle into spools in `spool_dir`, on `jobs` threads.
///
/// Content that several files share is compressed once.
pub fn compress(
    bundle: &Bundle,
    encodings: &[Encoding],
    spool_dir: &Path,
    jobs: NonZeroUsize,
) -> Result<Compressed, Error> {
    let mut files = BTreeMap::new();
    for file in bundle.files() {
        files.entry(file.sha256).or_insert(file);
    }
    let chunks = files
        .values()
        .flat_map(|file| chunks(file))
        .collect::<Vec<_>>();
    let mut spools = Spools {
        contents: files
            .keys()
            .map(|digest| (*digest, Content::default()))
            .collect(),
        crc32: crc32fast::Hasher::new(),
        deflate: Spool::create(&spool_dir.join("deflate"))?,
        zstd: Spool::create(&spool_dir.join("zstd"))?,
    };
    let next = AtomicUsize::new(0);
    let in_order = InOrder::new(2 * jobs.get(), |output| spools.write(output));
    let work = || -> Result<(), Error> {
        let mut encoder = ChunkEncoder::new(bundle, encodings)?;
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(chunk) = chunks.get(index) else {
                return Ok(());
            };
            if !in_order.submit(index, encoder.encode(chunk)?)? {
                return Ok(());
            }
        }
    };
    // Each thread ends at its first error and stops the others; the first error is the one told.
    let first_error = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..jobs.get().min(chunks.len()) {
            scope.spawn(|| {
                if let Err(error) = work() {
                    in_order.stop();
                    first_error
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .get_or_insert(error);
                }
            });
        }
    });
    drop(in_order);
    match first_error
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
    {
        Some(error) => Err(error),
        None => Ok(spools.finish()),
    }
}

/// Cuts a file. An empty file has no chunk.
fn chunks(file: &BundleFile) -> impl Iterator<Item = Chunk<'_>> {
    (0..file.size.div_ceil(CHUNK)).map(move |index| {
        let offset = index * CHUNK;
        Chunk {
            file,
            offset,
            length: CHUNK.min(file.size - offset),
        }
    })
}

/// Reads and compresses chunks; a thread has one.
struct ChunkEncoder<'a> {
    bundle: &'a Bundle,
    /// The file of the chunk before: the next one is most often of the same file.
    open: Option<(&'a BundleFile, File)>,
    content: Vec<u8>,
    deflate: Option<deflate::Encoder>,
    zstd: Option<zstd::bulk::Compressor<'static>>,
}

impl<'a> ChunkEncoder<'a> {
    fn new(bundle: &'a Bundle, encodings: &[Encoding]) -> io::Result<Self> {
        let level = CompressionLvl::new(DEFLATE_LEVEL).map_err(|_| io::ErrorKind::InvalidInput)?;
        let wanted = |encoding| encodings.contains(&encoding);
        Ok(Self {
            bundle,
            open: None,
            content: Vec::new(),
            deflate: wanted(Encoding::Deflate).then(|| deflate::Encoder::new(level)),
            zstd: wanted(Encoding::Zstd)
                .then(|| zstd::bulk::Compressor::new(ZSTD_LEVEL))
                .transpose()?,
        })
    }

    fn encode<'c>(&mut self, chunk: &'c Chunk<'a>) -> Result<Output<'c>, Error> {
        self.read(chunk)?;
        let mut crc32 = crc32fast::Hasher::new();
        crc32.update(&self.content);
        let deflate = self.deflate.as_mut().map(|encoder| {
            let mut piece = Vec::new();
            encoder.piece(&self.content, &mut piece);
            piece
        });
        let zstd = match &mut self.zstd {
            None => None,
            Some(encoder) => {
                let sha256 = Digest::from(<[u8; 32]>::from(Sha256::digest(&self.content)));
                Some((encoder.compress(&self.content)?, sha256))
            }
        };
        Ok(Output {
            chunk,
            crc32,
            deflate,
            zstd,
        })
    }

    fn read(&mut self, chunk: &Chunk<'a>) -> Result<(), Error> {
        let file = match &mut self.open {
            Some((of, file)) if std::ptr::eq(*of, chunk.file) => file,
            open => {
                let file = File::open(self.bundle.path_of(chunk.file))?;
                &mut open.insert((chunk.file, file)).1
            }
        };
        file.seek(SeekFrom::Start(chunk.offset))?;
        self.content.clear();
        let read = file.take(chunk.length).read_to_end(&mut self.content)?;
        if read as u64 != chunk.length {
            return Err(Error::Changed {
                path: chunk.file.path.to_string(),
            });
        }
        Ok(())
    }
}

/// A file that grows at its end and knows its length.
struct Spool {
    file: File,
    length: u64,
}

impl Spool {
    fn create(path: &Path) -> io::Result<Self> {
        let file = fs_err::OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(path)?;
        Ok(Self { file, length: 0 })
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<Extent> {
        self.file.write_all(bytes)?;
        let extent = Extent {
            offset: self.length,
            length: bytes.len() as u64,
        };
        self.length += extent.length;
        Ok(extent)
    }
}

/// Takes the outputs of all chunks, in order.
struct Spools {
    contents: BTreeMap<Digest, Content>,
    /// Of the file whose chunks are arriving.
    crc32: crc32fast::Hasher,
    deflate: Spool,
    zstd: Spool,
}

impl Spools {
    fn write(&mut self, output: Output) -> Result<(), Error> {
        let Chunk {
            file,
            offset,
            length,
        } = output.chunk;
        if *offset == 0 {
            self.crc32 = crc32fast::Hasher::new();
        }
        self.crc32.combine(&output.crc32);
        let content = self.contents.entry(file.sha256).or_default();
        if let Some(piece) = output.deflate {
            let extent = self.deflate.append(&piece)?;
            if *offset == 0 {
                content.deflate.offset = extent.offset;
            }
            content.deflate.length += extent.length;
        }
        if let Some((frame, sha256)) = output.zstd {
            let spooled = self.zstd.append(&frame)?;
            content.frames.push(Frame {
                spooled,
                content_length: *length,
                sha256,
            });
        }
        // The bundle was hashed when it was opened; what was read now must be the same.
        if offset + length == file.size && self.crc32.clone().finalize() != file.crc32 {
            return Err(Error::Changed {
                path: file.path.to_string(),
            });
        }
        Ok(())
    }

    fn finish(self) -> Compressed {
        Compressed {
            contents: self.contents,
            deflate: Mutex::new(self.deflate.file),
            zstd: Mutex::new(self.zstd.file),
        }
    }
}

impl Compressed {
    /// Bytes of a file's content as pieces of DEFLATE, without [`STREAM_END`].
    #[must_use]
    pub fn deflated_length(&self, file: &BundleFile) -> u64 {
        self.contents[&file.sha256].deflate.length
    }

    /// Copies a file's content as pieces of DEFLATE, without [`STREAM_END`].
    pub fn write_deflated(&self, file: &BundleFile, to: &mut impl Write) -> io::Result<()> {
        copy(&self.deflate, self.contents[&file.sha256].deflate, to)
    }

    /// The zstd frames of a file's content.
    #[must_use]
    pub fn frames(&self, file: &BundleFile) -> &[Frame] {
        &self.contents[&file.sha256].frames
    }

    /// Copies a zstd frame.
    pub fn write_frame(&self, frame: &Frame, to: &mut impl Write) -> io::Result<()> {
        copy(&self.zstd, frame.spooled, to)
    }
}

/// Copies a range of a spool.
fn copy(spool: &Mutex<File>, extent: Extent, to: &mut impl Write) -> io::Result<()> {
    let mut spool = spool.lock().unwrap_or_else(PoisonError::into_inner);
    spool.seek(SeekFrom::Start(extent.offset))?;
    let copied = io::copy(&mut (&mut *spool).take(extent.length), to)?;
    if copied == extent.length {
        Ok(())
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}
