use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::base::hashed::Hasher;
use fs_err::File as DiskHandle;

use super::file::{File, Object};
use super::kept::Kept;
use super::metadata::{MOST_TEXT, MOST_TEXTS, is_metadata};
use super::sparse::Sparse;
use native_claims::facts::{self, PageHasher};
use strict_archive::DiskFile;

/// Takes the content of one file as it streams past.
pub struct Sink {
    mode: Option<u32>,
    hasher: Hasher,
    is_text: bool,
    /// Whether the content is kept after all of it was written.
    keeps: bool,
    /// Whether the content can be read again.
    can_skip: bool,
    content: Content,
    /// What the signature of a Mach-O file is compared with.
    pages: PageHasher,
}

/// What is stored of the content while it is written.
enum Content {
    /// All of it so far, in memory.
    Held(Vec<u8>),
    /// All of it, on disk: the facts of an executable lie in many places of it. The file on disk
    /// has no name, so it is never left behind.
    Spooled(DiskHandle),
    /// The parts that are mostly all that the facts of a Mach-O file are read from.
    Sparse(Sparse),
    /// Nothing: the file is data.
    Nothing,
}

/// Content up to this many bytes is held in memory. That is most files, but few executables.
const HELD: usize = 1 << 20;

/// A signature up to this many bytes is held in memory: that of a program of 2 GB.
const LARGEST_SIGNATURE: u64 = 16 << 20;

/// How many bytes of memory the metadata files of an artifact may still take.
pub struct TextBudget(AtomicU64);

impl TextBudget {
    pub fn new() -> Self {
        Self(AtomicU64::new(MOST_TEXTS))
    }

    fn take(&self, size: u64) -> bool {
        let take = |left: u64| left.checked_sub(size);
        let order = Ordering::Relaxed;
        size <= MOST_TEXT && self.0.fetch_update(order, order, take).is_ok()
    }
}

impl Sink {
    /// Makes a sink for the file at `path`. `size` is the number of its bytes that the container
    /// declares; the reader of the container makes sure that it is true.
    pub fn new(path: &str, mode: Option<u32>, size: u64, texts: &TextBudget) -> Self {
        Self {
            mode,
            hasher: Hasher::default(),
            is_text: is_metadata(path) && texts.take(size),
            keeps: false,
            can_skip: false,
            content: Content::Held(Vec::new()),
            pages: PageHasher::default(),
        }
    }

    /// Makes the sink keep the content, to be read again.
    pub fn keep(&mut self) {
        self.keeps = true;
    }

    /// Lets the sink leave out what the facts are rarely read from. Where they are, it ends with the
    /// error [`NotKept`](super::sparse::NotKept), and the content has to be written once more into another sink.
    pub(super) fn skip(&mut self) {
        self.can_skip = true;
    }

    /// Takes the next bytes of the content.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.pages.update(bytes);
        match &mut self.content {
            Content::Held(held) => {
                held.extend_from_slice(bytes);
                if held.len() > HELD && !self.is_text {
                    let signature = self.pages.signature();
                    let signature = signature.filter(|place| {
                        self.can_skip && !self.keeps && place.end - place.start <= LARGEST_SIGNATURE
                    });
                    self.content = if let Some(signature) = signature {
                        Content::Sparse(Sparse::new(std::mem::take(held), signature))
                    } else if self.keeps || facts::begins_like_an_object(held) {
                        let mut spool = DiskHandle::from_parts(tempfile::tempfile()?, "");
                        spool.write_all(held)?;
                        Content::Spooled(spool)
                    } else {
                        Content::Nothing
                    };
                }
                Ok(())
            }
            Content::Spooled(spool) => spool.write_all(bytes),
            Content::Sparse(sparse) => {
                sparse.write(bytes);
                Ok(())
            }
            Content::Nothing => Ok(()),
        }
    }

    /// Returns the file, after all of it was written.
    pub fn finish(self) -> io::Result<File> {
        let keep = |kept| self.keeps.then(|| Arc::new(kept));
        let pages = self.pages.finish();
        let (facts, text, kept) = match self.content {
            Content::Held(mut held) => {
                // It grew by doubling, and the text stays in memory.
                held.shrink_to_fit();
                let facts = facts::read_signed(&mut io::Cursor::new(&held), &pages);
                if self.is_text {
                    (facts, Some(held), None)
                } else {
                    (facts, None, keep(Kept::Memory(held)))
                }
            }
            Content::Spooled(mut spool) => {
                let facts = facts::read_signed(&mut spool, &pages);
                (facts, None, keep(Kept::Disk(DiskFile::new(spool)?)))
            }
            Content::Sparse(mut sparse) => {
                let facts = facts::read_signed(&mut sparse, &pages);
                (facts, None, None)
            }
            Content::Nothing => (Ok(None), None, None),
        };
        let (size, sha256) = self.hasher.finish();
        Ok(File {
            mode: self.mode,
            size,
            sha256,
            object: Object::new(facts)?,
            text,
            kept,
        })
    }
}
