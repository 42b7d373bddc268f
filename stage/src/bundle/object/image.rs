//! Reading of headers that says what is missing.

use std::io::{self, Read, Seek, SeekFrom};

/// Why an executable is none that can be staged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    Unfit(&'static str),
    Truncated(Truncation),
}

/// What an executable describes and its file does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it ends at byte {len}, before what its headers describe: {part} would end at byte {end}")]
pub struct Truncation {
    /// The part of the executable.
    pub part: &'static str,
    /// Where it would end.
    pub end: u64,
    /// Bytes of the file.
    pub len: u64,
}

/// Why a check of an executable ended.
pub(super) enum Stop {
    Flaw(Flaw),
    Io(io::Error),
}

impl From<Flaw> for Stop {
    fn from(flaw: Flaw) -> Self {
        Self::Flaw(flaw)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Checks that a file of `len` bytes holds a part of an executable.
pub(super) fn holds(len: u64, part: &'static str, offset: u64, size: u64) -> Result<(), Flaw> {
    let end = offset.saturating_add(size);
    if end <= len {
        Ok(())
    } else {
        Err(Flaw::Truncated(Truncation { part, end, len }))
    }
}

/// An executable, whose headers are read and whose content is only looked for.
pub(super) struct Image<'a, F> {
    file: &'a mut F,
    len: u64,
}

/// Most bytes of one table. A program header table of as many entries as ELF can count has
/// 3.5 MiB, and no other table of a program comes near that.
const MAX_TABLE: u64 = 4 << 20;

impl<'a, F: Read + Seek> Image<'a, F> {
    pub(super) fn new(file: &'a mut F) -> io::Result<Self> {
        let len = file.seek(SeekFrom::End(0))?;
        Ok(Self { file, len })
    }

    /// Checks that the file holds a part.
    pub(super) fn holds(&self, part: &'static str, offset: u64, size: u64) -> Result<(), Flaw> {
        holds(self.len, part, offset, size)
    }

    /// Reads a header or a table.
    pub(super) fn read(
        &mut self,
        part: &'static str,
        offset: u64,
        size: u64,
    ) -> Result<Vec<u8>, Stop> {
        self.holds(part, offset, size)?;
        if size > MAX_TABLE {
            return Err(
                Flaw::Unfit("an executable whose headers are larger than any program's").into(),
            );
        }
        self.file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        self.file.by_ref().take(size).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// A little-endian number in a table. What lies past the end is zero: whoever looks there has asked
/// for too short a table.
pub(super) fn u16_at(table: &[u8], offset: usize) -> u16 {
    u16::from_le_bytes(bytes_at(table, offset))
}

/// As [`u16_at`].
pub(super) fn u32_at(table: &[u8], offset: usize) -> u32 {
    u32::from_le_bytes(bytes_at(table, offset))
}

/// As [`u16_at`].
pub(super) fn u64_at(table: &[u8], offset: usize) -> u64 {
    u64::from_le_bytes(bytes_at(table, offset))
}

fn bytes_at<const N: usize>(table: &[u8], offset: usize) -> [u8; N] {
    let found = table.get(offset..).and_then(<[u8]>::first_chunk);
    found.copied().unwrap_or([0; N])
}
