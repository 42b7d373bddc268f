//! Hashing while writing: no artifact is read again to compute its digest.

use std::io::{self, Write};

use sha2::{Digest as _, Sha256};

use crate::base::digest::Digest;

/// A writer that counts and hashes what passes through it.
pub struct Hashed<W> {
    inner: W,
    hasher: Sha256,
    written: u64,
}

impl<W: Write> Hashed<W> {
    /// Makes a writer that passes everything on to `inner`.
    pub fn new(inner: W) -> Self {
        Self {
            inner,
            hasher: Sha256::new(),
            written: 0,
        }
    }

    /// Returns the number of bytes written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Flushes, and returns the number of bytes and their digest.
    pub fn finish(mut self) -> io::Result<(u64, Digest)> {
        self.inner.flush()?;
        Ok((
            self.written,
            Digest::from(<[u8; 32]>::from(self.hasher.finalize())),
        ))
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
