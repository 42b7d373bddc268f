//! Notes: the level of x86-64 that a file needs (x86-64 psABI, `.note.gnu.property`), and the
//! system that it is for.
//!
//! Programs carry data of their own as notes. In a single executable of Node.js the whole program
//! that runs is one of 88 MB. So what is not asked for is passed over, however long it is.

use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{FileHeader, NoteIterator};
use object::{Endianness, U32};
use serde::Serialize;

use super::layout::{Layout, Segment};
use super::system::UnixSystem;
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

/// What the notes of a file say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Notes {
    /// The highest level of x86-64 that one of them says is needed.
    pub(super) isa_level: Option<IsaLevel>,
    /// The system that one of them says the file is for.
    pub(super) system: Option<UnixSystem>,
    /// The level of Android's interfaces that one of them says is needed.
    pub(super) android_api: Option<u32>,
}

const PART: &str = "a note";

/// The kind of the note with which the NDK says what a file was built for.
const NT_ANDROID_VERSION: u32 = 1;

/// Most notes of a file that are looked at. Real files have fewer than twenty.
const MAX_NOTES: usize = 1024;

/// Most bytes of a note that is read whole; those that are asked for have less than 200.
const MAX_NOTE: u64 = 4096;

/// Reads what the notes of a file say. No loader refuses a file for a damaged note: it and those
/// that follow it in its segment say nothing.
pub(super) fn read(image: &Image<'_>, layout: &Layout) -> Result<Notes, Stop> {
    let mut notes = Notes::default();
    let mut left = MAX_NOTES;
    let segments = layout
        .of_kind(elf::PT_NOTE)
        .chain(layout.of_kind(elf::PT_GNU_PROPERTY));
    for segment in segments {
        match of_segment(image, layout, segment, &mut left, &mut notes) {
            Err(Stop::Io(error)) => return Err(Stop::Io(error)),
            Err(Stop::Damage(_)) | Ok(()) => {}
        }
    }
    Ok(notes)
}

fn of_segment(
    image: &Image<'_>,
    layout: &Layout,
    segment: &Segment,
    left: &mut usize,
    notes: &mut Notes,
) -> Result<(), Stop> {
    const HEADER: u64 = size_of::<[u32; 3]>() as u64;
    /// Bytes of the longest name that is known, with its end.
    const LONGEST: u64 = 16;
    let endian = layout.header.endian;
    let image = image.part(PART, segment.offset, segment.size)?;
    let align = if segment.align == 8 { 8 } else { 4 };
    let mut at = 0;
    while *left > 0 && at < segment.size {
        *left -= 1;
        let [name_size, size, kind]: [U32<Endianness>; 3] = image.structure(PART, at)?;
        let (name_size, size) = (
            u64::from(name_size.get(endian)),
            u64::from(size.get(endian)),
        );
        let content = (at + HEADER + name_size).next_multiple_of(align);
        let end = content + size;
        let name = if name_size <= LONGEST {
            image.bytes(PART, at + HEADER, name_size)?
        } else {
            Vec::new()
        };
        let name = name.split(|&byte| byte == 0).next().unwrap_or_default();
        // OpenHarmony's note lacks the bytes that align its content.
        notes.system = notes.system.or(UnixSystem::of_note(name));
        image.holds(PART, at, end - at)?;
        let kind = kind.get(endian);
        if name == b"Android" && kind == NT_ANDROID_VERSION && size >= 4 {
            let level: U32<Endianness> = image.structure(PART, content)?;
            notes.android_api = notes.android_api.or(Some(level.get(endian)));
        } else if name == b"GNU" && kind == elf::NT_GNU_ABI_TAG.0 && size >= 4 {
            let system: U32<Endianness> = image.structure(PART, content)?;
            notes.system = notes.system.or(UnixSystem::of_abi_tag(system.get(endian)));
        } else if name == b"GNU" && kind == elf::NT_GNU_PROPERTY_TYPE_0.0 && end - at <= MAX_NOTE {
            let bytes = image.bytes(PART, at, end - at)?;
            let level = if layout.header.machine != elf::EM_X86_64 {
                None
            } else if layout.header.is_64_bit {
                highest::<FileHeader64<Endianness>>(&bytes, endian, align)
            } else {
                highest::<FileHeader32<Endianness>>(&bytes, endian, align)
            };
            notes.isa_level = notes.isa_level.max(level);
        }
        at = end.next_multiple_of(align);
    }
    Ok(())
}

/// The highest level in a note.
fn highest<H>(bytes: &[u8], endian: Endianness, align: u64) -> Option<IsaLevel>
where
    H: FileHeader<Endian = Endianness>,
    H::Word: TryFrom<u64>,
{
    let align = H::Word::try_from(align).ok()?;
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

#[cfg(test)]
mod tests {
    use crate::facts::elf::testing::{Sample, elf};
    use crate::facts::testing::facts;
    use crate::facts::{Facts, IsaLevel, UnixSystem};

    #[test]
    fn a_note_names_the_system() {
        for (wide, big) in [(true, false), (true, true), (false, false), (false, true)] {
            for (owner, kind, system) in [
                ("Android", 1, UnixSystem::Android),
                ("OHOS", 0, UnixSystem::OpenHarmony),
                ("FreeBSD", 1, UnixSystem::FreeBsd),
                ("GNU", 3, UnixSystem::Linux),
                ("Go", 4, UnixSystem::Linux),
                (
                    "a name that is longer than any known one",
                    1,
                    UnixSystem::Linux,
                ),
            ] {
                let mut sample = Sample::new(wide, big);
                sample.note = Some((owner, kind, vec![0; 4]));
                let found = elf(&sample);
                assert_eq!(
                    (found.system, found.isa_level),
                    (system, Some(IsaLevel::V3))
                );
                // The sample aligns notes of 64-bit files to eight bytes. Those of the NDK are not.
                let level = (owner == "Android" && !wide).then_some(0);
                assert_eq!(found.android_api, level);
            }
            let mut sample = Sample::new(wide, big);
            let hurd: u32 = 1;
            let hurd = if big {
                hurd.to_be_bytes()
            } else {
                hurd.to_le_bytes()
            };
            sample.note = Some(("GNU", 1, hurd.to_vec()));
            assert_eq!(elf(&sample).system, UnixSystem::Hurd);
        }
    }

    #[test]
    fn a_note_may_have_any_size_and_may_be_cut() {
        let mut sample = Sample::new(true, false);
        sample.note = Some(("NODE_SEA_BLOB", 0, vec![7; 20 << 20]));
        let found = elf(&sample);
        assert_eq!(
            (found.system, found.isa_level),
            (UnixSystem::Linux, Some(IsaLevel::V3))
        );
        // No loader reads it, so one that ends after the file is no damage.
        sample.note = Some(("OHOS", 0, vec![0; 4]));
        sample.note_missing = 1 << 40;
        assert_eq!(elf(&sample).system, UnixSystem::Linux);
        // The note of OpenHarmony is three bytes shorter than it says.
        sample.note_missing = -3;
        assert_eq!(elf(&sample).system, UnixSystem::OpenHarmony);
    }

    #[test]
    fn notes_without_number_are_not_all_read() {
        let mut sample = Sample::new(true, false);
        // Each is 12 bytes of zeros.
        sample.note = Some(("", 0, vec![0; 32 << 20]));
        assert_eq!(elf(&sample).isa_level, Some(IsaLevel::V3));
        let many = |count: usize, last: &[u8]| {
            let note = |owner: &[u8]| {
                let mut note = vec![u8::try_from(owner.len()).unwrap(), 0, 0, 0];
                note.extend([0; 8]);
                note.extend(owner);
                note
            };
            let mut notes = note(b"Go\0\0").repeat(count);
            notes.extend(note(last));
            notes
        };
        // The first note has all others in it, unless it is empty.
        for (count, system) in [(100, UnixSystem::FreeBsd), (5000, UnixSystem::Linux)] {
            let mut bytes = 0_u32.to_le_bytes().to_vec();
            bytes.extend(many(count, b"FreeBSD\0"));
            let mut sample = Sample::new(true, false);
            sample.note = Some(("", 0, Vec::new()));
            let mut file = sample.bytes();
            // The notes are put behind the file, where the header of the second note then points.
            let at = file.len() as u64;
            file.extend(&bytes[4..]);
            let headers = 64..64 + 56 * 6;
            let place = headers
                .step_by(56)
                .find(|at| file[*at] == 4 && file[*at + 1] == 0);
            let place = place.unwrap();
            file[place + 8..place + 16].copy_from_slice(&at.to_le_bytes());
            let size = (bytes.len() - 4) as u64;
            file[place + 32..place + 40].copy_from_slice(&size.to_le_bytes());
            match facts(&file).unwrap() {
                Some(Facts::Elf(found)) => assert_eq!(found.system, system, "{count}"),
                other => panic!("{other:?}"),
            }
        }
    }
}
