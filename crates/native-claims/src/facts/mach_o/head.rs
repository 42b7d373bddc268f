//! What a Mach-O file is as a program.

use object::LittleEndian as LE;
use object::macho;

use super::{platform, slice};
use crate::facts::head::{Head, Program};
use crate::facts::image::{Damage, Image, Stop};
use crate::format::ObjectFormat;

/// Reads the headers of what begins with a magic of Mach-O, as [`head`](crate::facts::head()) does.
pub(in crate::facts) fn head(image: &Image<'_>) -> Result<Head, Stop> {
    let unfit = |what: &str| Ok(Head::Unfit(what.to_owned()));
    match image.head()?[..] {
        [0xca, ..] => {
            return unfit("a universal Mach-O file, which holds programs for several CPUs");
        }
        [0xce, ..] => return unfit("a 32-bit Mach-O file"),
        [0xfe, ..] => return unfit("a big-endian Mach-O file"),
        _ => {}
    }
    let header: macho::MachHeader64<LE> = image.structure(slice::HEADER, 0)?;
    if header.filetype.get(LE) != macho::MH_EXECUTE {
        return unfit("a Mach-O file that is no program");
    }
    if header.ncmds.get(LE) == 0 {
        return Err(Damage::Invalid("it has no load commands").into());
    }
    let slice = slice::read(image)?;
    if !slice.is_for_macos() || !slice.is_for_every_machine() {
        let system = platform::name(slice.platform.unwrap_or_default());
        let (system, cpu) = (
            if slice.is_for_macos() {
                "macOS"
            } else {
                system
            },
            slice.cpu_name(),
        );
        return unfit(&format!("a program for {system} on {cpu}"));
    }
    Ok(Head::Program(Program {
        format: ObjectFormat::MachO,
        machine: header.cputype.get(LE).0,
    }))
}
