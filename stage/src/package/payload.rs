//! The payload of a target's crates: zstd frames and a manifest.
//!
//! The frames of all files follow each other in the order of the files, and are spread over the
//! crates of the target (parts) without cutting one. The manifest is text, a record a line; it is
//! described, and read, in `runtime-bin/src/manifest.rs`.

use std::fmt::Write as _;

use super::{Error, Input};
use crate::bundle::BundleFile;
use crate::compress::Frame;

/// Frames, spread over parts.
pub struct Payload<'a> {
    /// What the facade crate reads.
    pub manifest: String,
    /// The frames of each part. There is at least one part.
    pub parts: Vec<Vec<Frame<'a>>>,
}

/// What a packaged crate has beside its payload: texts, headers, and how much incompressible data
/// grows when cargo compresses it once more. Measured below 60 kB for 10 MiB.
fn overhead(limit: u64) -> u64 {
    (64 << 10) + limit / 1000
}

impl<'a> Payload<'a> {
    /// Lays the payload of a bundle out.
    pub fn new(input: &Input<'a>) -> Result<Self, Error> {
        let files = input.bundle.files();
        let frames = files
            .iter()
            .flat_map(|file| input.compressed.zstd(file).frames());
        let frames = frames.collect::<Vec<_>>();
        let total = frames.iter().map(|frame| frame.length).sum();
        let limit = input.product.krate.limits.in_force().unwrap_or(u64::MAX);
        let room = limit.saturating_sub(overhead(limit));
        let count = input.platform.krate.parts.get();
        let parts = if total <= room {
            vec![frames]
        } else {
            spread(frames, total, count)
        };
        if parts
            .iter()
            .any(|part| part.iter().map(|frame| frame.length).sum::<u64>() > room)
        {
            return Err(Error::TooFewParts {
                target: input.platform.target.clone(),
                bytes: total,
                parts: count,
                limit,
            });
        }
        Ok(Self {
            manifest: manifest(input, files, &parts),
            parts,
        })
    }
}

/// Fills `count` parts evenly, keeping the order.
fn spread(frames: Vec<Frame<'_>>, total: u64, count: u16) -> Vec<Vec<Frame<'_>>> {
    let mut frames = frames.into_iter().peekable();
    let mut rest = total;
    let parts = (0..count).map(|index| {
        let share = rest / u64::from(count - index);
        let mut part = Vec::new();
        let mut filled = 0;
        // A frame goes where most of it belongs.
        while let Some(frame) = frames.next_if(|frame| filled + frame.length / 2 <= share) {
            filled += frame.length;
            part.push(frame);
        }
        rest -= filled;
        part
    });
    let mut parts = parts.collect::<Vec<_>>();
    if let Some(last) = parts.last_mut() {
        last.extend(frames);
    }
    parts
}

/// Writes the manifest.
fn manifest(input: &Input, files: &[BundleFile], parts: &[Vec<Frame>]) -> String {
    let mut text = String::new();
    let mut line = |record: std::fmt::Arguments| {
        // A String takes everything that is written to it.
        let _ = writeln!(text, "{record}");
    };
    line(format_args!("payload 1"));
    line(format_args!("version {}", input.version));
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
