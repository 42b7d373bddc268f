//! PE (Microsoft's "PE Format"), PE32 and PE32+.

use std::io::{Read, Seek};

use super::image::{Flaw, Image, Stop, holds, u16_at, u32_at};
use super::{HEAD_LEN, ObjectFormat, ObjectHeader};

const DOS_HEADER: &str = "the MS-DOS header";
const DOS_HEADER_SIZE: u64 = 64;
/// Where the MS-DOS header says that the other one is.
const NEW_HEADER: usize = 0x3c;

const HEADER: &str = "the PE header";
/// Of the signature and the COFF header.
const HEADER_SIZE: u64 = 24;

const DAMAGED: Flaw = Flaw::Unfit("a PE file whose headers are damaged");

/// What a file is that begins with `head`.
pub(super) fn machine(head: &[u8]) -> Result<ObjectHeader, Flaw> {
    const PROGRAM: u16 = 0x0002;
    const DLL: u16 = 0x2000;
    let len = head.len() as u64;
    holds(len, DOS_HEADER, 0, DOS_HEADER_SIZE)?;
    let offset = u32_at(head, NEW_HEADER);
    if head.len() < HEAD_LEN && offset != 0 {
        holds(len, HEADER, offset.into(), HEADER_SIZE)?;
    }
    let header = usize::try_from(offset).ok().and_then(|at| head.get(at..));
    let Some(header) = header.filter(|header| header.starts_with(b"PE\0\0")) else {
        return Err(Flaw::Unfit(
            "an MS-DOS program, or a PE file that is damaged",
        ));
    };
    holds(header.len() as u64, HEADER, 0, HEADER_SIZE)?;
    let flags = u16_at(header, 22);
    if flags & DLL != 0 {
        return Err(Flaw::Unfit("a DLL"));
    }
    if flags & PROGRAM == 0 {
        return Err(Flaw::Unfit("a PE file that is no program"));
    }
    Ok(ObjectHeader {
        format: ObjectFormat::Pe,
        machine: u16_at(header, 4).into(),
    })
}

/// Checks that the file holds the headers, the sections, and the signature and the symbols if it
/// has any, which lie behind the sections.
pub(super) fn check(image: &mut Image<impl Read + Seek>) -> Result<(), Stop> {
    /// Of a symbol; the length of the table of names follows the last.
    const SYMBOL_SIZE: u64 = 18;
    const SECTION_SIZE: usize = 40;
    /// The certificate table is the data directory of this number.
    const SECURITY: usize = 4;
    let dos = image.read(DOS_HEADER, 0, DOS_HEADER_SIZE)?;
    let start = u64::from(u32_at(&dos, NEW_HEADER));
    let header = image.read(HEADER, start, HEADER_SIZE)?;
    let optional_size = u64::from(u16_at(&header, 20));
    let optional = image.read("the optional header", start + HEADER_SIZE, optional_size)?;
    let directories = match u16_at(&optional, 0) {
        0x10b => 96,
        0x20b => 112,
        _ => return Err(DAMAGED.into()),
    };
    if optional.len() < directories {
        return Err(DAMAGED.into());
    }
    let sections = image.read(
        "the section table",
        start + HEADER_SIZE + optional_size,
        u64::from(u16_at(&header, 6)) * SECTION_SIZE as u64,
    )?;
    if sections.is_empty() {
        return Err(DAMAGED.into());
    }
    for section in sections.chunks(SECTION_SIZE) {
        let (size, offset) = (u32_at(section, 16), u32_at(section, 20));
        // One that holds no data of the file has an offset that means nothing.
        if size != 0 && offset != 0 {
            image.holds("a section", offset.into(), size.into())?;
        }
    }
    let security = directories + SECURITY * 8;
    let count = u64::from(u32_at(&optional, directories - 4));
    if count > SECURITY as u64 && optional.len() >= security + 8 {
        // The only directory whose place is one in the file and not in memory.
        let (offset, size) = (u32_at(&optional, security), u32_at(&optional, security + 4));
        if size != 0 {
            image.holds("the certificate table", offset.into(), size.into())?;
        }
    }
    let (offset, symbols) = (u32_at(&header, 8), u32_at(&header, 12));
    if offset != 0 && symbols != 0 {
        let size = u64::from(symbols) * SYMBOL_SIZE + 4;
        image.holds("the symbol table", offset.into(), size)?;
    }
    Ok(())
}
