//! The dynamic table: what the loader is told.

use object::elf::{self, DynamicTag};

use super::super::image::{Fault, Image, Stop};
use super::layout::Layout;
use super::versions::{self, VersionNeed};

/// Most entries of a table; the largest programs have a few hundred.
const MAX_TABLE: u64 = 256 << 10;

const TABLE: &str = "the dynamic table";
const STRINGS: &str = "the table of names";

/// What the dynamic table of a file says.
#[derive(Default)]
pub(super) struct Dynamic {
    pub(super) needed: Vec<String>,
    pub(super) soname: Option<String>,
    pub(super) rpath: Vec<String>,
    pub(super) runpath: Vec<String>,
    pub(super) is_pie: bool,
    strings: Option<Strings>,
    /// Address and number of the entries of the table of needed versions.
    version_needs: Option<(u64, u64)>,
}

/// The table of names, and where in the file it is.
#[derive(Clone, Copy)]
pub(super) struct Strings {
    offset: u64,
    size: u64,
}

impl Strings {
    /// The name that begins `at` bytes into the table.
    pub(super) fn get(self, image: &Image<'_>, at: u64) -> Result<String, Stop> {
        let Some(within) = self.size.checked_sub(at) else {
            return Err(Fault::Invalid("a name lies past the table of names").into());
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
        if segment.size > MAX_TABLE {
            let (part, limit) = (TABLE, MAX_TABLE);
            return Err(Fault::TooLarge { part, limit }.into());
        }
        // A loader goes by the address, and other readers by the offset.
        if layout.in_file(TABLE, segment.address)?.0 != segment.offset {
            let why = "its dynamic table has an address and an offset that differ";
            return Err(Fault::Invalid(why).into());
        }
        let table = image.bytes(TABLE, segment.offset, segment.size)?;
        Self::parse(image, layout, &layout.dynamic_entries(&table))
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
            let strings = strings.ok_or(Fault::Invalid("it has names and no table of them"))?;
            strings.get(image, at)
        };
        let path = |tag| -> Result<Vec<String>, Stop> {
            let text = value(tag).map(name).transpose()?.unwrap_or_default();
            let directories = text.split(':').filter(|directory| !directory.is_empty());
            Ok(directories.map(str::to_owned).collect())
        };
        let mut needed = Vec::new();
        for (_, at) in entries.iter().filter(|entry| entry.0 == elf::DT_NEEDED.0) {
            needed.push(name(*at)?);
        }
        Ok(Self {
            needed,
            soname: value(elf::DT_SONAME).map(name).transpose()?,
            rpath: path(elf::DT_RPATH)?,
            runpath: path(elf::DT_RUNPATH)?,
            is_pie: value(elf::DT_FLAGS_1).is_some_and(|flags| flags & elf::DF_1_PIE.0 != 0),
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
            .ok_or(Fault::Invalid("it has versions and no table of names"))?;
        versions::read(&table, layout.header.endian, count, |at| {
            strings.get(image, at.into())
        })
    }
}
