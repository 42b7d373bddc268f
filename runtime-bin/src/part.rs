//! A part of the payload: bytes of the program, or a file that it refers to.
//!
//! With the feature `embed` a part is a `static` of the program, which the system maps into memory as it
//! is read. With `on-disk` alone it is a file of the crate that brought it, in Cargo's directory of
//! sources on the machine that built the program. Such a program is small and quickly built, and works
//! for as long as that directory does; a frame is read into a buffer of the thread that decodes it, so
//! that the memory it takes is bounded all the same.
//!
//! The test build has both.

use std::fmt;
#[cfg(any(not(feature = "embed"), test))]
use std::io::{self, Read, Seek, SeekFrom};
#[cfg(any(not(feature = "embed"), test))]
use std::path::Path;

use crate::error::Error;
use crate::manifest::Frame;

#[cfg(not(any(feature = "embed", feature = "on-disk")))]
compile_error!(
    "one of the features `embed` (the program carries the runtime) and `on-disk` (it takes it from \
     the sources on this machine) is needed"
);

/// Where a part of the payload is.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// In the program.
    #[cfg(any(feature = "embed", test))]
    Memory(&'static [u8]),
    /// In a file, for which nobody can vouch.
    #[cfg(any(not(feature = "embed"), test))]
    File(&'static Path),
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(any(feature = "embed", test))]
            Self::Memory(bytes) => write!(f, "Memory({} bytes)", bytes.len()),
            #[cfg(any(not(feature = "embed"), test))]
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

impl Part {
    /// Checks that it has this many bytes.
    pub(crate) fn check_length(self, expected: u64) -> Result<(), Error> {
        let found = match self {
            #[cfg(any(feature = "embed", test))]
            Self::Memory(bytes) => bytes.len() as u64,
            #[cfg(any(not(feature = "embed"), test))]
            Self::File(path) => match std::fs::metadata(path) {
                Ok(found) => found.len(),
                Err(error) => return Err(unreadable(path, &error)),
            },
        };
        if found == expected {
            Ok(())
        } else {
            Err(self.damaged(&format!("a part has {found} bytes instead of {expected}")))
        }
    }

    /// Returns the bytes of a frame in it; the buffer is for those that are not in memory.
    pub(crate) fn frame<'a>(
        self,
        frame: &Frame,
        buffer: &'a mut Vec<u8>,
    ) -> Result<&'a [u8], Error> {
        match self {
            #[cfg(any(feature = "embed", test))]
            Self::Memory(bytes) => {
                _ = buffer;
                let bytes = bytes.get(frame.start..frame.start + frame.compressed);
                bytes.ok_or_else(|| self.damaged("it is too short"))
            }
            #[cfg(any(not(feature = "embed"), test))]
            Self::File(path) => {
                buffer.resize(frame.compressed, 0);
                let read = read_at(path, frame.start as u64, buffer);
                read.map_err(|error| unreadable(path, &error))?;
                Ok(buffer)
            }
        }
    }

    /// Makes the error for wrong content.
    pub(crate) fn damaged(self, why: &str) -> Error {
        match self {
            #[cfg(any(feature = "embed", test))]
            Self::Memory(_) => Error::Payload(why.to_owned()),
            #[cfg(any(not(feature = "embed"), test))]
            Self::File(path) => Error::PayloadFile {
                path: path.to_owned(),
                why: format!("is not as it was when the program was built: {why}"),
            },
        }
    }
}

/// Fills a buffer from a file, which is opened again each time: next to decoding a frame, that is nothing.
#[cfg(any(not(feature = "embed"), test))]
fn read_at(path: &Path, start: u64, buffer: &mut [u8]) -> io::Result<()> {
    let mut file = std::fs::File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    file.read_exact(buffer)
}

#[cfg(any(not(feature = "embed"), test))]
fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::PayloadFile {
        path: path.to_owned(),
        why: format!("cannot be read: {error}"),
    }
}
