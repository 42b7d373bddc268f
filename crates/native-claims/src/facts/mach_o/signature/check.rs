use std::io::{self, Read, Seek};

use object::macho;

use super::super::layout::SliceLayout;
use super::directory::CodeDirectory;
use super::hash::HashType;
use super::pages::PageHashes;
use super::reader::Reader;
use super::state::{Signature, SignatureFault, Stop};
use super::superblob::SuperBlob;

/// The parts that a signature has the hashes of, by the number of their slot, and whether each of
/// them needs one. The others are about files beside this one.
const SEALED: [(u32, &str, bool); 3] = [
    (REQUIREMENTS, "the part with requirements", false),
    (ENTITLEMENTS, "the part with entitlements", true),
    (ENTITLEMENTS_DER, "the part with entitlements in DER", true),
];
const INFO_PLIST: u32 = macho::CSSLOT_INFOSLOT.0;
const REQUIREMENTS: u32 = macho::CSSLOT_REQUIREMENTS.0;
const RESOURCES: u32 = macho::CSSLOT_RESOURCEDIR.0;
const ENTITLEMENTS: u32 = macho::CSSLOT_ENTITLEMENTS.0;
const ENTITLEMENTS_DER: u32 = macho::CSSLOT_DER_ENTITLEMENTS.0;

/// Checks the signature of the code for one CPU.
///
/// Reads the file where `pages` does not have the hashes that the signature asks for: pages of
/// another size, by another algorithm.
pub(in crate::facts::mach_o) fn check<F: Read + Seek>(
    file: &mut F,
    layout: &SliceLayout,
    pages: &PageHashes,
) -> io::Result<Signature> {
    match checked(file, layout, pages) {
        Ok(signature) => Ok(signature),
        Err(Stop::Fault(fault)) => Ok(Signature::Broken(fault)),
        Err(Stop::Io(error)) => Err(error),
    }
}

fn checked<F: Read + Seek>(
    file: &mut F,
    layout: &SliceLayout,
    pages: &PageHashes,
) -> Result<Signature, Stop> {
    let Some(place) = layout.signature.clone() else {
        return Ok(Signature::Absent);
    };
    let linkedit = layout.linkedit.clone().unwrap_or_default();
    if place.start < linkedit.start || linkedit.end < place.end {
        return Err(SignatureFault::Damaged("it is outside of the segment __LINKEDIT").into());
    }
    match layout.len.checked_sub(place.end) {
        Some(0) => {}
        Some(behind) => return Err(SignatureFault::Behind(behind).into()),
        None => return Err(SignatureFault::Damaged("it ends behind the file").into()),
    }
    let mut reader = Reader::new(file, layout.start, layout.len);
    let signature = SuperBlob::read(&mut reader, place.clone())?;
    let directory = signature.directory(&mut reader)?;
    if directory.limit < place.start {
        let (limit, at) = (directory.limit, place.start);
        return Err(SignatureFault::Uncovered { limit, at }.into());
    }
    if directory.limit > layout.len {
        return Err(SignatureFault::Damaged("it covers more bytes than there are").into());
    }
    check_certificate(&signature, &directory)?;
    check_parts(&mut reader, layout, &signature, &directory)?;
    check_pages(&mut reader, layout, &directory, pages)?;
    Ok(Signature::Intact)
}

/// Checks that somebody signed it who has a certificate, unless nobody has to.
fn check_certificate(signature: &SuperBlob, directory: &CodeDirectory) -> Result<(), Stop> {
    /// Bytes of the header of a part: one that has no more is empty.
    const HEADER: u64 = 8;
    let certificate = signature.part(macho::CSSLOT_SIGNATURESLOT.0);
    let is_there = certificate.is_some_and(|part| part.len > HEADER);
    if is_there || directory.is_ad_hoc {
        Ok(())
    } else {
        Err(SignatureFault::NoCertificate.into())
    }
}

/// Checks the hashes of parts that are not code.
fn check_parts<F: Read + Seek>(
    reader: &mut Reader<'_, F>,
    layout: &SliceLayout,
    signature: &SuperBlob,
    directory: &CodeDirectory,
) -> Result<(), Stop> {
    for (slot, name, needs_hash) in SEALED {
        let hash = directory.special(reader, slot)?;
        match (signature.part(slot), hash) {
            (None, Some(_)) => return Err(SignatureFault::PartMissing(name).into()),
            (Some(_), None) if needs_hash => return Err(SignatureFault::PartUnsigned(name).into()),
            (_, None) => {}
            (Some(part), Some(hash)) => {
                if reader.hash(directory.hash, part.at, part.len)? != hash {
                    return Err(SignatureFault::Part(name).into());
                }
            }
        }
    }
    // That of an application's directory is a file beside it, and so are its resources.
    if directory.special(reader, RESOURCES)?.is_none()
        && let Some(list) = &layout.info_plist
        && let Some(hash) = directory.special(reader, INFO_PLIST)?
        && reader.hash(directory.hash, list.start, list.end - list.start)? != hash
    {
        return Err(SignatureFault::Part("the property list in it").into());
    }
    Ok(())
}

/// Compares the hash of each page.
fn check_pages<F: Read + Seek>(
    reader: &mut Reader<'_, F>,
    layout: &SliceLayout,
    directory: &CodeDirectory,
    pages: &PageHashes,
) -> Result<(), Stop> {
    let all = directory.limit.div_ceil(directory.page);
    let is_sha256 = matches!(directory.hash, HashType::Sha256 | HashType::Sha256Truncated);
    let (mut count, mut first) = (0, 0);
    let mut slots = directory.slots(all);
    while let Some((begin, hashes)) = slots.next(reader)? {
        for (index, expected) in (begin..).zip(hashes.chunks_exact(directory.hash.size())) {
            let at = index * directory.page;
            let len = directory.page.min(directory.limit - at);
            let known = pages.get(layout.start + at, directory.page);
            let is_right = match known.filter(|_| is_sha256 && len == directory.page) {
                Some(hash) => hash.starts_with(expected),
                None => reader.hash(directory.hash, at, len)? == expected,
            };
            if !is_right {
                first = if count == 0 { at } else { first };
                count += 1;
            }
        }
    }
    if count == 0 {
        Ok(())
    } else {
        Err(SignatureFault::Pages { count, all, first }.into())
    }
}
