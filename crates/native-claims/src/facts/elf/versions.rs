//! The versions of symbols that a file needs (`DT_VERNEED`).

use object::elf::{VER_FLG_WEAK, Vernaux, Verneed};
use object::{Endianness, elf};
use serde::Serialize;

use crate::facts::image::{Damage, Image, Stop};
use crate::numbers::numbers;

pub(super) const TABLE: &str = "the table of needed versions";

/// What has to be there of one library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VersionNeed {
    /// The library that has to have the versions.
    pub library: String,
    /// The versions, in the order of the file.
    pub versions: Vec<SymbolVersion>,
}

/// A version of some symbols.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SymbolVersion {
    /// Its name, such as `GLIBC_2.17`.
    pub name: String,
    /// Whether the file runs without it, since all references to it are weak.
    pub weak: bool,
}

impl SymbolVersion {
    /// Returns what the name begins with: `GLIBC` of `GLIBC_2.17`.
    #[must_use]
    pub fn series(&self) -> Option<&str> {
        self.name.split_once('_').map(|(series, _)| series)
    }

    /// Returns the numbers of the name, which order the versions of a series: 2 and 17 of `GLIBC_2.17`.
    #[must_use]
    pub fn numbers(&self) -> Option<Vec<u32>> {
        numbers(self.name.split_once('_')?.1)
    }
}

/// Reads a table of `count` libraries; `name` gives the name at a place of the table of names.
pub(super) fn read(
    table: &Image<'_>,
    endian: Endianness,
    count: u64,
    name: impl Fn(u32) -> Result<String, Stop>,
) -> Result<Vec<VersionNeed>, Stop> {
    let mut needs = Vec::new();
    let mut at = 0;
    // The offset to the next entry is never negative, so there is no ring: one that is zero ends
    // the list, and another ends with the table or the budget of the image.
    for _ in 0..count {
        let need: Verneed<Endianness> = table.structure(TABLE, at)?;
        if need.vn_version.get(endian) != elf::VER_NEED_CURRENT {
            let why = "its table of needed versions is of a version that loaders do not know";
            return Err(Damage::Invalid(why).into());
        }
        let mut versions = Vec::new();
        let mut entry_at = at + u64::from(need.vn_aux.get(endian));
        for _ in 0..need.vn_cnt.get(endian) {
            let entry: Vernaux<Endianness> = table.structure(TABLE, entry_at)?;
            versions.push(SymbolVersion {
                name: name(entry.vna_name.get(endian))?,
                weak: entry.vna_flags.get(endian).0 & VER_FLG_WEAK.0 != 0,
            });
            match entry.vna_next.get(endian) {
                0 => break,
                next => entry_at += u64::from(next),
            }
        }
        needs.push(VersionNeed {
            library: name(need.vn_file.get(endian))?,
            versions,
        });
        match need.vn_next.get(endian) {
            0 => break,
            next => at += u64::from(next),
        }
    }
    Ok(needs)
}
