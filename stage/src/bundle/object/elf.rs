//! ELF (System V ABI, chapters 4 and 5), little-endian.

use std::io::{Read, Seek};

use super::image::{Flaw, Image, Stop, holds, u16_at, u32_at, u64_at};
use super::{ObjectFormat, ObjectHeader};

/// Where the fields of one class of ELF are.
struct Class {
    header_size: u16,
    program_header_size: u16,
    section_header_size: u16,
    entry: usize,
    program_headers: usize,
    section_headers: usize,
    /// `e_ehsize`, which begins the sizes and counts of the tables.
    sizes: usize,
    segment_offset: usize,
    segment_size: usize,
    address: fn(&[u8], usize) -> u64,
}

const ELF32: Class = Class {
    header_size: 52,
    program_header_size: 32,
    section_header_size: 40,
    entry: 24,
    program_headers: 28,
    section_headers: 32,
    sizes: 40,
    segment_offset: 4,
    segment_size: 16,
    address: |table, offset| u32_at(table, offset).into(),
};

const ELF64: Class = Class {
    header_size: 64,
    program_header_size: 56,
    section_header_size: 64,
    entry: 24,
    program_headers: 32,
    section_headers: 40,
    sizes: 52,
    segment_offset: 8,
    segment_size: 32,
    address: u64_at,
};

impl Class {
    fn of(head: &[u8]) -> &'static Self {
        if head.get(4) == Some(&1) {
            &ELF32
        } else {
            &ELF64
        }
    }
}

/// Machines whose programs are 64-bit ones: x86-64 (x32 is another target) and `AArch64`.
const WIDE_MACHINES: [u16; 2] = [0x3e, 0xb7];

const HEADER: &str = "the ELF header";
const DAMAGED: Flaw = Flaw::Unfit("an ELF file whose header is damaged");

/// What a file is that begins with `head`.
pub(super) fn machine(head: &[u8]) -> Result<ObjectHeader, Flaw> {
    const LITTLE_ENDIAN: u8 = 1;
    const EXECUTABLE: u16 = 2;
    // Also a position-independent executable.
    const SHARED: u16 = 3;
    let class = Class::of(head);
    holds(head.len() as u64, HEADER, 0, class.header_size.into())?;
    if !matches!(head[4], 1 | 2) {
        return Err(DAMAGED);
    }
    if head[5] != LITTLE_ENDIAN {
        return Err(Flaw::Unfit("a big-endian ELF file"));
    }
    let machine = u16_at(head, 18);
    match u16_at(head, 16) {
        EXECUTABLE => {}
        SHARED if (class.address)(head, class.entry) != 0 => {}
        SHARED => return Err(Flaw::Unfit("a shared library")),
        _ => return Err(Flaw::Unfit("an ELF file that is no program")),
    }
    if class.header_size == ELF32.header_size && WIDE_MACHINES.contains(&machine) {
        return Err(Flaw::Unfit("a 32-bit ELF program for a 64-bit CPU"));
    }
    Ok(ObjectHeader {
        format: ObjectFormat::Elf,
        machine: machine.into(),
    })
}

/// Checks that the file holds both tables and all that is loaded from it.
pub(super) fn check(image: &mut Image<impl Read + Seek>) -> Result<(), Stop> {
    const LOAD: u32 = 1;
    let header = image.read(HEADER, 0, ELF32.header_size.into())?;
    let class = Class::of(&header);
    let header = image.read(HEADER, 0, class.header_size.into())?;
    let [header_size, program_size, programs, section_size, sections] =
        [0, 2, 4, 6, 8].map(|field| u16_at(&header, class.sizes + field));
    if (header_size, program_size) != (class.header_size, class.program_header_size)
        || programs == 0
        || (class.address)(&header, class.entry) == 0
    {
        return Err(DAMAGED.into());
    }
    let programs = image.read(
        "the program header table",
        (class.address)(&header, class.program_headers),
        u64::from(program_size) * u64::from(programs),
    )?;
    for segment in programs.chunks(program_size.into()) {
        if u32_at(segment, 0) == LOAD {
            let offset = (class.address)(segment, class.segment_offset);
            let size = (class.address)(segment, class.segment_size);
            image.holds("a segment", offset, size)?;
        }
    }
    let offset = (class.address)(&header, class.section_headers);
    if offset != 0 {
        if section_size != class.section_header_size {
            return Err(DAMAGED.into());
        }
        // The first header counts the sections where 16 bits are not enough.
        let size = u64::from(section_size) * u64::from(sections.max(1));
        image.holds("the section header table", offset, size)?;
    }
    Ok(())
}
