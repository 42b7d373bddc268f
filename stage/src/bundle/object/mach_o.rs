//! Mach-O (`mach-o/loader.h`), 64-bit and little-endian.

use std::io::{Read, Seek};

use super::image::{Flaw, Image, Stop, holds, u32_at, u64_at};
use super::{ObjectFormat, ObjectHeader};

const HEADER: &str = "the Mach-O header";
const HEADER_SIZE: u64 = 32;

/// What a file is that begins with `head`.
pub(super) fn machine(head: &[u8]) -> Result<ObjectHeader, Flaw> {
    const EXECUTE: u32 = 2;
    holds(head.len() as u64, HEADER, 0, HEADER_SIZE)?;
    if u32_at(head, 12) != EXECUTE {
        return Err(Flaw::Unfit("a Mach-O file that is no program"));
    }
    Ok(ObjectHeader {
        format: ObjectFormat::MachO,
        machine: u32_at(head, 4),
    })
}

/// Checks that the file holds the load commands and every segment.
pub(super) fn check(image: &mut Image<impl Read + Seek>) -> Result<(), Stop> {
    const SEGMENT_64: u32 = 0x19;
    const SEGMENT_64_SIZE: usize = 72;
    let damaged = || Flaw::Unfit("a Mach-O file whose load commands are damaged");
    let header = image.read(HEADER, 0, HEADER_SIZE)?;
    let (count, size) = (u32_at(&header, 16), u32_at(&header, 20));
    let commands = image.read("the load commands", HEADER_SIZE, size.into())?;
    let mut rest = &commands[..];
    for _ in 0..count {
        let size = usize::try_from(u32_at(rest, 4)).map_err(|_| damaged())?;
        let command = rest.get(..size).filter(|command| command.len() >= 8);
        let command = command.ok_or_else(damaged)?;
        if u32_at(command, 0) == SEGMENT_64 {
            if size < SEGMENT_64_SIZE {
                return Err(damaged().into());
            }
            image.holds("a segment", u64_at(command, 40), u64_at(command, 48))?;
        }
        rest = &rest[size..];
    }
    if count == 0 || !rest.is_empty() {
        return Err(damaged().into());
    }
    Ok(())
}
