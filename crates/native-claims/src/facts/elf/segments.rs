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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::facts::elf::testing::Sample;
    use crate::facts::testing::facts;

    fn segments(sample: &Sample) -> Segments {
        match facts(&sample.bytes()).unwrap() {
            Some(Facts::Elf(elf)) => elf.segments,
            other => panic!("{other:?}"),
        }
    }

    /// A library, whose first segment is right for pages of 64 KiB, with a second one.
    fn second(load: [u64; 4]) -> Sample {
        let mut sample = Sample::new(true, false);
        (sample.alignment, sample.pie, sample.soname) = (LARGEST, false, Some("libx.so"));
        sample.second_load = Some(load);
        sample
    }

    #[test]
    fn each_segment_counts() {
        for (load, largest_page, alignment, aligned, ascending) in [
            ([0, 0x20000, 8, 0x10000], 65536, 65536, true, true),
            ([0x10, 0x20010, 8, 0x10000], 65536, 65536, true, true),
            ([0x10, 0x20000, 8, 0x10000], 16, 65536, false, true),
            ([0x10, 0x21010, 8, 0x1000], 4096, 4096, true, true),
            // As it says in a larger page, and not as it says in a smaller one.
            ([0x10, 0x21010, 8, 0x10000], 4096, 65536, false, true),
            ([0x10, 0x20010, 8, 0x10], 65536, 16, false, true),
            ([0x10, 0x20010, 8, 1], 65536, 1, false, true),
            ([0x10, 0x20010, 8, 0], 65536, 1, false, true),
            ([0x10, 0x20010, 8, 0x3000], 65536, 0x3000, true, true),
            ([0x10, 0x10, 8, 0x10000], 65536, 65536, true, false),
            ([0x1f, 0x20000, 0, 0x10000], 1, 65536, false, true),
        ] {
            let expected = Segments {
                largest_page,
                alignment,
                aligned,
                ascending,
            };
            assert_eq!(segments(&second(load)), expected, "{load:x?}");
        }
    }

    #[test]
    fn nobody_maps_an_empty_segment_of_a_program() {
        let mut sample = second([0x1f, 0x20000, 0, 0x10000]);
        (sample.pie, sample.soname) = (true, None);
        assert_eq!(segments(&sample).largest_page, LARGEST);
        sample.second_load = Some([0x1f, 0x20000, 1, 0x10000]);
        assert_eq!(segments(&sample).largest_page, 1);
    }
}
