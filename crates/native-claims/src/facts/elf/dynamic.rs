//! The dynamic table: what the loader is told.

use object::elf::{self, DynamicTag};

use super::layout::Layout;
use super::versions::{self, VersionNeed};
use crate::facts::image::{Damage, Image, Stop};

const TABLE: &str = "the dynamic table";
const SYMBOLS: &str = "the table of symbols";
/// Tables that may follow the one of symbols.
const TABLES: [DynamicTag; 8] = [
    elf::DT_STRTAB,
    elf::DT_HASH,
    elf::DT_GNU_HASH,
    elf::DT_VERSYM,
    elf::DT_VERNEED,
    elf::DT_RELA,
    elf::DT_REL,
    elf::DT_JMPREL,
];
const STRINGS: &str = "the table of names";

/// What the dynamic table of a file says.
#[derive(Default)]
pub(super) struct Dynamic {
    pub(super) needed: Vec<String>,
    pub(super) soname: Option<String>,
    pub(super) rpath: Vec<String>,
    pub(super) runpath: Option<Vec<String>>,
    pub(super) is_pie: bool,
    /// Whether it has relative relocations in the packed form.
    pub(super) has_relr: bool,
    /// The table of symbols, if there is one.
    pub(super) symbols: Option<SymbolTable>,
    pub(super) strings: Option<Strings>,
    /// Address and number of the entries of the table of needed versions.
    version_needs: Option<(u64, u64)>,
}

/// Where in the file the table of symbols is.
#[derive(Clone, Copy)]
pub(super) struct SymbolTable {
    pub(super) offset: u64,
    /// Bytes that it has at most: a file does not say how many symbols there are, and no other
    /// table begins inside of this one.
    pub(super) most: u64,
}

/// The table of names, and where in the file it is.
#[derive(Clone, Copy)]
pub(super) struct Strings {
    pub(super) offset: u64,
    pub(super) size: u64,
}

impl Strings {
    /// The name that begins `at` bytes into the table.
    pub(super) fn get(self, image: &Image<'_>, at: u64) -> Result<String, Stop> {
        let Some(within) = self.size.checked_sub(at) else {
            return Err(Damage::Invalid("a name lies past the table of names").into());
        };
        image.string(STRINGS, self.offset.saturating_add(at), within)
    }
}

impl Dynamic {
    /// Reads the table; a file without one is as one whose table is empty.
    pub(super) fn read(image: &Image<'_>, layout: &Layout) -> Result<Self, Stop> {
        let Some(segment) = layout.only(elf::PT_DYNAMIC)? else {
            return Ok(Self::default());
        };
        // A loader goes by the address, and other readers by the offset.
        let (offset, left) = layout.in_file(TABLE, segment.address)?;
        if offset != segment.offset {
            let why = "its dynamic table has an address and an offset that differ";
            return Err(Damage::Invalid(why).into());
        }
        Self::parse(image, layout, &entries(image, layout, offset, left)?)
    }

    fn parse(image: &Image<'_>, layout: &Layout, entries: &[(i64, u64)]) -> Result<Self, Stop> {
        // A loader takes the last of entries of which there may be only one.
        let value = |tag: DynamicTag| {
            let mut found = entries.iter().rev().filter(|entry| entry.0 == tag.0);
            found.next().map(|entry| entry.1)
        };
        let strings = match (value(elf::DT_STRTAB), value(elf::DT_STRSZ)) {
            (Some(address), Some(size)) => {
                let (offset, left) = layout.in_file(STRINGS, address)?;
                Some(Strings {
                    offset,
                    size: size.min(left),
                })
            }
            _ => None,
        };
        let name = |at: u64| {
            let strings = strings.ok_or(Damage::Invalid("it has names and no table of them"))?;
            strings.get(image, at)
        };
        let path = |tag| -> Result<Option<Vec<String>>, Stop> {
            let Some(text) = value(tag).map(name).transpose()? else {
                return Ok(None);
            };
            // An empty part means something to glibc, and a text without any part nothing.
            let directories = text.split(':').filter(|_| !text.is_empty());
            Ok(Some(directories.map(str::to_owned).collect()))
        };
        let symbols = match value(elf::DT_SYMTAB) {
            Some(address) => {
                let (offset, left) = layout.in_file(SYMBOLS, address)?;
                let tables = TABLES.iter().filter_map(|tag| value(*tag));
                let next = tables.filter_map(|table| table.checked_sub(address));
                let most = next.filter(|&most| most != 0).min();
                Some(SymbolTable {
                    offset,
                    most: most.map_or(left, |most| most.min(left)),
                })
            }
            None => None,
        };
        let mut needed = Vec::new();
        for (_, at) in entries.iter().filter(|entry| entry.0 == elf::DT_NEEDED.0) {
            needed.push(name(*at)?);
        }
        Ok(Self {
            needed,
            soname: value(elf::DT_SONAME).map(name).transpose()?,
            rpath: path(elf::DT_RPATH)?.unwrap_or_default(),
            runpath: path(elf::DT_RUNPATH)?,
            has_relr: value(elf::DT_RELR).is_some() && value(elf::DT_RELRSZ) != Some(0),
            is_pie: value(elf::DT_FLAGS_1).is_some_and(|flags| flags & elf::DF_1_PIE.0 != 0),
            symbols,
            strings,
            version_needs: value(elf::DT_VERNEED).zip(value(elf::DT_VERNEEDNUM)),
        })
    }

    /// The versions of symbols that the file needs.
    pub(super) fn versions(
        &self,
        image: &Image<'_>,
        layout: &Layout,
    ) -> Result<Vec<VersionNeed>, Stop> {
        let Some((address, count)) = self.version_needs else {
            return Ok(Vec::new());
        };
        let (offset, left) = layout.in_file(versions::TABLE, address)?;
        let table = image.part(versions::TABLE, offset, left)?;
        let strings = self
            .strings
            .ok_or(Damage::Invalid("it has versions and no table of names"))?;
        versions::read(&table, layout.header.endian, count, |at| {
            strings.get(image, at.into())
        })
    }
}

/// The entries of the table that begins at `offset`. A loader pays no heed to its size, and reads
/// up to an empty entry; what follows the part that is in the file is empty. The budget of the
/// image ends a table that has no end.
fn entries(
    image: &Image<'_>,
    layout: &Layout,
    offset: u64,
    left: u64,
) -> Result<Vec<(i64, u64)>, Stop> {
    const WINDOW: u64 = 4096;
    let mut entries = Vec::new();
    let mut read = 0;
    while read < left {
        let size = WINDOW.min(left - read);
        let window = image.bytes(TABLE, offset + read, size)?;
        for entry in layout.dynamic_entries(&window) {
            if entry.0 == elf::DT_NULL.0 {
                return Ok(entries);
            }
            entries.push(entry);
        }
        read += size;
    }
    Ok(entries)
}
