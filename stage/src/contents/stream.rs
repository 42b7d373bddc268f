//! From an archive into a sink: one thread unpacks large content, another one looks at it.

use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::panic;
use std::sync::mpsc;
use std::thread;

use super::error::ContentsError;
use super::file::File;
use super::sink::Sink;
use strict_archive::{ReadAt, tar, zip};

/// Content of at least this many bytes gets a second thread.
const LARGE: u64 = 4 << 20;

/// How many bytes one thread hands to the other at once: for fewer, waking it up costs more than it
/// gains.
const PORTION: usize = 512 << 10;

/// The most portions that wait for the thread that takes them.
const WAITING: usize = 4;

/// Content that a container hands out in pieces.
pub(super) trait Pieces {
    /// Returns the next bytes; none at the end.
    fn next(&mut self) -> Result<&[u8], strict_archive::Error>;
}

impl<S: ReadAt> Pieces for zip::Content<'_, S> {
    fn next(&mut self) -> Result<&[u8], strict_archive::Error> {
        self.chunk()
    }
}

impl<R: Read> Pieces for tar::Reader<R> {
    fn next(&mut self) -> Result<&[u8], strict_archive::Error> {
        self.chunk()
    }
}

/// Writes all of the content, which has `size` bytes, into a sink.
pub(super) fn fill(
    mut sink: Sink,
    size: u64,
    content: &mut impl Pieces,
    jobs: NonZeroUsize,
) -> Result<File, ContentsError> {
    if size >= LARGE && jobs.get() > 1 {
        return fill_beside(sink, content);
    }
    loop {
        match content.next()? {
            [] => return Ok(sink.finish()?),
            piece => sink.write(piece)?,
        }
    }
}

/// The same with a separate thread for the sink. The two threads exchange the buffers.
fn fill_beside(mut sink: Sink, content: &mut impl Pieces) -> Result<File, ContentsError> {
    let (full, incoming) = mpsc::sync_channel::<Vec<u8>>(WAITING);
    let (empty, used) = mpsc::channel::<Vec<u8>>();
    thread::scope(|scope| {
        let taker = scope.spawn(move || -> io::Result<File> {
            for portion in incoming {
                sink.write(&portion)?;
                // At the end, nobody takes the buffer back.
                let _ = empty.send(portion);
            }
            sink.finish()
        });
        let mut unpack = || -> Result<(), strict_archive::Error> {
            loop {
                let mut portion = used.try_recv().unwrap_or_default();
                portion.clear();
                while portion.len() < PORTION {
                    match content.next()? {
                        [] => break,
                        piece => portion.extend_from_slice(piece),
                    }
                }
                // The other thread stops taking portions only after an error, which it returns.
                if portion.is_empty() || full.send(portion).is_err() {
                    return Ok(());
                }
            }
        };
        let unpacked = unpack();
        drop(full);
        let file = taker
            .join()
            .unwrap_or_else(|panic| panic::resume_unwind(panic));
        unpacked?;
        Ok(file?)
    })
}
