//! The files of a payload, decoded frame by frame.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;

use zstd::bulk::Decompressor;

use super::payload_manifest::{PayloadFile, PayloadFrame, PayloadManifest};
use crate::base::digest::Digest;
use crate::base::parallel;
use crate::contents::{Contents, File, Kept, Sink, TextBudget};
use strict_archive::{DiskFile, ReadAt};

/// The compressed bytes of a part.
pub(super) enum Part {
    /// A file of a directory.
    Disk(DiskFile),
    /// What was kept of an archive.
    Kept(Arc<Kept>),
}

impl Part {
    fn source(&self) -> &dyn ReadAt {
        match self {
            Self::Disk(file) => file,
            Self::Kept(kept) => &**kept,
        }
    }

    /// Bytes that there are.
    pub fn size(&self) -> u64 {
        self.source().size()
    }
}

/// A file that is not what the manifest says.
pub(super) struct DamagedFile {
    /// Its path in the runtime.
    pub path: String,
    /// Why it is not.
    pub reason: String,
}

/// Reads the files of a payload on several threads; of a file whose parts are not all there, the
/// frames that are. A thread holds one frame.
pub(super) fn read_files(
    manifest: &PayloadManifest,
    parts: &[Option<Part>],
    jobs: NonZeroUsize,
) -> io::Result<(Contents, Vec<DamagedFile>)> {
    let texts = TextBudget::new();
    let read = parallel::map(jobs, &manifest.files, |file| {
        let read = FileReader::new(parts)?.read(file, &texts)?;
        io::Result::Ok((file.path.clone(), read))
    })?;
    let mut contents = Contents::default();
    let mut damaged = Vec::new();
    for (path, read) in read {
        match read {
            Ok(Some(file)) => contents.insert(path, file),
            Ok(None) => {}
            Err(reason) => damaged.push(DamagedFile { path, reason }),
        }
    }
    Ok((contents, damaged))
}

/// What one thread reads a file with.
struct FileReader<'a> {
    parts: &'a [Option<Part>],
    decompressor: Decompressor<'static>,
    compressed: Vec<u8>,
    content: Vec<u8>,
}

impl<'a> FileReader<'a> {
    fn new(parts: &'a [Option<Part>]) -> io::Result<Self> {
        Ok(Self {
            parts,
            decompressor: Decompressor::new()?,
            compressed: Vec::new(),
            content: Vec::new(),
        })
    }

    fn read(
        mut self,
        file: &PayloadFile,
        texts: &TextBudget,
    ) -> io::Result<Result<Option<File>, String>> {
        let mode = if file.executable { 0o755 } else { 0o644 };
        let mut sink = Sink::new(&file.path, Some(mode), file.size, texts);
        let mut whole = true;
        for (index, frame) in file.frames.iter().enumerate() {
            let Some(Some(part)) = self.parts.get(frame.part) else {
                whole = false;
                continue;
            };
            if let Err(reason) = self.decode(frame, part.source())? {
                return Ok(Err(format!("frame {} {reason}", index + 1)));
            }
            if whole {
                sink.write(&self.content)?;
            }
        }
        if !whole {
            return Ok(Ok(None));
        }
        let read = sink.finish()?;
        if read.sha256 == file.sha256 {
            Ok(Ok(Some(read)))
        } else {
            let (found, said) = (read.sha256, file.sha256);
            Ok(Err(format!(
                "its SHA-256 is {found}, and the manifest says {said}"
            )))
        }
    }

    /// Decodes a frame into `self.content`.
    fn decode(
        &mut self,
        frame: &PayloadFrame,
        part: &dyn ReadAt,
    ) -> io::Result<Result<(), String>> {
        let length = frame.bytes.end - frame.bytes.start;
        // A manifest has no frame of more than some 4 MiB.
        let length = usize::try_from(length).map_err(io::Error::other)?;
        self.compressed.resize(length, 0);
        part.read_exact_at(&mut self.compressed, frame.bytes.start)?;
        if Digest::of(&self.compressed) != frame.sha256 {
            return Ok(Err("has another SHA-256 than the manifest says".to_owned()));
        }
        self.content.clear();
        self.content.reserve(frame.size);
        let decoded = self
            .decompressor
            .decompress_to_buffer(&self.compressed, &mut self.content);
        Ok(match decoded {
            Err(error) => Err(format!("does not decode: {error}")),
            Ok(size) if size != frame.size => {
                Err(format!("has {size} bytes instead of {}", frame.size))
            }
            Ok(_) => Ok(()),
        })
    }
}
