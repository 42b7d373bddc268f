//! Stores compressed content until artifacts are made from it: in a spool, and in a cache.
//!
//! Artifacts are written from the spool, which lies in the private directory of the run. The cache
//! in the user's cache directory is for later runs: the compressed form of a large file is a file of
//! its own there, named by the digest of the content and the settings. It is written under another
//! name and renamed when it is complete. Several processes can do this at once: they write the same
//! bytes. Others may be able to write to a cache, at any time. So what is found there is checked
//! ([`cached`](super::cached)), and the bytes that were checked go to the spool.
//!
//! Small files are not cached. That would take more time than it saves.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fs_err::File;

use tempfile::TempPath;

use super::blocks::{Piece, blocks};
use super::error::CompressError;
use super::form::Form;
use super::trailer;
use crate::base::cache;
use crate::base::digest::Digest;
use crate::base::failpoint;
use crate::base::patience;
use crate::base::regular;
use crate::bundle::BundleFile;

/// Content of fewer bytes than this is not cached.
const CACHED_FROM: u64 = 1 << 20;

/// The most bytes that the cache may have; beyond it, the least recently used files are removed. A
/// release for six platforms takes about 2 GB at one level.
const MOST_BYTES: u64 = 6_000_000_000;

/// The file from which artifacts are written. Nobody else knows it.
pub(super) struct Spool(Mutex<Spooled>);

struct Spooled {
    file: File,
    length: u64,
}

impl Spool {
    /// Adds bytes, and returns where they begin.
    pub(super) fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        let mut spooled = self.lock();
        let offset = spooled.length;
        spooled.file.seek(SeekFrom::Start(offset))?;
        spooled.file.write_all(bytes)?;
        spooled.length += bytes.len() as u64;
        Ok(offset)
    }

    /// Copies block by block, so that several artifacts can be written from one content at once.
    fn copy(&self, offset: u64, length: u64, to: &mut impl Write) -> io::Result<()> {
        let mut buffer = Vec::new();
        for (at, length) in blocks(length) {
            buffer.resize(length, 0);
            {
                let file = &mut self.lock().file;
                file.seek(SeekFrom::Start(offset + at))?;
                file.read_exact(&mut buffer)?;
            }
            to.write_all(&buffer)?;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Spooled> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One content in compressed form.
#[derive(Clone)]
pub struct Stored {
    spool: Arc<Spool>,
    pieces: Vec<Piece>,
}

/// What the cache has for a content. It may be damaged or forged.
pub(super) struct Candidate {
    path: PathBuf,
    pub(super) pieces: Vec<Piece>,
}

impl Candidate {
    /// Reads a piece into a buffer, and nothing else. The file is opened for each: an `open` is
    /// nothing next to unpacking, and a system may let a process have only 256 open files.
    pub(super) fn read(&self, piece: &Piece, buffer: &mut Vec<u8>) -> io::Result<()> {
        buffer.clear();
        let mut file = regular::open(&self.path)?;
        file.seek(SeekFrom::Start(piece.offset))?;
        file.take(piece.length).read_to_end(buffer)?;
        Ok(())
    }
}

/// A zstd frame of a content.
#[derive(Clone)]
pub struct Frame<'a> {
    spool: &'a Spool,
    offset: u64,
    /// Bytes of the frame.
    pub length: u64,
    /// Bytes of its content.
    pub content_length: u64,
    /// SHA-256 of the frame.
    pub sha256: Digest,
}

impl Stored {
    /// Returns the number of bytes of all pieces.
    pub fn length(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.length).sum()
    }

    /// Copies all pieces.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let mut pieces = self.pieces.iter();
        pieces.try_for_each(|piece| self.spool.copy(piece.offset, piece.length, to))
    }

    /// Returns the pieces that can be unpacked on their own.
    pub fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        self.pieces.iter().filter_map(|piece| {
            Some(Frame {
                spool: &self.spool,
                offset: piece.offset,
                length: piece.length,
                content_length: piece.content_length,
                sha256: piece.sha256?,
            })
        })
    }
}

impl Frame<'_> {
    /// Copies the frame.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        self.spool.copy(self.offset, self.length, to)
    }
}

/// The cache and the spool of a run, for one form.
pub struct Store {
    form: Form,
    cache: Option<PathBuf>,
    spool: Arc<Spool>,
    /// The content whose pieces are being added.
    writing: Option<Writing>,
}

/// Content that is being written.
struct Writing {
    pieces: Vec<Piece>,
    content_length: u64,
    cached: Option<Caching>,
}

/// The file of the cache that is being written, and its path when it is complete.
struct Caching {
    file: File,
    temporary: TempPath,
    path: PathBuf,
}

impl Store {
    /// Opens a store with this cache directory, which is created if needed, and a spool in `scratch`.
    pub fn open(form: Form, cache: Option<&Path>, scratch: &Path) -> Result<Self, CompressError> {
        if let Some(cache) = cache {
            fs_err::create_dir_all(cache).map_err(CompressError::Cache)?;
        }
        let mut options = fs_err::OpenOptions::new();
        let spool = options.read(true).write(true).create(true).truncate(true);
        let spool = spool.open(scratch.join(format!("spool.{}", form.name())));
        Ok(Self {
            form,
            cache: cache.map(Path::to_path_buf),
            spool: Arc::new(Spool(Mutex::new(Spooled {
                file: spool.map_err(CompressError::Spool)?,
                length: 0,
            }))),
            writing: None,
        })
    }

    /// Returns the name of a content in the cache.
    fn name(&self, file: &BundleFile) -> String {
        format!("{}.{}", file.sha256, self.form.name())
    }

    /// Returns the cache directory and the path in it; `None` for content that is not cached.
    fn cached_path(&self, file: &BundleFile) -> Option<(&Path, PathBuf)> {
        let cache = self.cache.as_deref()?;
        (file.size >= CACHED_FROM).then(|| (cache, cache.join(self.name(file))))
    }

    /// Looks for content in the cache.
    pub fn find(&self, file: &BundleFile) -> Option<Candidate> {
        let (_, path) = self.cached_path(file)?;
        let found = regular::open(&path).and_then(|mut cached| {
            let name = self.name(file);
            trailer::read(&mut cached, &name, self.form.encoding, file.size)
        });
        match found {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.trace(file, "cache miss");
                None
            }
            Ok(Some(pieces)) => {
                self.trace(file, "found in the cache");
                cache::note_use(&path);
                Some(Candidate { path, pieces })
            }
            Ok(None) | Err(_) => {
                self.discard(file);
                None
            }
        }
    }

    /// Returns the spool, for the pieces of [`Self::stored`].
    pub fn spool(&self) -> &Spool {
        &self.spool
    }

    /// Returns content whose pieces are in the spool.
    pub fn stored(&self, pieces: Vec<Piece>) -> Stored {
        Stored {
            spool: Arc::clone(&self.spool),
            pieces,
        }
    }

    /// Removes from the cache what is not this content.
    pub fn discard(&self, file: &BundleFile) {
        self.trace(file, "damaged in the cache");
        if let Some(cache) = &self.cache {
            cache::discard(&cache.join(self.name(file)));
        }
    }

    fn trace(&self, file: &BundleFile, event: &'static str) {
        let (file, form) = (file.path.as_str(), self.form.name());
        tracing::debug!(file, form, "{event}");
    }

    /// Adds a piece of a content. Contents come one after the other, their pieces in order. Returns
    /// the complete content after its last piece.
    pub fn append(
        &mut self,
        file: &BundleFile,
        bytes: &[u8],
        content_length: u64,
        sha256: Option<Digest>,
    ) -> Result<Option<Stored>, CompressError> {
        let mut writing = match self.writing.take() {
            Some(writing) => writing,
            None => self.begin(file).map_err(CompressError::Cache)?,
        };
        let offset = self.spool.append(bytes).map_err(CompressError::Spool)?;
        if let Some(caching) = &mut writing.cached {
            let written = caching.file.write_all(bytes);
            written.map_err(CompressError::Cache)?;
        }
        writing.pieces.push(Piece {
            offset,
            length: bytes.len() as u64,
            content_length,
            sha256,
        });
        writing.content_length += content_length;
        if writing.content_length < file.size {
            self.writing = Some(writing);
            return Ok(None);
        }
        if let Some(caching) = writing.cached {
            let name = self.name(file);
            let completed = caching.complete(&name, &writing.pieces);
            completed.map_err(CompressError::Cache)?;
        }
        // Most contents have one piece, and a vector begins with room for four.
        writing.pieces.shrink_to_fit();
        Ok(Some(self.stored(writing.pieces)))
    }

    fn begin(&self, file: &BundleFile) -> io::Result<Writing> {
        let cached = match self.cached_path(file) {
            None => None,
            Some((directory, path)) => {
                let temporary = tempfile::Builder::new()
                    .prefix(cache::INCOMPLETE)
                    .tempfile_in(directory)?;
                let (file, temporary) = temporary.into_parts();
                let file = File::from_parts(file, temporary.to_path_buf());
                Some(Caching {
                    file,
                    temporary,
                    path,
                })
            }
        };
        Ok(Writing {
            pieces: Vec::new(),
            content_length: 0,
            cached,
        })
    }

    /// Makes room: removes the least recently used content, and abandoned incomplete files.
    pub fn prune(&self) -> io::Result<()> {
        let Some(cache) = &self.cache else {
            return Ok(());
        };
        cache::prune(cache, MOST_BYTES)
    }
}

impl Caching {
    /// Completes the file: it gets its trailer and its name.
    fn complete(mut self, name: &str, pieces: &[Piece]) -> io::Result<()> {
        self.file.write_all(&trailer::write(name, pieces))?;
        failpoint::step(&format!("{name} written"));
        drop(self.file);
        patience::persist(self.temporary, &self.path)
    }
}
