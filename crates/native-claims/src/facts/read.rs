use std::io::{Read, Seek};

use super::error::FactsError;
use super::head::Head;
use super::identity::Identity;
use super::image::{CountedReader, Image, Stop};
use super::kind::Facts;
use super::mach_o::PageHashes;
use super::origin::Origin;
use super::{elf, mach_o, pe, script, xcoff};
use crate::format::ObjectFormat;

/// Returns whether a file with these first bytes may have facts that are read from all over it.
#[must_use]
pub fn begins_like_an_object(head: &[u8]) -> bool {
    let is_windows_or_unix = matches!(head, [0x7f, b'E', b'L', b'F', ..] | [b'M', b'Z', ..]);
    is_windows_or_unix || mach_o::begins(head) || xcoff::begins(head)
}

/// Reads what `source` says of itself, and checks the signatures of a Mach-O file: that they are
/// about its bytes. `None`: it is not an executable, a library or a script.
///
/// A signature has a hash of each page of the file. `pages` has them of a file that streamed past
/// ([`PageHasher`](crate::facts::PageHasher)). Where they are missing, or the signature has hashes of
/// another kind, all of the file is read.
pub fn read_signed(
    source: &mut (impl Read + Seek),
    pages: &PageHashes,
) -> Result<Option<Facts>, FactsError> {
    let mut facts = read(source)?;
    if let Some(Facts::MachO(mach_o)) = &mut facts {
        let checked = mach_o.check_signatures(source, pages);
        checked.map_err(FactsError::Io)?;
    }
    Ok(facts)
}

/// Reads what `source` says of itself. `None`: it is not an executable, a library or a script.
///
/// Reads at most 16 MiB of headers, tables and names, whatever it holds; the symbols of an ELF file
/// come on top, once and in pieces. Does not compare a signature with the bytes: see
/// [`read_signed`].
pub fn read(source: &mut (impl Read + Seek)) -> Result<Option<Facts>, FactsError> {
    let source = CountedReader::new(source).map_err(FactsError::Io)?;
    let image = Image::whole(&source);
    let head = image.head().map_err(FactsError::Io)?;
    let (format, facts) = match head[..] {
        [0x7f, b'E', b'L', b'F', ..] => (
            ObjectFormat::Elf,
            elf::read(&image).map(|elf| Some(Facts::Elf(elf))),
        ),
        [b'M', b'Z', ..] => (
            ObjectFormat::Pe,
            pe::read(&image).map(|pe| pe.map(Facts::Pe)),
        ),
        [b'#', b'!', ..] => return Ok(script::parse(&head).map(Facts::Script)),
        _ if mach_o::begins(&head) => (
            ObjectFormat::MachO,
            mach_o::read(&image).map(|mach_o| mach_o.map(Facts::MachO)),
        ),
        _ if xcoff::begins(&head) => (
            ObjectFormat::Xcoff,
            xcoff::read(&image).map(|xcoff| xcoff.map(Facts::Xcoff)),
        ),
        _ => return Ok(None),
    };
    facts.map_err(|stop| error(stop, format))
}

/// Reads what `source` is as a program, and checks that it ends where its headers say or later.
///
/// Reads headers and tables of parts, and nothing that these describe: libraries, notes and names
/// are for [`read`]. So a limit of what they may take is no limit here. Unlike a
/// loader, it looks for the section headers of ELF and the symbols of PE: they are the last parts of
/// a file, and where they are missing it was cut short.
///
/// From the first bytes of a file it tells the same, but that most are truncated.
pub fn head(source: &mut (impl Read + Seek)) -> Result<Head, FactsError> {
    let source = CountedReader::new(source).map_err(FactsError::Io)?;
    let image = Image::whole(&source);
    let bytes = image.head().map_err(FactsError::Io)?;
    let (format, head) = match bytes[..] {
        [0x7f, b'E', b'L', b'F', ..] => (ObjectFormat::Elf, elf::head(&image)),
        [b'M', b'Z', ..] => (ObjectFormat::Pe, pe::head(&image)),
        [0xcf, 0xfa, 0xed, 0xfe, ..] => (ObjectFormat::MachO, mach_o::head(&image)),
        _ if mach_o::begins(&bytes) => (ObjectFormat::MachO, mach_o::head(&image)),
        _ => return Ok(Head::Other),
    };
    head.map_err(|stop| error(stop, format))
}

/// Reads what the program in `source` is for: system, CPU, C library and ABI.
///
/// As [`head`], it reads headers and what a kernel reads before it starts a program, checks that the
/// file ends where they say or later, and tells the same from the first bytes of a file, but that
/// most are truncated. Unlike [`head`], it takes universal files and programs of every byte order
/// and class, and goes by the dynamic table to tell a program from a shared library.
pub fn origin(source: &mut (impl Read + Seek)) -> Result<Identity<Origin>, FactsError> {
    let source = CountedReader::new(source).map_err(FactsError::Io)?;
    let image = Image::whole(&source);
    let bytes = image.head().map_err(FactsError::Io)?;
    let (format, found) = match bytes[..] {
        [0x7f, b'E', b'L', b'F', ..] => {
            let found = elf::origin::origin(&image);
            (ObjectFormat::Elf, found.map(|elf| elf.map(Origin::Elf)))
        }
        [b'M', b'Z', ..] => {
            let found = pe::origin(&image);
            (ObjectFormat::Pe, found.map(|pe| pe.map(Origin::Pe)))
        }
        _ if mach_o::begins(&bytes) => {
            let found = mach_o::origin::origin(&image);
            let found = found.map(|mach_o| mach_o.map(Origin::MachO));
            (ObjectFormat::MachO, found)
        }
        _ if xcoff::begins(&bytes) => {
            let found = xcoff::origin(&image);
            let found = found.map(|xcoff| xcoff.map(Origin::Xcoff));
            (ObjectFormat::Xcoff, found)
        }
        _ => return Ok(Identity::Other),
    };
    found.map_err(|stop| error(stop, format))
}

fn error(stop: Stop, format: ObjectFormat) -> FactsError {
    match stop {
        Stop::Io(error) => FactsError::Io(error),
        Stop::Damage(damage) => FactsError::Damaged { format, damage },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::testing::facts;

    #[test]
    fn a_script_is_one_and_a_text_is_nothing() {
        match facts(b"#!/bin/sh\n").unwrap() {
            Some(Facts::Script(script)) => assert_eq!(script.interpreter, "/bin/sh"),
            other => panic!("{other:?}"),
        }
        for text in [&b""[..], b"#", b"text", b"\x7fEL"] {
            assert_eq!(facts(text).unwrap(), None);
        }
    }

    #[test]
    fn files_that_are_read_from_all_over_are_known_by_their_first_bytes() {
        for head in [&b"\x7fELF"[..], b"MZ", b"\xcf\xfa\xed\xfe\0\0\0\0"] {
            assert!(begins_like_an_object(head));
        }
        for head in [&b"#!/bin/sh"[..], b"", b"\x7fEL", b"M"] {
            assert!(!begins_like_an_object(head));
        }
    }
}
