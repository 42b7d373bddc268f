use std::io::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};

use fs_err::File as DiskHandle;
use sha2::Digest as _;

use super::{File, MOST_TEXT, MOST_TEXTS, Object, is_metadata};
use crate::audit::facts;
use crate::container::DiskFile;

/// Takes the content of one file as it streams past.
pub(super) struct Sink {
    mode: Option<u32>,
    size: u64,
    sha256: sha2::Sha256,
    is_text: bool,
    kept: Kept,
}

/// What is kept of the content.
enum Kept {
    /// All of it, so far.
    Held(Vec<u8>),
    /// All of it, on disk: the facts of an executable are read from all over the file. The file
    /// has no name, so nothing of it can be left behind.
    Spooled(DiskHandle),
    /// Nothing: it is data.
    Nothing,
}

/// Content up to this size is held in memory: that is most files, and few executables.
const HELD: usize = 1 << 20;

/// What the metadata files of an artifact may still take in memory.
pub(super) struct TextBudget(AtomicU64);

impl TextBudget {
    pub(super) fn new() -> Self {
        Self(AtomicU64::new(MOST_TEXTS))
    }

    fn take(&self, size: u64) -> bool {
        let take = |left: u64| left.checked_sub(size);
        let order = Ordering::Relaxed;
        size <= MOST_TEXT && self.0.fetch_update(order, order, take).is_ok()
    }
}

impl Sink {
    /// For the file at `path` with `size` bytes, as the container says and will hold to.
    pub(super) fn new(path: &str, mode: Option<u32>, size: u64, texts: &TextBudget) -> Self {
        Self {
            mode,
            size: 0,
            sha256: sha2::Sha256::new(),
            is_text: is_metadata(path) && texts.take(size),
            kept: Kept::Held(Vec::new()),
        }
    }

    /// The next bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.size += bytes.len() as u64;
        self.sha256.update(bytes);
        match &mut self.kept {
            Kept::Held(held) => {
                held.extend_from_slice(bytes);
                if held.len() > HELD && !self.is_text {
                    self.kept = if facts::begins_like_an_object(held) {
                        let mut spool = DiskHandle::from_parts(tempfile::tempfile()?, "");
                        spool.write_all(held)?;
                        Kept::Spooled(spool)
                    } else {
                        Kept::Nothing
                    };
                }
                Ok(())
            }
            Kept::Spooled(spool) => spool.write_all(bytes),
            Kept::Nothing => Ok(()),
        }
    }

    /// The file, when all of it was written.
    pub(super) fn finish(self) -> io::Result<File> {
        let (facts, text) = match self.kept {
            Kept::Held(held) => (facts::read(&&held[..]), self.is_text.then_some(held)),
            Kept::Spooled(spool) => (facts::read(&DiskFile::new(spool)?), None),
            Kept::Nothing => (Ok(None), None),
        };
        Ok(File {
            mode: self.mode,
            size: self.size,
            sha256: <[u8; 32]>::from(self.sha256.finalize()).into(),
            object: Object::new(facts)?,
            text,
        })
    }
}
