//! The parts of a signature (`cs_blobs.h` of XNU), and reading them.
//!
//! All numbers are big-endian. A signature may be hostile: nothing here takes more memory than a
//! small buffer, whatever lengths it claims, and each part is read once.

use std::io::{Read, Seek};
use std::ops::Range;

use object::macho;

use super::directory::CodeDirectory;
use super::reader::Reader;
use super::state::{SignatureFault, Stop};

/// A part of a signature: bytes of the slice.
#[derive(Clone, Copy)]
pub(super) struct Part {
    /// What it is.
    slot: u32,
    pub(super) at: u64,
    pub(super) len: u64,
}

/// A signature and its table of parts.
pub(super) struct SuperBlob {
    parts: Vec<Part>,
}

/// Parts that a signature may have. There are not more than 30 kinds.
const MOST_PARTS: u32 = 256;

const ALTERNATES: Range<u32> = {
    let first = macho::CSSLOT_ALTERNATE_CODEDIRECTORIES;
    first..first + 5
};

fn damaged<T>(what: &'static str) -> Result<T, Stop> {
    Err(SignatureFault::Damaged(what).into())
}

impl SuperBlob {
    pub(super) fn read<F: Read + Seek>(
        reader: &mut Reader<'_, F>,
        place: Range<u64>,
    ) -> Result<Self, Stop> {
        let room = place.end - place.start;
        if room < 12 {
            return damaged("it is too short");
        }
        let magic = reader.number(place.start)?;
        let len = u64::from(reader.number(place.start + 4)?);
        let count = reader.number(place.start + 8)?;
        if len > room {
            return damaged("it is longer than its place");
        }
        if magic == macho::CSMAGIC_CODEDIRECTORY {
            let (slot, at) = (macho::CSSLOT_CODEDIRECTORY.0, place.start);
            let parts = vec![Part { slot, at, len }];
            return Ok(Self { parts });
        }
        if magic != macho::CSMAGIC_EMBEDDED_SIGNATURE {
            return damaged("it does not begin like a signature");
        }
        if count > MOST_PARTS || 12 + 8 * u64::from(count) > len {
            return damaged("its table of parts is damaged");
        }
        let mut parts = Vec::new();
        for index in 0..u64::from(count) {
            let entry = place.start + 12 + 8 * index;
            let slot = reader.number(entry)?;
            let offset = u64::from(reader.number(entry + 4)?);
            if offset + 8 > len {
                return damaged("a part of it lies outside of it");
            }
            let at = place.start + offset;
            let size = u64::from(reader.number(at + 4)?);
            if size < 8 || offset + size > len {
                return damaged("a part of it lies outside of it");
            }
            parts.push(Part {
                slot,
                at,
                len: size,
            });
        }
        Ok(Self { parts })
    }

    /// Returns the first part of a kind: later ones are not looked at by anybody.
    pub(super) fn part(&self, slot: u32) -> Option<Part> {
        self.parts.iter().find(|part| part.slot == slot).copied()
    }

    /// Returns the list of hashes that the system goes by: of several, the one with the best
    /// algorithm.
    pub(super) fn directory<F: Read + Seek>(
        &self,
        reader: &mut Reader<'_, F>,
    ) -> Result<CodeDirectory, Stop> {
        let mut best: Option<CodeDirectory> = None;
        for part in &self.parts {
            if part.slot != macho::CSSLOT_CODEDIRECTORY.0 && !ALTERNATES.contains(&part.slot) {
                continue;
            }
            let directory = CodeDirectory::read(reader, part.at, part.len)?;
            match &best {
                Some(best) if best.hash == directory.hash => {
                    return damaged("it has two lists of hashes of one kind");
                }
                Some(best) if best.hash > directory.hash => {}
                _ => best = Some(directory),
            }
        }
        best.map_or_else(|| damaged("it has no list of hashes"), Ok)
    }
}
