//! The attributes of programs for ARM (ABI for the Arm Architecture, "Addenda", 3): what of the CPU
//! the compiler took for granted.
//!
//! They are in a section, which no loader reads, so they are a hint and never an error. Nothing else
//! in a program tells the sixth generation from the seventh.

use object::elf::{self, SectionHeader32};
use object::{Endianness, U32, pod};

use super::layout::Header;
use crate::facts::image::{Image, Stop};

const PART: &str = "the ARM attributes";

/// Most bytes of attributes that are looked at. Real ones have less than 100.
const MOST: u64 = 4096;

/// Returns the generation of ARM that a program needs, 4 to 9. `None`: it does not say, or is for
/// another CPU.
pub(super) fn version(image: &Image<'_>, header: &Header) -> Result<Option<u8>, Stop> {
    if header.machine != elf::EM_ARM || header.is_64_bit {
        return Ok(None);
    }
    match attributes(image, header) {
        Ok(bytes) => Ok(bytes.and_then(|bytes| of_attributes(&bytes, header.endian))),
        Err(Stop::Io(error)) => Err(Stop::Io(error)),
        Err(Stop::Damage(_)) => Ok(None),
    }
}

fn attributes(image: &Image<'_>, header: &Header) -> Result<Option<Vec<u8>>, Stop> {
    let table = image.bytes(PART, header.sections.0, header.sections.1)?;
    let sections = pod::slice_from_all_bytes::<SectionHeader32<Endianness>>(&table);
    let mut sections = sections.unwrap_or_default().iter();
    let found =
        sections.find(|section| section.sh_type.get(header.endian) == elf::SHT_ARM_ATTRIBUTES);
    let Some(section) = found else {
        return Ok(None);
    };
    let size = u64::from(section.sh_size.get(header.endian)).min(MOST);
    let bytes = image.bytes(PART, section.sh_offset.get(header.endian).into(), size)?;
    Ok(Some(bytes))
}

/// Reads a vendor's part, its part about the whole file, and the pairs in that.
fn of_attributes(bytes: &[u8], endian: Endianness) -> Option<u8> {
    const OF_FILE: u64 = 1;
    const CPU_ARCH: u64 = 6;
    let length = |bytes: &[u8]| {
        let word: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
        let word = U32::<Endianness>::from_bytes(word);
        usize::try_from(word.get(endian)).ok()
    };
    let mut vendors = bytes.strip_prefix(b"A")?;
    loop {
        let size = length(vendors)?;
        let vendor = vendors.get(4..size)?;
        vendors = vendors.get(size..)?;
        let Some(mut rest) = vendor.strip_prefix(b"aeabi\0") else {
            continue;
        };
        while !rest.is_empty() {
            let part = rest;
            let (tag, after) = number(part)?;
            let size = length(after)?;
            rest = part.get(size..).filter(|rest| rest.len() < part.len())?;
            let mut pairs = part.get(part.len() - after.len() + 4..size)?;
            while tag == OF_FILE && !pairs.is_empty() {
                let (tag, after) = number(pairs)?;
                if tag == CPU_ARCH {
                    return generation(number(after)?.0);
                }
                pairs = skip(tag, after)?;
            }
        }
    }
}

/// What follows the value of a tag: a number, a text, or both.
fn skip(tag: u64, bytes: &[u8]) -> Option<&[u8]> {
    const COMPATIBILITY: u64 = 32;
    let is_text = matches!(tag, 4 | 5) || (tag > COMPATIBILITY && tag % 2 == 1);
    let bytes = if is_text { bytes } else { number(bytes)?.1 };
    if is_text || tag == COMPATIBILITY {
        let end = bytes.iter().position(|byte| *byte == 0)?;
        return bytes.get(end + 1..);
    }
    Some(bytes)
}

/// A number in LEB128, and what follows it.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[index + 1..]));
        }
    }
    None
}

/// The generation of a value of `Tag_CPU_arch`. Those of microcontrollers are not CPUs that run systems
/// with programs.
fn generation(arch: u64) -> Option<u8> {
    Some(match arch {
        1 | 2 => 4,
        3..=5 => 5,
        6..=9 => 6,
        10 => 7,
        14 => 8,
        22 => 9,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attributes of one vendor about a whole file.
    fn of_vendor(name: &str, pairs: &[u8]) -> Vec<u8> {
        let mut part = vec![1];
        part.extend(u32::try_from(5 + pairs.len()).unwrap().to_le_bytes());
        part.extend(pairs);
        let mut vendor = Vec::new();
        let size = 4 + name.len() + 1 + part.len();
        vendor.extend(u32::try_from(size).unwrap().to_le_bytes());
        vendor.extend(name.bytes());
        vendor.push(0);
        vendor.extend(part);
        vendor
    }

    fn read(vendors: &[Vec<u8>]) -> Option<u8> {
        let bytes = [&b"A"[..], &vendors.concat()].concat();
        of_attributes(&bytes, Endianness::Little)
    }

    #[test]
    fn the_generation_is_found_behind_whatever_stands_before_it() {
        let name = b"\x05ARM1176JZF-S\0";
        for (before, arch, expected) in [
            (&b""[..], 1, Some(4)),
            (b"", 4, Some(5)),
            (name, 6, Some(6)),
            (b"\x08\x01", 9, Some(6)),
            (b"\x20\x00\x00", 10, Some(7)),
            (b"\x43text\0\x44\x03", 10, Some(7)),
            (b"", 14, Some(8)),
            (b"", 22, Some(9)),
            (b"", 11, None),
            (b"", 0, None),
            // A number in two bytes.
            (b"\x0a\x81\x01", 10, Some(7)),
        ] {
            let pairs = [before, &[6, arch]].concat();
            assert_eq!(read(&[of_vendor("aeabi", &pairs)]), expected, "{pairs:?}");
        }
        let other = of_vendor("gnu", &[6, 6]);
        assert_eq!(read(std::slice::from_ref(&other)), None);
        assert_eq!(read(&[other, of_vendor("aeabi", &[6, 10])]), Some(7));
    }

    #[test]
    fn damage_says_nothing() {
        let good = [&b"A"[..], &of_vendor("aeabi", b"\x05cpu\0\x06\x0a")].concat();
        for end in 0..good.len() {
            assert_eq!(of_attributes(&good[..end], Endianness::Little), None);
        }
        for at in 0..good.len() {
            for byte in [0, 1, 6, 0x80, 0xff] {
                let mut bad = good.clone();
                bad[at] = byte;
                // A panic, or no end, is what this looks for.
                let _ = of_attributes(&bad, Endianness::Little);
                let _ = of_attributes(&bad, Endianness::Big);
            }
        }
    }
}
