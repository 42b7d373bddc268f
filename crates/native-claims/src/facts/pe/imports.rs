//! The libraries that a PE file names.

use object::LittleEndian as LE;
use object::pe::{
    ImageDelayloadDescriptor, ImageFileHeader, ImageImportDescriptor, ImageSectionHeader,
};
use object::pod::{self, Pod};
use object::read::pe::ImageOptionalHeader;

use crate::facts::image::{Damage, Image, MAX_STRING, Stop};

/// Where the parts of the file are loaded.
pub(super) struct Sections<'a> {
    image: &'a Image<'a>,
    table: Vec<u8>,
    /// Bytes at the start of the file that are loaded as they are.
    headers: u32,
    base: u64,
}

impl<'a> Sections<'a> {
    /// Reads the table that begins `at` bytes into the file, and checks that the sections are
    /// there.
    pub(super) fn read(
        image: &'a Image<'a>,
        header: &ImageFileHeader,
        optional: &impl ImageOptionalHeader,
        at: u64,
    ) -> Result<Self, Stop> {
        let count = u64::from(header.number_of_sections.get(LE));
        let size = count * size_of::<ImageSectionHeader>() as u64;
        let sections = Self {
            image,
            table: image.bytes("the section table", at, size)?,
            headers: optional.size_of_headers(),
            base: optional.image_base(),
        };
        for section in sections.iter() {
            let size = section.size_of_raw_data.get(LE);
            let offset = section.pointer_to_raw_data.get(LE);
            // One that holds no data of the file has an offset that means nothing.
            if size != 0 && offset != 0 {
                image.holds("a section", offset.into(), size.into())?;
            }
        }
        Ok(sections)
    }

    fn iter(&self) -> impl Iterator<Item = &ImageSectionHeader> {
        let sections = pod::slice_from_all_bytes(&self.table);
        sections.unwrap_or_default().iter()
    }

    /// Where in the file the byte is that is loaded to an address, and how many follow.
    fn in_file(&self, part: &'static str, address: u32) -> Result<(u64, u64), Damage> {
        if address < self.headers {
            return Ok((address.into(), (self.headers - address).into()));
        }
        let found = self.iter().find_map(|section| {
            let within = address.checked_sub(section.virtual_address.get(LE))?;
            let left = section.size_of_raw_data.get(LE).checked_sub(within)?;
            let offset = u64::from(section.pointer_to_raw_data.get(LE));
            (left != 0).then(|| (offset + u64::from(within), left.into()))
        });
        let address = address.into();
        found.ok_or(Damage::Unmapped { part, address })
    }

    fn name(&self, address: u32) -> Result<String, Stop> {
        const PART: &str = "the name of a library";
        let (offset, left) = self.in_file(PART, address)?;
        self.image.string(PART, offset, left.min(MAX_STRING))
    }

    /// Reads `length` bytes at an offset from an address; nothing where the file has none.
    pub(super) fn loaded(
        &self,
        part: &'static str,
        address: u32,
        offset: u64,
        length: u64,
    ) -> Option<Vec<u8>> {
        let (start, left) = self.in_file(part, address).ok()?;
        let is_there = offset + length <= left;
        let bytes = is_there.then(|| self.image.bytes(part, start + offset, length));
        bytes?.ok()
    }

    /// Reads the entries of a table, which ends with an empty one.
    fn each<T: Pod>(
        &self,
        part: &'static str,
        address: u32,
        mut add: impl FnMut(&T) -> Result<bool, Stop>,
    ) -> Result<(), Stop> {
        let (offset, left) = self.in_file(part, address)?;
        let table = self.image.part(part, offset, left)?;
        let size = size_of::<T>() as u64;
        let mut at = 0;
        while add(&table.structure(part, at)?)? {
            at += size;
        }
        Ok(())
    }
}

/// The libraries that have to be found before the file runs.
pub(super) fn imports(
    sections: &Sections<'_>,
    directory: Option<(u32, u32)>,
) -> Result<Vec<String>, Stop> {
    let mut names = Vec::new();
    if let Some((address, _)) = directory {
        sections.each(
            "the import table",
            address,
            |entry: &ImageImportDescriptor| {
                // A loader stops at an entry that names nothing, too.
                let ends = entry.name.get(LE) == 0 || entry.first_thunk.get(LE) == 0;
                if !ends {
                    names.push(sections.name(entry.name.get(LE))?);
                }
                Ok(!ends)
            },
        )?;
    }
    Ok(names)
}

/// The libraries that are loaded when they are first used.
pub(super) fn delay_imports(
    sections: &Sections<'_>,
    directory: Option<(u32, u32)>,
) -> Result<Vec<String>, Stop> {
    /// Set where addresses are relative to the image, as all linkers of this century write them.
    const RELATIVE: u32 = 1;
    let mut names = Vec::new();
    if let Some((address, _)) = directory {
        sections.each(
            "the delay import table",
            address,
            |entry: &ImageDelayloadDescriptor| {
                let mut name = entry.dll_name_rva.get(LE);
                if name == 0 {
                    return Ok(false);
                }
                if entry.attributes.get(LE) & RELATIVE == 0 {
                    let base = u32::try_from(sections.base).ok();
                    name = base.and_then(|base| name.checked_sub(base)).unwrap_or(name);
                }
                names.push(sections.name(name)?);
                Ok(true)
            },
        )?;
    }
    Ok(names)
}
