//! Reading from an executable within bounds.

use std::cell::{Cell, RefCell};
use std::io::{self, Read, Seek, SeekFrom};

use object::pod::{self, Pod};

/// Most bytes of headers, tables and names that are read of one file, and kept. A thousand names
/// of libraries take 256 KiB. What grows with the program, its symbols and its notes, is not
/// counted: see [`Image::window`].
pub(in crate::facts) const BUDGET: u64 = 16 << 20;

/// Most bytes of one table.
const MAX_TABLE: u64 = 4 << 20;

/// Most bytes of one text. Names are short, but a list of search paths may have hundreds of
/// directories, and loaders take it.
pub(in crate::facts) const MAX_STRING: u64 = 1 << 20;

/// What one read costs at least: however small it is, it is a call to the system.
const MIN_COST: u64 = 64;

/// What is wrong with an executable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// It ends before what it describes.
    #[error("it ends at byte {len}, and {part} would end at byte {end}")]
    Truncated {
        /// What is described.
        part: &'static str,
        /// Where that would end.
        end: u64,
        /// Bytes that there are.
        len: u64,
    },
    /// A table or a name is longer than any honest one.
    #[error("{part} would take more than {limit} bytes")]
    TooLarge {
        /// The table or the name.
        part: &'static str,
        /// Bytes that it may have.
        limit: u64,
    },
    /// All tables together are longer than any honest ones.
    #[error("its headers and tables are larger than {BUDGET} bytes")]
    OverBudget,
    /// An address of something that the loader reads is in no part of the file.
    #[error("{part} lies at address {address:#x}, where nothing is loaded")]
    Unmapped {
        /// What has the address.
        part: &'static str,
        /// The address, as the format gives it.
        address: u64,
    },
    /// Something else, in words.
    #[error("{0}")]
    Invalid(&'static str),
}

/// Why reading ended.
#[derive(Debug)]
pub(in crate::facts) enum Stop {
    Io(io::Error),
    Damage(Damage),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Damage> for Stop {
    fn from(damage: Damage) -> Self {
        Self::Damage(damage)
    }
}

/// The file that is read, and how much of it may still be read.
pub(in crate::facts) struct CountedReader<F> {
    file: RefCell<F>,
    len: u64,
    budget: Cell<u64>,
}

impl<F: Read + Seek> CountedReader<F> {
    pub(in crate::facts) fn new(mut file: F) -> io::Result<Self> {
        Ok(Self {
            len: file.seek(SeekFrom::End(0))?,
            file: RefCell::new(file),
            budget: Cell::new(BUDGET),
        })
    }
}

/// A [`CountedReader`] of any type of file.
trait ReadAt {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// Counts a read; false if it is one too many.
    fn spend(&self, cost: u64) -> bool;
}

impl<F: Read + Seek> ReadAt for CountedReader<F> {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let mut file = self.file.borrow_mut();
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(buffer)
    }

    fn spend(&self, cost: u64) -> bool {
        let left = self.budget.get().checked_sub(cost);
        left.inspect(|left| self.budget.set(*left)).is_some()
    }
}

/// A file, or a part of one that is an executable of its own.
#[derive(Clone, Copy)]
pub(in crate::facts) struct Image<'a> {
    source: &'a dyn ReadAt,
    start: u64,
    len: u64,
}

impl<'a> Image<'a> {
    pub(in crate::facts) fn whole(source: &'a CountedReader<impl Read + Seek>) -> Self {
        Self {
            source,
            start: 0,
            len: source.len,
        }
    }

    /// A part that is read as if it were a file.
    pub(in crate::facts) fn part(
        &self,
        part: &'static str,
        offset: u64,
        len: u64,
    ) -> Result<Self, Damage> {
        self.holds(part, offset, len)?;
        Ok(Self {
            start: self.start + offset,
            len,
            ..*self
        })
    }

    /// Its first byte in the file.
    pub(in crate::facts) fn start(&self) -> u64 {
        self.start
    }

    /// Its bytes.
    pub(in crate::facts) fn len(&self) -> u64 {
        self.len
    }

    /// The first bytes: 256, or as many as there are.
    pub(in crate::facts) fn head(&self) -> io::Result<Vec<u8>> {
        const HEAD: u64 = 256;
        let mut head = vec![0; usize::try_from(self.len.min(HEAD)).unwrap_or_default()];
        self.source.read_exact_at(&mut head, self.start)?;
        Ok(head)
    }

    /// Checks that the file holds a part.
    pub(in crate::facts) fn holds(
        &self,
        part: &'static str,
        offset: u64,
        size: u64,
    ) -> Result<(), Damage> {
        let (end, len) = (offset.saturating_add(size), self.len);
        if end <= len {
            Ok(())
        } else {
            Err(Damage::Truncated { part, end, len })
        }
    }

    /// Reads a header or a table.
    pub(in crate::facts) fn bytes(
        &self,
        part: &'static str,
        at: u64,
        size: u64,
    ) -> Result<Vec<u8>, Stop> {
        self.holds(part, at, size)?;
        let limit = MAX_TABLE;
        let fits = usize::try_from(size).ok().filter(|_| size <= limit);
        let size = fits.ok_or(Damage::TooLarge { part, limit })?;
        let cost = (size as u64).max(MIN_COST);
        if !self.source.spend(cost) {
            return Err(Damage::OverBudget.into());
        }
        let mut bytes = vec![0; size];
        self.source.read_exact_at(&mut bytes, self.start + at)?;
        Ok(bytes)
    }

    /// Reads some bytes of a part that is as long as the program wants it to be. It counts for
    /// nothing, so whoever calls reads such a part once, from its beginning, and keeps none of it.
    pub(in crate::facts) fn window(
        &self,
        part: &'static str,
        at: u64,
        size: usize,
    ) -> Result<Vec<u8>, Stop> {
        self.holds(part, at, size as u64)?;
        let mut bytes = vec![0; size];
        self.source.read_exact_at(&mut bytes, self.start + at)?;
        Ok(bytes)
    }

    /// Reads one structure.
    pub(in crate::facts) fn structure<T: Pod>(
        &self,
        part: &'static str,
        at: u64,
    ) -> Result<T, Stop> {
        let bytes = self.bytes(part, at, size_of::<T>() as u64)?;
        Ok(*first(part, &bytes)?)
    }

    /// Reads text that ends with a zero byte, at most `within` bytes from `at`.
    pub(in crate::facts) fn string(
        &self,
        part: &'static str,
        at: u64,
        within: u64,
    ) -> Result<String, Stop> {
        const WINDOW: u64 = 256;
        let within = within.min(self.len.saturating_sub(at));
        let mut text = Vec::new();
        loop {
            let read = text.len() as u64;
            if read >= MAX_STRING {
                let (part, limit) = ("a name", MAX_STRING);
                return Err(Damage::TooLarge { part, limit }.into());
            }
            let size = within.saturating_sub(read).min(WINDOW);
            if size == 0 {
                return Err(Damage::Invalid("a name in it has no end").into());
            }
            let window = self.bytes(part, at.saturating_add(read), size)?;
            if let Some(end) = window.iter().position(|&byte| byte == 0) {
                text.extend(&window[..end]);
                return Ok(String::from_utf8_lossy(&text).into_owned());
            }
            text.extend(window);
        }
    }
}

/// The structure that `bytes` begin with.
pub(in crate::facts) fn first<'b, T: Pod>(
    part: &'static str,
    bytes: &'b [u8],
) -> Result<&'b T, Damage> {
    let (end, len) = (size_of::<T>() as u64, bytes.len() as u64);
    let parsed = pod::from_bytes(bytes).map_err(|()| Damage::Truncated { part, end, len })?;
    Ok(parsed.0)
}
