//! What the first bytes of a file say of its signature, before the rest is there.

use std::ops::Range;

use object::Endianness;
use object::macho::{self, MachHeader64};
use object::read::macho::MachHeader;

use super::super::magic;

/// Bytes of a page, unless the signature has no room for so many hashes. Linkers and most signers use
/// this size; Apple's use the double of the double for Apple silicon.
pub(super) const SMALLEST_PAGE: u64 = 4096;

/// More than any signer uses.
const LARGEST_PAGE: u64 = 1 << 20;

/// Bytes of a hash.
const HASH: u64 = 32;

/// Bytes that hold the load commands of every honest file.
pub(super) const HEAD: usize = 64 << 10;

/// What to look out for.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// Bytes of a page.
    pub(super) page: u64,
    /// Where the signature lies: known of a file for one CPU.
    pub(super) signature: Option<Range<u64>>,
}

impl Plan {
    /// Reads the first bytes of a file. `None`: it is not a Mach-O file.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        let signature = magic::begins(head).then(|| signature(head))?;
        let mut page = SMALLEST_PAGE;
        if let Some(place) = &signature {
            let room = place.end - place.start;
            while page < LARGEST_PAGE && place.start.div_ceil(page) * HASH > room {
                page *= 2;
            }
        }
        Some(Self { page, signature })
    }
}

/// Where the signature of a file for one 64-bit CPU lies, if it has one and its commands are there.
fn signature(head: &[u8]) -> Option<Range<u64>> {
    if !head.starts_with(&[0xcf, 0xfa, 0xed, 0xfe]) {
        return None;
    }
    let header = MachHeader64::<Endianness>::parse(head, 0).ok()?;
    let endian = header.endian().ok()?;
    let mut commands = header.load_commands(endian, head, 0).ok()?;
    while let Some(command) = commands.next().ok()? {
        if command.cmd() == macho::LC_CODE_SIGNATURE {
            let data: &macho::LinkeditDataCommand<Endianness> = command.data().ok()?;
            let at = u64::from(data.dataoff.get(endian));
            return Some(at..at + u64::from(data.datasize.get(endian)));
        }
    }
    None
}
