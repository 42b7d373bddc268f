use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::cached::{self, Hit};
use super::chunk::{Chunk, ChunkEncoder, Encoded, Output, Work, chunks};
use super::error::CompressError;
use super::form::{Encoding, Form};
use super::in_order::InOrder;
use super::store::{Store, Stored};
use crate::base::digest::Digest;
use crate::bundle::{Bundle, BundleFile};
use crate::record::Effort;

/// How to compress.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// How much time to spend on smaller artifacts.
    pub effort: Effort,
    /// The number of threads.
    pub jobs: NonZeroUsize,
    /// The cache directory; `None` to use no cache.
    pub cache: Option<&'a Path>,
    /// A private directory for content that is not cached.
    pub scratch: &'a Path,
}

/// The compressed content of a bundle, in the forms that were asked for.
#[derive(Default)]
pub struct Compressed {
    deflate: BTreeMap<Digest, Stored>,
    zstd: BTreeMap<Digest, Stored>,
}

/// The compressed forms of one encoding, while they are made.
struct Shelf {
    encoding: Encoding,
    form: Form,
    store: Store,
    stored: BTreeMap<Digest, Stored>,
}

/// Compresses every file of the bundle. Content that several files share is compressed once.
///
/// `progress` is called, from any thread, with a file and the number of its bytes that were done.
pub fn compress(
    bundle: &Bundle,
    encodings: &[Encoding],
    options: &Options,
    progress: &(dyn Fn(&BundleFile, u64) + Sync),
) -> Result<Compressed, CompressError> {
    let mut shelves = Vec::new();
    for encoding in [Encoding::Deflate, Encoding::Zstd] {
        if encodings.contains(&encoding) {
            let form = Form::new(encoding, options.effort);
            let store = Store::open(form, options.cache, options.scratch)?;
            shelves.push(Shelf {
                encoding,
                form,
                store,
                stored: BTreeMap::new(),
            });
        }
    }
    let work = missing(bundle, &mut shelves, options.jobs, progress)?;
    encode(bundle, &work, &mut shelves, options.jobs, progress)?;
    let mut compressed = Compressed::default();
    for shelf in shelves {
        // The cached content is usable without pruning, so a failure to prune does not fail the run.
        let _ = shelf.store.prune();
        match shelf.encoding {
            Encoding::Deflate => compressed.deflate = shelf.stored,
            Encoding::Zstd => compressed.zstd = shelf.stored,
        }
    }
    Ok(compressed)
}

/// Takes from the stores what is there already, and returns what is not: the largest first, so that
/// at the end, when a thread finds nothing more to do, what the others still do is short.
fn missing<'a>(
    bundle: &'a Bundle,
    shelves: &mut [Shelf],
    jobs: NonZeroUsize,
    progress: &(dyn Fn(&BundleFile, u64) + Sync),
) -> Result<Vec<Work<'a>>, CompressError> {
    let mut files = BTreeMap::new();
    for file in bundle.files() {
        if files.insert(file.sha256, file).is_some() {
            progress(file, file.size);
        }
    }
    let mut files = files.into_values().collect::<Vec<_>>();
    files.sort_by_key(|file| (Reverse(file.size), file.sha256));
    let hits = files.iter().map(|file| find(file, shelves));
    let hits = hits.filter(|hit| !hit.found.is_empty());
    let hits = hits.collect::<Vec<_>>();
    let spools = shelves.iter().map(|shelf| shelf.store.spool());
    let checked = cached::check(bundle, &hits, &spools.collect::<Vec<_>>(), jobs)?;
    for (Hit { file, found }, checked) in hits.into_iter().zip(checked) {
        for ((index, _), pieces) in found.into_iter().zip(checked) {
            let shelf = &mut shelves[index];
            if let Some(pieces) = pieces {
                let stored = shelf.store.stored(pieces);
                shelf.stored.insert(file.sha256, stored);
            } else {
                shelf.store.discard(file);
            }
        }
    }
    for file in files.iter().filter(|file| file.size == 0) {
        for shelf in &mut *shelves {
            let nothing = shelf.store.stored(Vec::new());
            shelf.stored.insert(file.sha256, nothing);
        }
    }
    let mut work = Vec::new();
    for file in files {
        let lacks = |(index, shelf): (usize, &Shelf)| {
            let has = shelf.stored.contains_key(&file.sha256);
            (!has).then_some(index)
        };
        let shelves = shelves.iter().enumerate().filter_map(lacks);
        let shelves = shelves.collect::<Vec<_>>();
        if shelves.is_empty() {
            progress(file, file.size);
        } else {
            work.push(Work { file, shelves });
        }
    }
    Ok(work)
}

/// Looks for a file on all shelves.
fn find<'a>(file: &'a BundleFile, shelves: &[Shelf]) -> Hit<'a> {
    let shelves = shelves.iter().enumerate();
    let found = shelves.filter_map(|(index, shelf)| Some((index, shelf.store.find(file)?)));
    Hit {
        file,
        found: found.collect(),
    }
}

/// Compresses the chunks of this work, on as many threads, into the shelves.
fn encode(
    bundle: &Bundle,
    work: &[Work],
    shelves: &mut [Shelf],
    jobs: NonZeroUsize,
    progress: &(dyn Fn(&BundleFile, u64) + Sync),
) -> Result<(), CompressError> {
    let forms = shelves.iter().map(|shelf| shelf.form).collect::<Vec<_>>();
    let chunks = work.iter().flat_map(chunks).collect::<Vec<_>>();
    let mut crc32 = crc32fast::Hasher::new();
    let in_order = InOrder::new(2 * jobs.get(), |output| keep(shelves, &mut crc32, output));
    let next = AtomicUsize::new(0);
    let encode_chunks = || -> Result<(), CompressError> {
        let mut encoder = ChunkEncoder::new(bundle, &forms);
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(chunk) = chunks.get(index) else {
                return Ok(());
            };
            let output = encoder.encode(chunk)?;
            if !in_order.submit(index, output)? {
                return Ok(());
            }
            progress(chunk.work.file, chunk.length);
        }
    };
    // A thread that fails stops the others; the first error is reported.
    let first_error = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..jobs.get().min(chunks.len()) {
            scope.spawn(|| {
                if let Err(error) = in_order.share(encode_chunks) {
                    in_order.stop();
                    let mut first = first_error.lock().unwrap_or_else(PoisonError::into_inner);
                    first.get_or_insert(error);
                }
            });
        }
    });
    let first_error = first_error.into_inner();
    match first_error.unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// Puts what a chunk became into the stores. The chunks of a file come in order, one file after
/// the other; `crc32` is that of the file so far.
fn keep(
    shelves: &mut [Shelf],
    crc32: &mut crc32fast::Hasher,
    output: Output,
) -> Result<(), CompressError> {
    let Chunk {
        work: Work {
            file,
            shelves: missing,
        },
        offset,
        length,
    } = output.chunk;
    if *offset == 0 {
        crc32.reset();
    }
    crc32.combine(&output.crc32);
    // The bundle was hashed when it was opened; what was read now must be the same. It is told
    // before the last piece completes the content, so that nothing wrong gets into the cache.
    if offset + length == file.size && crc32.clone().finalize() != file.crc32 {
        return Err(CompressError::changed(file));
    }
    for (index, Encoded { bytes, sha256 }) in missing.iter().zip(output.pieces) {
        let shelf = &mut shelves[*index];
        let stored = shelf.store.append(file, &bytes, *length, sha256)?;
        if let Some(stored) = stored {
            shelf.stored.insert(file.sha256, stored);
        }
    }
    Ok(())
}

impl Compressed {
    /// Returns a file's content as pieces of DEFLATE, without [`STREAM_END`](super::STREAM_END).
    ///
    /// # Panics
    ///
    /// If the file is of another bundle, or [`Encoding::Deflate`] was not asked for.
    pub fn deflate(&self, file: &BundleFile) -> &Stored {
        &self.deflate[&file.sha256]
    }

    /// Returns a file's content as zstd frames, in their order.
    ///
    /// # Panics
    ///
    /// If the file is of another bundle, or [`Encoding::Zstd`] was not asked for.
    pub fn zstd(&self, file: &BundleFile) -> &Stored {
        &self.zstd[&file.sha256]
    }
}
