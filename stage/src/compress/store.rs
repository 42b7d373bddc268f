//! Stores compressed content until artifacts are made from it: in a cache, and in a spool.
//!
//! The compressed form of a large file is a file of its own in the user's cache directory, named
//! by the digest of the content and the settings, so that the next run finds it. It is written
//! under another name and renamed when it is complete. Several processes can do this at once: they
//! write the same bytes. Nothing that is found is believed: [`cached`](super::cached) checks it.
//!
//! Small files share a spool in the private directory of the run. Caching them would take more time
//! than it saves.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use fs_err::File;

use tempfile::TempPath;

use super::blocks::{Piece, blocks};
use super::error::CompressError;
use super::form::Form;
use super::trailer;
use crate::base::cache;
use crate::base::digest::Digest;
use crate::base::failpoint;
use crate::bundle::BundleFile;

/// Content of fewer bytes than this is not cached.
const CACHED_FROM: u64 = 1 << 20;

/// How many files of the cache a store may hold open; further content goes to the spool. A run has
/// two stores, and macOS lets a process have 256 open files.
const MOST_OPEN: usize = 64;

/// The most bytes that the cache may have; beyond it, the least recently used files are removed. A
/// release for six platforms takes about 2 GB at one level.
const MOST_BYTES: u64 = 6_000_000_000;

/// One content in compressed form.
#[derive(Clone)]
pub struct Stored {
    file: Arc<Mutex<File>>,
    offset: u64,
    /// They follow each other without gaps.
    pieces: Vec<Piece>,
}

/// A zstd frame of a content.
#[derive(Clone)]
pub struct Frame<'a> {
    stored: &'a Stored,
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
        self.copy(0, self.length(), to)
    }

    /// Returns the pieces that can be unpacked on their own.
    pub fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        self.pieces().filter_map(move |(offset, piece)| {
            Some(Frame {
                stored: self,
                offset,
                length: piece.length,
                content_length: piece.content_length,
                sha256: piece.sha256?,
            })
        })
    }

    /// Returns each piece and where it begins.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (u64, &Piece)> {
        let mut next = 0;
        self.pieces.iter().map(move |piece| {
            let offset = next;
            next += piece.length;
            (offset, piece)
        })
    }

    /// Reads bytes of the pieces into a buffer, and nothing else.
    pub(super) fn read(&self, offset: u64, length: u64, buffer: &mut Vec<u8>) -> io::Result<()> {
        buffer.clear();
        self.copy(offset, length, buffer)
    }

    /// Copies block by block, so that several artifacts can be written from one content at once.
    fn copy(&self, offset: u64, length: u64, to: &mut impl Write) -> io::Result<()> {
        let mut buffer = Vec::new();
        for (at, length) in blocks(length) {
            buffer.resize(length, 0);
            {
                let mut file = self.lock();
                file.seek(SeekFrom::Start(self.offset + offset + at))?;
                file.read_exact(&mut buffer)?;
            }
            to.write_all(&buffer)?;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, File> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Frame<'_> {
    /// Copies the frame.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        self.stored.copy(self.offset, self.length, to)
    }
}

/// The cache and the spool of a run, for one form.
pub struct Store {
    form: Form,
    cache: Option<PathBuf>,
    spool: Arc<Mutex<File>>,
    spooled: u64,
    open: usize,
    /// The content whose pieces are being added.
    writing: Option<Writing>,
}

/// Content that is being written.
struct Writing {
    stored: Stored,
    content_length: u64,
    /// Where it goes when it is complete, if it is cached.
    cached: Option<(TempPath, PathBuf)>,
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
            spool: Arc::new(Mutex::new(spool.map_err(CompressError::Spool)?)),
            spooled: 0,
            open: 0,
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
        let cached = file.size >= CACHED_FROM && self.open < MOST_OPEN;
        cached.then(|| (cache, cache.join(self.name(file))))
    }

    /// Looks for content in the cache. What it returns may be damaged or forged, except that empty
    /// content is always found.
    pub fn find(&mut self, file: &BundleFile) -> Option<Stored> {
        if file.size == 0 {
            return Some(Stored {
                file: Arc::clone(&self.spool),
                offset: 0,
                pieces: Vec::new(),
            });
        }
        let (_, path) = self.cached_path(file)?;
        let found = File::open(&path).and_then(|mut cached| {
            let pieces = trailer::read(&mut cached, &self.name(file), file.size)?;
            Ok((cached, pieces))
        });
        match found {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.trace(file, "cache miss");
                None
            }
            Ok((cached, Some(pieces))) => {
                self.trace(file, "found in the cache");
                // The time of the last use, for pruning. A read-only cache does not need it.
                let _ = cached.file().set_modified(SystemTime::now());
                self.open += 1;
                Some(Stored {
                    file: Arc::new(Mutex::new(cached)),
                    offset: 0,
                    pieces,
                })
            }
            Ok((_, None)) | Err(_) => {
                self.discard(file);
                None
            }
        }
    }

    /// Removes from the cache what is not this content.
    pub fn discard(&self, file: &BundleFile) {
        self.trace(file, "damaged in the cache");
        if let Some(cache) = &self.cache {
            let path = cache.join(self.name(file));
            // It is not used, even if it cannot be removed. A directory is removed too: no file
            // could take its name.
            let _ = fs_err::remove_file(&path).or_else(|_| fs_err::remove_dir_all(&path));
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
        let written = writing.stored.lock().write_all(bytes);
        if writing.cached.is_some() {
            written.map_err(CompressError::Cache)?;
        } else {
            written.map_err(CompressError::Spool)?;
            self.spooled += bytes.len() as u64;
        }
        let piece = Piece {
            length: bytes.len() as u64,
            content_length,
            sha256,
        };
        writing.stored.pieces.push(piece);
        writing.content_length += content_length;
        if writing.content_length < file.size {
            self.writing = Some(writing);
            return Ok(None);
        }
        let name = self.name(file);
        writing
            .complete(&name)
            .map(Some)
            .map_err(CompressError::Cache)
    }

    fn begin(&mut self, file: &BundleFile) -> io::Result<Writing> {
        let (file, offset, cached) = match self.cached_path(file) {
            None => (Arc::clone(&self.spool), self.spooled, None),
            Some((directory, path)) => {
                let temporary = tempfile::Builder::new()
                    .prefix(cache::INCOMPLETE)
                    .tempfile_in(directory)?;
                let (file, temporary) = temporary.into_parts();
                let file = File::from_parts(file, temporary.to_path_buf());
                self.open += 1;
                (Arc::new(Mutex::new(file)), 0, Some((temporary, path)))
            }
        };
        let stored = Stored {
            file,
            offset,
            pieces: Vec::new(),
        };
        Ok(Writing {
            stored,
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

impl Writing {
    /// Completes the content: cached content gets its trailer and its name.
    fn complete(mut self, name: &str) -> io::Result<Stored> {
        // Most contents have one piece, and a vector begins with room for four.
        self.stored.pieces.shrink_to_fit();
        if let Some((temporary, path)) = self.cached {
            self.stored
                .lock()
                .write_all(&trailer::write(name, &self.stored.pieces))?;
            failpoint::step(&format!("{name} written"));
            temporary.persist(path).map_err(|error| error.error)?;
        }
        Ok(self.stored)
    }
}
