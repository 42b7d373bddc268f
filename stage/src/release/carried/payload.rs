//! The runtime in the crates of a target: `payload.manifest` and the frames of `payload.bin`.
//!
//! The format is described in `runtime-bin/src/manifest.rs`, whose reader trusts Cargo's checksum
//! of a crate and reads when a program runs. This one trusts nothing and keeps nothing.

use std::io::Read as _;
use std::path::Path;
use std::str::FromStr;

use fs_err::File;
use sha2::{Digest as _, Sha256};
use zstd::bulk::Decompressor;

use super::Error;
use crate::compress::CHUNK;
use crate::digest::Digest;
use crate::package::Kind;
use crate::release::manifest::{FileRecord, Manifest};

/// The most bytes that a frame may have: what zstd makes of a chunk that does not compress.
const MAX_FRAME: u64 = CHUNK + CHUNK / 128 + 1024;

/// Reads the payload of a target; the content of every file is decoded and hashed.
pub fn read(root: &Path, manifest: &Manifest) -> Result<Vec<FileRecord>, Error> {
    let crates = manifest
        .artifacts
        .iter()
        .filter(|artifact| artifact.kind == Kind::Crate);
    let mut crates = crates
        .map(|artifact| root.join(&artifact.path))
        .collect::<Vec<_>>();
    // `-part10` comes after `-part2`.
    crates.sort_by_key(|path| (path.as_os_str().len(), path.clone()));
    let text = match crates.first() {
        Some(first) => fs_err::read_to_string(first.join("payload.manifest"))?,
        None => return Ok(Vec::new()),
    };
    let mut files = Vec::new();
    let mut contents = Contents::default();
    let mut parts = crates.iter();
    let mut part = None;
    for (number, line) in text.trim_end_matches('\n').split('\n').enumerate() {
        let wrong = || Error::Payload(format!("line {} of payload.manifest is wrong", number + 1));
        let (kind, rest) = line.split_once(' ').ok_or_else(wrong)?;
        match kind {
            "payload" if rest == "1" => {}
            "version" if rest == manifest.version.to_string() => {}
            "target" if rest == manifest.target => {}
            "entrypoint" if rest == manifest.bundle.entrypoint => {}
            "path-dir" if Some(rest) == manifest.bundle.path_dir.as_deref() => {}
            "file" => {
                let [mode, size, sha256, path] = fields(rest).ok_or_else(wrong)?;
                files.push(FileRecord {
                    path: path.to_owned(),
                    mode: format!("0{mode}"),
                    size: number_in(size).ok_or_else(wrong)?,
                    sha256: sha256.parse().map_err(|_| wrong())?,
                });
            }
            "part" => {
                ended(part.take())?;
                let path = parts.next().ok_or_else(wrong)?.join("payload.bin");
                part = Some(File::open(path)?);
            }
            "frame" => {
                let [size, length, sha256] = fields(rest).ok_or_else(wrong)?;
                let size = number_in(size).filter(|size| *size <= CHUNK);
                let length = number_in(length).filter(|length| *length <= MAX_FRAME);
                let (Some(size), Some(length), Some(part)) = (size, length, &mut part) else {
                    return Err(wrong());
                };
                contents.frame(part, size, length)?;
                let found = Digest::of(&contents.content);
                if sha256.parse() != Ok(found) {
                    return Err(Error::Payload(format!(
                        "line {} of payload.manifest is of another frame",
                        number + 1
                    )));
                }
                contents.give(&mut files)?;
            }
            _ => return Err(wrong()),
        }
    }
    ended(part)?;
    if parts.next().is_some() {
        return Err(Error::Payload(
            "there are more parts than payload.manifest names".to_owned(),
        ));
    }
    contents.end(&mut files)?;
    Ok(files)
}

/// A record's fields; the last one may have spaces in it.
fn fields<const N: usize>(text: &str) -> Option<[&str; N]> {
    text.splitn(N, ' ').collect::<Vec<_>>().try_into().ok()
}

fn number_in(text: &str) -> Option<u64> {
    u64::from_str(text).ok()
}

/// Checks that nothing follows the frames of a part.
fn ended(part: Option<File>) -> Result<(), Error> {
    let Some(mut part) = part else { return Ok(()) };
    match part.read(&mut [0])? {
        0 => Ok(()),
        _ => Err(Error::Payload(
            "payload.bin has more in it than payload.manifest names".to_owned(),
        )),
    }
}

/// The contents of the files, frame after frame.
#[derive(Default)]
struct Contents {
    decoder: Option<Decompressor<'static>>,
    frame: Vec<u8>,
    /// The frame that was decoded last.
    content: Vec<u8>,
    /// The file that the next content belongs to, and how much of it there was.
    file: usize,
    done: u64,
    hash: Sha256,
}

impl Contents {
    /// Decodes the next frame of a part.
    fn frame(&mut self, part: &mut File, size: u64, length: u64) -> Result<(), Error> {
        self.frame.clear();
        part.take(length).read_to_end(&mut self.frame)?;
        self.content.clear();
        self.content
            .reserve(usize::try_from(size).unwrap_or_default());
        let decoder = match &mut self.decoder {
            Some(decoder) => decoder,
            none => none.insert(Decompressor::new()?),
        };
        let damaged = |_| Error::Payload("a frame of payload.bin cannot be decoded".to_owned());
        decoder
            .decompress_to_buffer(&self.frame, &mut self.content)
            .map_err(damaged)?;
        if self.content.len() as u64 != size {
            return Err(Error::Payload(
                "a frame of payload.bin has another size".to_owned(),
            ));
        }
        Ok(())
    }

    /// Gives the frame to the file that it belongs to, whose digest becomes that of its content.
    fn give(&mut self, files: &mut [FileRecord]) -> Result<(), Error> {
        self.end_files(files);
        let Some(file) = files.get(self.file) else {
            return Err(Error::Payload(
                "payload.bin has more content than files".to_owned(),
            ));
        };
        self.done += self.content.len() as u64;
        if self.done > file.size {
            return Err(Error::Payload(format!(
                "{:?} has more content than its size",
                file.path
            )));
        }
        self.hash.update(&self.content);
        self.end_files(files);
        Ok(())
    }

    /// Ends the files that have all their content, which empty ones have from the beginning.
    fn end_files(&mut self, files: &mut [FileRecord]) {
        while let Some(file) = files.get_mut(self.file)
            && self.done == file.size
        {
            let digest = std::mem::take(&mut self.hash).finalize();
            file.sha256 = Digest::from(<[u8; 32]>::from(digest));
            (self.file, self.done) = (self.file + 1, 0);
        }
    }

    fn end(mut self, files: &mut [FileRecord]) -> Result<(), Error> {
        self.end_files(files);
        match files.get(self.file) {
            None => Ok(()),
            Some(file) => Err(Error::Payload(format!("{:?} is not all there", file.path))),
        }
    }
}
