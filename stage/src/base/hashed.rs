//! Hashing while writing: no artifact is read again to compute its digest.

use std::io::{self, Write};

use sha2::{Digest as _, Sha256};

use crate::base::digest::Digest;

/// Counts and hashes bytes.
#[derive(Clone, Debug, Default)]
pub struct Hasher {
    sha256: Sha256,
    length: u64,
}

impl Hasher {
    /// Adds the bytes that follow.
    pub fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.length += bytes.len() as u64;
    }

    /// Returns the number of bytes so far.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Returns the number of bytes and their SHA-256.
    #[must_use]
    pub fn finish(self) -> (u64, Digest) {
        (self.length, <[u8; 32]>::from(self.sha256.finalize()).into())
    }
}

/// A writer that counts and hashes what passes through it.
pub struct Hashed<W> {
    inner: W,
    hasher: Hasher,
}

impl<W: Write> Hashed<W> {
    /// Makes a writer that passes everything on to `inner`.
    pub fn new(inner: W) -> Self {
        Self {
            inner,
            hasher: Hasher::default(),
        }
    }

    /// Returns the number of bytes written so far.
    pub fn written(&self) -> u64 {
        self.hasher.length()
    }

    /// Flushes, and returns the number of bytes and their SHA-256.
    pub fn finish(mut self) -> io::Result<(u64, Digest)> {
        self.inner.flush()?;
        Ok(self.hasher.finish())
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
