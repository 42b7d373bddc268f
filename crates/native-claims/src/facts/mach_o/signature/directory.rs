//! The code directory: the list of hashes that is what a signature signs.

use std::io::{self, Read, Seek};

use object::macho;

use super::hash::HashType;
use super::reader::Reader;
use super::state::{SignatureFault, Stop};

/// A list of hashes that was read, but for the hashes.
pub(super) struct CodeDirectory {
    pub(super) hash: HashType,
    /// Bytes of a page: a power of two, or all that is signed.
    pub(super) page: u64,
    /// Bytes that are signed, from the first one on.
    pub(super) limit: u64,
    /// Whether it says that nobody signed it.
    pub(super) is_ad_hoc: bool,
    /// Where the hash of the first page lies. Those of other parts lie before it.
    hashes_at: u64,
    /// How many there are before it.
    special: u32,
}

/// Bytes of the oldest header.
const HEADER: usize = 44;
/// The version of the header that has a limit of 64 bits, and where it has that.
const WITH_WIDE_LIMIT: u32 = 0x2_0300;
const WIDE_LIMIT_AT: u64 = 56;

fn damaged<T>(what: &'static str) -> Result<T, Stop> {
    Err(SignatureFault::Damaged(what).into())
}

impl CodeDirectory {
    /// Reads the one that lies at a byte of the slice.
    pub(super) fn read<F: Read + Seek>(
        reader: &mut Reader<'_, F>,
        at: u64,
        len: u64,
    ) -> Result<Self, Stop> {
        const WHAT: &str = "its list of hashes is damaged";
        if len < HEADER as u64 {
            return damaged(WHAT);
        }
        let header: [u8; HEADER] = reader.few(at)?;
        let (numbers, _) = header.as_chunks();
        let number = |index: usize| {
            numbers
                .get(index)
                .map_or(0, |bytes| u32::from_be_bytes(*bytes))
        };
        let (magic, version, flags) = (number(0), number(2), number(3));
        let (hashes, special, count) = (number(4), number(6), number(7));
        let [hash_size, hash_type, _, page] = number(9).to_be_bytes();
        if magic != macho::CSMAGIC_CODEDIRECTORY {
            return damaged(WHAT);
        }
        let Some(hash) = HashType::of_number(hash_type) else {
            return damaged("its list of hashes is of an unknown kind");
        };
        let size = hash.size() as u64;
        let (hashes, before) = (u64::from(hashes), u64::from(special) * size);
        let end = hashes + u64::from(count) * size;
        if u64::from(hash_size) != size || hashes < before + HEADER as u64 || end > len {
            return damaged(WHAT);
        }
        let mut limit = u64::from(number(8));
        if version >= WITH_WIDE_LIMIT {
            if len < WIDE_LIMIT_AT + 8 {
                return damaged(WHAT);
            }
            let wide = u64::from_be_bytes(reader.few(at + WIDE_LIMIT_AT)?);
            limit = if wide == 0 { limit } else { wide };
        }
        let page = match page {
            0 => limit.max(1),
            1..32 => 1 << page,
            _ => return damaged("its pages are too large"),
        };
        if limit.div_ceil(page) > u64::from(count) {
            return damaged("its list of hashes is shorter than what it covers");
        }
        Ok(Self {
            hash,
            page,
            limit,
            is_ad_hoc: flags & macho::CS_ADHOC.0 != 0,
            hashes_at: at + hashes,
            special,
        })
    }

    /// Returns the hash of a part that is no code, if it has one.
    pub(super) fn special<F: Read + Seek>(
        &self,
        reader: &mut Reader<'_, F>,
        slot: u32,
    ) -> io::Result<Option<Vec<u8>>> {
        if slot > self.special {
            return Ok(None);
        }
        let size = self.hash.size();
        // The hashes of pages come behind it, if not so many.
        let at = self.hashes_at - u64::from(slot) * size as u64;
        let hash = reader.bytes(at, size as u64)?.to_vec();
        Ok(hash.iter().any(|&byte| byte != 0).then_some(hash))
    }

    /// Returns the hashes of so many pages.
    pub(super) fn slots(&self, count: u64) -> Slots {
        Slots {
            at: self.hashes_at,
            size: self.hash.size() as u64,
            next: 0,
            count,
        }
    }
}

/// The hashes of pages, which are read as they are needed.
pub(super) struct Slots {
    at: u64,
    size: u64,
    next: u64,
    count: u64,
}

/// Hashes that are read at once.
const AT_ONCE: u64 = 1024;

impl Slots {
    /// Returns the number of a page, and the hashes from that one on.
    pub(super) fn next<F: Read + Seek>(
        &mut self,
        reader: &mut Reader<'_, F>,
    ) -> io::Result<Option<(u64, Vec<u8>)>> {
        let first = self.next;
        let count = AT_ONCE.min(self.count - first);
        if count == 0 {
            return Ok(None);
        }
        self.next += count;
        let hashes = reader.bytes(self.at + first * self.size, count * self.size)?;
        Ok(Some((first, hashes.to_vec())))
    }
}
