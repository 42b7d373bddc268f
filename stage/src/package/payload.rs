//! The payload of a target's crates: zstd frames and a manifest.
//!
//! The frames of all files follow each other in the order of the files. They are spread over the
//! crates of the target, the parts, and no frame is cut. A payload that fits into one crate has one
//! part. Any other has as many parts as the platform file says, evenly filled, so that a platform
//! has the same crates in every release. If it says nothing, there are as many as are needed for none
//! to come near the limit. The manifest is text, one record a line; `runtime-bin/src/manifest.rs`
//! describes and reads it.

use std::fmt::Write as _;
use std::num::NonZeroU16;
use std::ops::Range;

use super::error::PackageError;
use super::input::Input;
use crate::bundle::BundleFile;
use crate::compress::Frame;
use crate::product::SizeLimits;

/// Frames, spread over parts.
pub struct Payload<'a> {
    /// The manifest, which the facade crate reads.
    pub manifest: String,
    /// The frames of each part. There is at least one part.
    pub parts: Vec<Vec<Frame<'a>>>,
}

/// How many bytes a packaged crate has beside its payload: texts, headers, and the growth of
/// incompressible data when cargo compresses it again. Measured below 60 kB for 10 MiB.
fn overhead(limit: u64) -> u64 {
    (64 << 10) + limit / 1000
}

impl<'a> Payload<'a> {
    /// Lays out the payload of a bundle. Leaves room for `beside` bytes in each crate.
    pub fn new(input: &Input<'a>, beside: u64) -> Result<Self, PackageError> {
        let files = input.bundle.files();
        let frames = files
            .iter()
            .flat_map(|file| input.compressed.zstd(file).frames());
        let mut frames = frames.collect::<Vec<_>>();
        let lengths = frames.iter().map(|frame| frame.length);
        let lengths = lengths.collect::<Vec<_>>();
        let limit = input.product.krate.limits.in_force().unwrap_or(u64::MAX);
        let rest = overhead(limit) + beside;
        let room = limit.saturating_sub(rest);
        let parts = match input.platform.krate.parts.map(NonZeroU16::get) {
            Some(count) => Parts::Count(count),
            None => Parts::Below(SizeLimits::near(limit).saturating_sub(rest + 1)),
        };
        let parts = spread(&lengths, room, parts);
        let parts = parts.map_err(|misfit| match misfit {
            Misfit::TooFew { needed, parts } => PackageError::TooFewParts {
                target: input.platform.target.to_string(),
                bytes: lengths.iter().sum(),
                needed,
                parts,
                limit,
            },
            Misfit::TooLarge(bytes) => PackageError::TooSmallParts { bytes, limit },
        })?;
        let parts = parts
            .into_iter()
            .map(|part| frames.drain(..part.len()).collect());
        let parts = parts.collect::<Vec<_>>();
        let mut manifest = manifest(input, files, &parts);
        manifest.shrink_to_fit();
        Ok(Self { manifest, parts })
    }
}

/// Why frames do not fit into parts.
#[derive(Debug, PartialEq, Eq)]
enum Misfit {
    /// They need more parts than there are.
    TooFew { needed: u16, parts: u16 },
    /// A frame of this length does not fit into any part.
    TooLarge(u64),
}

/// How many parts there are of what does not fit into one.
#[derive(Clone, Copy)]
enum Parts {
    /// This many.
    Count(u16),
    /// As many as are needed for none of them to have more than this many bytes.
    Below(u64),
}

/// Spreads frames of these lengths, in their order, over one part if they fit in it, and over several
/// otherwise. With fewer frames than parts, the last parts are empty.
fn spread(lengths: &[u64], room: u64, parts: Parts) -> Result<Vec<Range<usize>>, Misfit> {
    let all = 0..lengths.len();
    let fits = |parts: &[Range<usize>], room: u64| {
        let mut sizes = parts.iter().map(|part| lengths[part.clone()].iter().sum());
        sizes.all(|size: u64| size <= room)
    };
    if fits(std::slice::from_ref(&all), room) {
        return Ok(vec![all]);
    }
    let longest = lengths.iter().copied().max().unwrap_or_default();
    if longest > room {
        return Err(Misfit::TooLarge(longest));
    }
    let (first, room) = match parts {
        Parts::Count(count) => (count, room),
        Parts::Below(bytes) => (2, bytes.max(longest)),
    };
    let mut spreads = (first..=u16::MAX).map(|count| spread_evenly(lengths, count));
    let fitting = spreads.find(|parts| fits(parts, room));
    let needed = fitting.as_ref().map_or(usize::from(u16::MAX), Vec::len);
    match (fitting, parts) {
        (Some(fitting), Parts::Below(_)) => Ok(fitting),
        (Some(fitting), Parts::Count(count)) if needed == usize::from(count) => Ok(fitting),
        _ => Err(Misfit::TooFew {
            needed: u16::try_from(needed).unwrap_or(u16::MAX),
            parts: first,
        }),
    }
}

/// Cuts a sequence of frames into `count` parts of nearly the same size.
fn spread_evenly(lengths: &[u64], count: u16) -> Vec<Range<usize>> {
    let mut rest = lengths.iter().sum::<u64>();
    let mut next = 0;
    let parts = (0..count).map(|index| {
        let share = rest / u64::from(count - index);
        let start = next;
        let mut filled = 0;
        // A frame goes into the part in which most of it lies; the first one goes into the empty part.
        while let Some(length) = lengths.get(next)
            && (filled == 0 || filled + length / 2 <= share)
        {
            filled += length;
            next += 1;
        }
        rest -= filled;
        start..next
    });
    parts.collect()
}

/// Returns the text of the manifest.
fn manifest(input: &Input, files: &[BundleFile], parts: &[Vec<Frame>]) -> String {
    let mut text = String::new();
    let mut line = |record: std::fmt::Arguments| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{record}");
    };
    line(format_args!("payload 2"));
    line(format_args!("version {}", input.version.upstream()));
    line(format_args!("target {}", input.platform.target));
    line(format_args!(
        "entrypoint {}",
        input.bundle.entrypoint().as_str()
    ));
    if let Some(path_dir) = input.bundle.path_dir() {
        line(format_args!("path-dir {}", path_dir.as_str()));
    }
    for BundleFile {
        path,
        executable,
        size,
        sha256,
        crc32: _,
        pages: _,
        copy_of: _,
    } in files
    {
        let mode = if *executable { 755 } else { 644 };
        let path = path.as_str();
        line(format_args!("file {mode} {size} {sha256} {path}"));
    }
    for part in parts {
        line(format_args!(
            "part {}",
            part.iter().map(|frame| frame.length).sum::<u64>()
        ));
        for frame in part {
            line(format_args!(
                "frame {} {} {}",
                frame.content_length, frame.length, frame.sha256
            ));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sizes of the parts.
    fn sizes(lengths: &[u64], parts: &[Range<usize>]) -> Vec<u64> {
        let sizes = parts.iter().map(|part| lengths[part.clone()].iter().sum());
        sizes.collect()
    }

    #[test]
    fn what_fits_into_one_part_has_one() {
        for (lengths, room) in [(&[3, 4][..], 7), (&[], 7), (&[u64::MAX / 2; 2], u64::MAX)] {
            let parts = spread(lengths, room, Parts::Count(24)).unwrap();
            assert_eq!((parts.len(), parts[0].clone()), (1, 0..lengths.len()));
        }
    }

    #[test]
    fn what_does_not_has_as_many_as_there_are() {
        // As incompressible as it gets: whole frames.
        let lengths = [4; 48];
        let parts = spread(&lengths, 10, Parts::Count(24)).unwrap();
        assert_eq!(sizes(&lengths, &parts), [8; 24]);
        // As many as are needed, where nothing says how many there are.
        let parts = spread(&lengths, 100, Parts::Below(97)).unwrap();
        assert_eq!(sizes(&lengths, &parts), [96, 96]);
        let parts = spread(&lengths, 100, Parts::Below(90)).unwrap();
        assert_eq!(sizes(&lengths, &parts), [64; 3]);
        // What fits into one part stays in it; a frame that is longer than that has a part.
        assert_eq!(spread(&lengths, 192, Parts::Below(90)).unwrap().len(), 1);
        assert_eq!(spread(&[95, 95], 100, Parts::Below(90)).unwrap().len(), 2);
        // Fewer frames than parts.
        let parts = spread(&[4, 4, 4], 10, Parts::Count(5)).unwrap();
        assert_eq!(parts, [0..1, 1..2, 2..3, 3..3, 3..3]);
    }

    #[test]
    fn parts_follow_each_other_and_are_even() {
        let lengths = (0..500u64).map(|i| i * 7919 % 4093 + 1).collect::<Vec<_>>();
        let largest = lengths.iter().max().unwrap();
        for count in 1..=24 {
            let parts = spread_evenly(&lengths, count);
            assert_eq!(parts.len(), usize::from(count));
            let mut next = 0;
            for part in &parts {
                assert_eq!(part.start, next);
                next = part.end;
            }
            assert_eq!(next, lengths.len());
            let sizes = sizes(&lengths, &parts);
            let share = lengths.iter().sum::<u64>() / u64::from(count);
            for size in sizes {
                assert!(
                    size.abs_diff(share) <= *largest,
                    "{count}: {size} of {share}"
                );
            }
        }
    }

    #[test]
    fn says_how_many_parts_are_needed() {
        let misfit = spread(&[4; 48], 10, Parts::Count(23)).unwrap_err();
        assert_eq!(
            misfit,
            Misfit::TooFew {
                needed: 24,
                parts: 23
            }
        );
        let misfit = spread(&[4, 11, 4], 10, Parts::Count(24));
        assert_eq!(misfit, Err(Misfit::TooLarge(11)));
    }
}
