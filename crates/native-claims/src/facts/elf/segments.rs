//! How the loaded parts of a file fit the pages of memory.

use object::elf;
use serde::Serialize;

use super::layout::{Layout, Segment};

/// How the loaded segments (`PT_LOAD`) of a file lie in it and in memory.
///
/// A page of memory is a page of the file, so each segment has to lie in both at the same distance
/// from the beginning of a page. Which pages a kernel has is its own choice on some CPUs: 4 KiB to
/// 64 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Segments {
    /// The largest pages, in bytes and up to 64 KiB, with which every segment can be mapped. 1 is
    /// less than any kernel has.
    pub largest_page: u64,
    /// The least alignment in bytes that a segment says it has.
    pub alignment: u64,
    /// Whether each segment is aligned as it says, and to 4 KiB at least. glibc before 2.35 loads
    /// no library with another; for a program nobody looks.
    pub aligned: bool,
    /// Whether their addresses ascend. glibc loads no library with others.
    pub ascending: bool,
}

/// The largest pages of any kernel.
const LARGEST: u64 = 64 << 10;

/// The smallest ones.
const SMALLEST: u64 = 4 << 10;

/// Reads how the loaded segments lie. A kernel maps no segment of a program that takes nothing from
/// the file; glibc looks at each of a library.
pub(super) fn read(layout: &Layout, is_library: bool) -> Segments {
    let loads = layout.of_kind(elf::PT_LOAD);
    let loads = loads.filter(|load| is_library || load.size != 0);
    let mut segments = Segments {
        largest_page: LARGEST,
        alignment: LARGEST,
        aligned: true,
        ascending: true,
    };
    let mut end = 0;
    for load in loads {
        let distance = load.address.wrapping_sub(load.offset);
        segments.largest_page = segments
            .largest_page
            .min(1 << distance.trailing_zeros().min(16));
        segments.alignment = segments.alignment.min(load.align.max(1));
        segments.aligned &= is_aligned(load, distance);
        segments.ascending &= load.address >= end;
        end = load.address;
    }
    segments
}

/// What glibc looked at before 2.35: the alignment is a mask, of no bits if there is none.
fn is_aligned(load: &Segment, distance: u64) -> bool {
    load.align.is_multiple_of(SMALLEST) && distance & load.align.wrapping_sub(1) == 0
}
