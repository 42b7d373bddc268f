//! Extraction: every frame to its place, on all cores, in bounded memory.
//!
//! A thread takes the next frame, checks its hash, decodes it straight out of the program (or out of a
//! buffer, where it is in a file) into its one buffer and writes it at its offset. Nothing
//! passes through a queue. The heap holds at most one frame per thread, whatever the size of the
//! runtime. The thread that writes the last frame of a file reads the file back and checks its hash.
//!
//! The files are created beforehand, with their modes, and opened again for each frame: an `open` is
//! nothing next to 4 MiB, and the number of open files does not depend on the bundle.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use sha2::{Digest, Sha256};

use crate::carried::Carried;
use crate::decode::Decoder;
use crate::digest;
use crate::error::{Error, FileError};
use crate::fs;
use crate::manifest::Frame;
use crate::part::Part;
use crate::sys;

/// More threads than these only wait for each other's writes, and each of them has a buffer.
const MAX_THREADS: usize = 8;

/// What the tests stop at.
#[cfg(not(test))]
const fn step(_: &str) {}
#[cfg(test)]
use crate::testing::step;

/// How far an extraction has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The bytes that have been written.
    pub written: u64,
    /// The bytes of the whole runtime.
    pub total: u64,
}

/// Extracts the runtime into a directory that is there and empty.
pub(crate) fn extract(
    carried: &Carried,
    into: &Path,
    progress: &dyn Fn(Progress),
) -> Result<(), Error> {
    let bundle = &carried.bundle;
    let (lengths, frames) = bundle.frames().map_err(Error::Payload)?;
    check_lengths(&carried.parts, &lengths)?;
    let paths = create_files(carried, into).map_err(|error| Error::of_write(error, bundle.size))?;
    step("laid out");

    // How many frames of each file are not written yet.
    let mut unwritten: Vec<_> = bundle.files.iter().map(|_| 0).collect();
    for frame in &frames {
        unwritten[frame.file] += 1;
    }
    // Nobody writes to an empty file.
    for (index, path) in paths.iter().enumerate() {
        if unwritten[index] == 0 {
            check(carried, index, path)?;
        }
    }
    let unwritten: Vec<_> = unwritten.into_iter().map(AtomicUsize::new).collect();
    let next = AtomicUsize::new(0);
    // Not every machine of 32 bits counts to more at once.
    let written = Mutex::new(0_u64);
    let failed = AtomicBool::new(false);
    let failure = Mutex::new(None);
    let work = |report: &dyn Fn()| {
        let Some(mut worker) = Worker::new(carried) else {
            return;
        };
        while !failed.load(Ordering::Relaxed)
            && let Some(frame) = frames.get(next.fetch_add(1, Ordering::Relaxed))
        {
            let path = &paths[frame.file];
            let placed = worker.place(frame, path).and_then(|()| {
                let left = unwritten[frame.file].fetch_sub(1, Ordering::AcqRel) - 1;
                if left == 0 {
                    check(carried, frame.file, path)
                } else {
                    Ok(())
                }
            });
            match placed {
                Ok(()) => {
                    *written.lock().unwrap_or_else(PoisonError::into_inner) += frame.length as u64;
                    step("placed");
                    report();
                }
                Err(error) => {
                    failed.store(true, Ordering::Relaxed);
                    failure
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .get_or_insert(error);
                }
            }
        }
    };
    let total = bundle.size;
    let report = || {
        progress(Progress {
            written: *written.lock().unwrap_or_else(PoisonError::into_inner),
            total,
        });
    };
    report();
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        for _ in 1..cores.min(MAX_THREADS).min(frames.len()) {
            // A system that is out of threads still has this one.
            if thread::Builder::new()
                .spawn_scoped(scope, || work(&|| ()))
                .is_err()
            {
                break;
            }
        }
        work(&report);
    });
    match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None if written.into_inner().unwrap_or_else(PoisonError::into_inner) < total => {
            let source = std::io::ErrorKind::OutOfMemory.into();
            Err(FileError {
                operation: "decode into",
                path: into.to_owned(),
                source,
            }
            .into())
        }
        None => {
            progress(Progress {
                written: total,
                total,
            });
            Ok(())
        }
    }
}

/// Whether the parts have the lengths that the manifest gives them.
fn check_lengths(parts: &[Part], lengths: &[u64]) -> Result<(), Error> {
    let (found, expected) = (parts.len(), lengths.len());
    if found != expected {
        return Err(Error::Payload(format!(
            "it has {found} parts instead of {expected}"
        )));
    }
    let mut parts = parts.iter().zip(lengths);
    parts.try_for_each(|(part, length)| part.check_length(*length))
}

/// Creates the directories, and the files with their modes and without content.
fn create_files(carried: &Carried, into: &Path) -> Result<Vec<PathBuf>, FileError> {
    let files = &carried.bundle.files;
    let directories: BTreeSet<&str> = files
        .iter()
        .filter_map(|file| Some(file.path.rsplit_once('/')?.0))
        .collect();
    for directory in directories {
        fs::create_dir_all(&into.join(directory))?;
    }
    let create = |file: &crate::manifest::File<'_>| {
        let path = into.join(file.path);
        let handle = fs::create_new(&path)?;
        fs::at("set the mode of", &path, sys::set_mode(&handle, file.mode))?;
        Ok(path)
    };
    files.iter().map(create).collect()
}

/// Checks that the content of a file is what the manifest says.
fn check(carried: &Carried, file: usize, path: &Path) -> Result<(), Error> {
    let bundle = &carried.bundle;
    let hash = fs::open(path).and_then(|file| fs::at("read", path, digest::of(file)));
    if hash.map_err(|error| Error::of_write(error, bundle.size))? == bundle.files[file].sha256 {
        return Ok(());
    }
    let name = bundle.files[file].path;
    Err(Error::Payload(format!(
        "{name}: the content has another hash"
    )))
}

/// What one thread needs.
struct Worker<'a> {
    carried: &'a Carried,
    decoder: Decoder,
    content: Vec<u8>,
    /// A frame as it is in its part, if that is not in memory.
    compressed: Vec<u8>,
}

impl<'a> Worker<'a> {
    fn new(carried: &'a Carried) -> Option<Self> {
        let decoder = Decoder::new()?;
        Some(Self {
            carried,
            decoder,
            content: Vec::new(),
            compressed: Vec::new(),
        })
    }

    /// Checks, decodes and writes one frame.
    fn place(&mut self, frame: &Frame, path: &Path) -> Result<(), Error> {
        let Carried { bundle, parts } = self.carried;
        let part = parts[frame.part];
        let damaged = |why: &str| {
            let name = bundle.files[frame.file].path;
            part.damaged(&format!("{name} at byte {}: {why}", frame.offset))
        };
        let compressed = part.frame(frame, &mut self.compressed)?;
        if *Sha256::digest(compressed) != frame.sha256 {
            return Err(damaged("it has another hash"));
        }
        if self.content.len() < frame.length {
            self.content.resize(frame.length, 0);
        }
        let content = &mut self.content[..frame.length];
        match self.decoder.decode(compressed, content) {
            Ok(length) if length == frame.length => {}
            Ok(length) => return Err(damaged(&format!("only {length} bytes"))),
            Err(why) => return Err(damaged(&why)),
        }
        let write = || {
            let file = fs::open_to_write(path)?;
            fs::at(
                "write",
                path,
                sys::write_all_at(&file, content, frame.offset),
            )
        };
        write().map_err(|error| Error::of_write(error, bundle.size))
    }
}
