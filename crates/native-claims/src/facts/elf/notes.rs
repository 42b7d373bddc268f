//! The note that says which level of x86-64 a file needs (x86-64 psABI, `.note.gnu.property`).

use object::Endianness;
use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{FileHeader, NoteIterator};
use serde::Serialize;

use super::layout::{Layout, Segment};
use crate::facts::image::{Image, Stop};

/// A level of x86-64, each of which includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum IsaLevel {
    /// All x86-64 CPUs.
    #[serde(rename = "x86-64")]
    Baseline,
    /// SSE4.2 and POPCNT; most CPUs since 2009.
    #[serde(rename = "x86-64-v2")]
    V2,
    /// AVX2 and BMI; many CPUs since 2013.
    #[serde(rename = "x86-64-v3")]
    V3,
    /// AVX-512; some CPUs since 2017.
    #[serde(rename = "x86-64-v4")]
    V4,
}

/// The highest level that a note of the file says is needed.
pub(super) fn isa_level(image: &Image<'_>, layout: &Layout) -> Result<Option<IsaLevel>, Stop> {
    let mut level = None;
    if layout.header.machine != elf::EM_X86_64 {
        return Ok(level);
    }
    let notes = layout
        .of_kind(elf::PT_NOTE)
        .chain(layout.of_kind(elf::PT_GNU_PROPERTY));
    for segment in notes {
        let bytes = image.bytes("a note", segment.offset, segment.size)?;
        let found = if layout.header.is_64_bit {
            highest::<FileHeader64<Endianness>>(&bytes, layout.header.endian, segment)
        } else {
            highest::<FileHeader32<Endianness>>(&bytes, layout.header.endian, segment)
        };
        level = level.max(found);
    }
    Ok(level)
}

/// The highest level in some notes. Of damaged ones, what comes before the damage counts: no
/// loader refuses a file for them.
fn highest<H>(bytes: &[u8], endian: Endianness, segment: &Segment) -> Option<IsaLevel>
where
    H: FileHeader<Endian = Endianness>,
    H::Word: TryFrom<u64>,
{
    let align = H::Word::try_from(segment.align).ok()?;
    let mut level = None;
    for note in NoteIterator::<H>::new(endian, align, bytes).ok()? {
        let Some(properties) = note.ok().and_then(|note| note.gnu_properties(endian)) else {
            continue;
        };
        for property in properties.map_while(Result::ok) {
            if property.pr_type() == elf::GNU_PROPERTY_X86_ISA_1_NEEDED {
                let bits = property.data_u32(endian).unwrap_or_default();
                level = level.max(from_bits(bits));
            }
        }
    }
    level
}

fn from_bits(bits: u32) -> Option<IsaLevel> {
    [
        (elf::GNU_PROPERTY_X86_ISA_1_V4, IsaLevel::V4),
        (elf::GNU_PROPERTY_X86_ISA_1_V3, IsaLevel::V3),
        (elf::GNU_PROPERTY_X86_ISA_1_V2, IsaLevel::V2),
        (elf::GNU_PROPERTY_X86_ISA_1_BASELINE, IsaLevel::Baseline),
    ]
    .into_iter()
    .find_map(|(bit, level)| (bits & bit != 0).then_some(level))
}
