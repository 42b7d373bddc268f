//! The header and the segments, whatever their class and byte order.

use object::elf::{self, FileHeader32, FileHeader64, FileType, Machine, ProgramType};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::{Endianness, pod};

use crate::facts::image::{Damage, Image, Stop};

pub(super) const HEADER: &str = "the ELF header";

/// A segment, as its header describes it.
#[derive(Clone, Copy)]
pub(super) struct Segment {
    pub(super) kind: ProgramType,
    pub(super) flags: u32,
    pub(super) offset: u64,
    pub(super) address: u64,
    /// Bytes in the file.
    pub(super) size: u64,
    pub(super) align: u64,
}

/// What the header of the file says.
pub(super) struct Header {
    pub(super) kind: FileType,
    pub(super) machine: Machine,
    pub(super) is_64_bit: bool,
    pub(super) endian: Endianness,
    pub(super) entry: u64,
    /// `EI_OSABI`.
    pub(super) os_abi: u8,
    /// `e_flags`.
    pub(super) flags: u32,
    /// Place and bytes of the section headers, which no loader reads.
    pub(super) sections: (u64, u64),
}

/// Where the parts of the file are loaded.
pub(super) struct Layout {
    pub(super) header: Header,
    segments: Vec<Segment>,
}

/// Linux starts no program whose program headers do not fit into this many bytes. For libraries
/// there is no limit.
const MAX_PROGRAM_HEADERS: u64 = 64 << 10;

const PROGRAM_HEADERS: &str = "the program header table";

impl Layout {
    /// Reads the header and the program headers, and checks that the file holds each segment.
    pub(super) fn read(image: &Image<'_>) -> Result<Self, Stop> {
        const CLASS: usize = 4;
        let ident = image.bytes(HEADER, 0, 16)?;
        match elf::FileClass(ident[CLASS]) {
            elf::ELFCLASS32 => Self::read_as::<FileHeader32<Endianness>>(image),
            elf::ELFCLASS64 => Self::read_as::<FileHeader64<Endianness>>(image),
            _ => Err(Damage::Invalid("its class is neither 32-bit nor 64-bit").into()),
        }
    }

    fn read_as<H: FileHeader<Endian = Endianness>>(image: &Image<'_>) -> Result<Self, Stop> {
        let bytes = image.bytes(HEADER, 0, size_of::<H>() as u64)?;
        let unsupported = |_| Damage::Invalid("its byte order or version is none that ELF has");
        let header = H::parse(&bytes[..]).map_err(unsupported)?;
        let endian = header.endian().map_err(unsupported)?;
        let mut layout = Self {
            header: Header {
                kind: header.e_type(endian),
                machine: header.e_machine(endian),
                is_64_bit: header.is_type_64(),
                endian,
                entry: header.e_entry(endian).into(),
                os_abi: header.e_ident().os_abi.0,
                flags: header.e_flags(endian).0,
                sections: sections(header, endian),
            },
            segments: Vec::new(),
        };
        if matches!(layout.header.kind, elf::ET_EXEC | elf::ET_DYN) {
            layout.segments = segments(image, header, endian)?;
            if layout.is_of_another_file() {
                layout.header.kind = elf::ET_NONE;
                layout.segments.clear();
            }
            for load in layout.of_kind(elf::PT_LOAD) {
                image.holds("a segment", load.offset, load.size)?;
            }
        }
        Ok(layout)
    }

    /// Debugging symbols have the headers of the program that they were taken from, and nothing of
    /// what those describe.
    fn is_of_another_file(&self) -> bool {
        self.of_kind(elf::PT_DYNAMIC)
            .any(|table| table.size == 0 && self.in_file("", table.address).is_err())
    }

    /// The segments of one kind.
    pub(super) fn of_kind(&self, kind: ProgramType) -> impl Iterator<Item = &Segment> {
        self.segments
            .iter()
            .filter(move |segment| segment.kind == kind)
    }

    /// The segment of a kind of which there is one, or none.
    pub(super) fn only(&self, kind: ProgramType) -> Result<Option<&Segment>, Damage> {
        let mut found = self.of_kind(kind);
        let first = found.next();
        if found.next().is_some() {
            return Err(Damage::Invalid(
                "it has two dynamic tables, and loaders differ in which they take",
            ));
        }
        Ok(first)
    }

    /// Where in the file the byte is that is loaded to an address, and how many follow.
    pub(super) fn in_file(&self, part: &'static str, address: u64) -> Result<(u64, u64), Damage> {
        let found = self.of_kind(elf::PT_LOAD).find_map(|load| {
            let within = address.checked_sub(load.address)?;
            let left = load.size.checked_sub(within).filter(|&left| left != 0)?;
            Some((load.offset.checked_add(within)?, left))
        });
        found.ok_or(Damage::Unmapped { part, address })
    }

    /// The entries of a part of a dynamic table: tags and values.
    pub(super) fn dynamic_entries(&self, table: &[u8]) -> Vec<(i64, u64)> {
        let endian = self.header.endian;
        if self.header.is_64_bit {
            entries::<FileHeader64<Endianness>>(table, endian)
        } else {
            entries::<FileHeader32<Endianness>>(table, endian)
        }
    }
}

fn sections<H: FileHeader<Endian = Endianness>>(header: &H, endian: Endianness) -> (u64, u64) {
    // The first header counts the sections where 16 bits are not enough.
    let count = u64::from(header.e_shnum(endian).max(1));
    match header.e_shoff(endian).into() {
        0 => (0, 0),
        offset => (offset, count * size_of::<H::SectionHeader>() as u64),
    }
}

fn segments<H: FileHeader<Endian = Endianness>>(
    image: &Image<'_>,
    header: &H,
    endian: Endianness,
) -> Result<Vec<Segment>, Stop> {
    let (count, size) = (header.e_phnum(endian), size_of::<H::ProgramHeader>());
    if usize::from(header.e_phentsize(endian)) != size || count == 0 {
        let why = "it has no program headers, or they are of a size that none have";
        return Err(Damage::Invalid(why).into());
    }
    let len = u64::from(count) * size as u64;
    let table = image.bytes(PROGRAM_HEADERS, header.e_phoff(endian).into(), len)?;
    let segments = pod::slice_from_all_bytes::<H::ProgramHeader>(&table).unwrap_or_default();
    let mut kinds = segments.iter().map(|segment| segment.p_type(endian));
    let is_program = header.e_type(endian) == elf::ET_EXEC || kinds.any(|k| k == elf::PT_INTERP);
    if is_program && len > MAX_PROGRAM_HEADERS {
        let (part, limit) = (PROGRAM_HEADERS, MAX_PROGRAM_HEADERS);
        return Err(Damage::TooLarge { part, limit }.into());
    }
    Ok(segments
        .iter()
        .map(|segment| Segment {
            kind: segment.p_type(endian),
            flags: segment.p_flags(endian).0,
            offset: segment.p_offset(endian).into(),
            address: segment.p_vaddr(endian).into(),
            size: segment.p_filesz(endian).into(),
            align: segment.p_align(endian).into(),
        })
        .collect())
}

fn entries<H: FileHeader<Endian = Endianness>>(
    table: &[u8],
    endian: Endianness,
) -> Vec<(i64, u64)> {
    let whole = table.len() - table.len() % size_of::<H::Dyn>();
    let entries = pod::slice_from_all_bytes::<H::Dyn>(&table[..whole]).unwrap_or_default();
    entries
        .iter()
        .map(|entry| (entry.tag(endian).0, entry.val(endian)))
        .collect()
}
