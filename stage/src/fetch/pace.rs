//! A limit for servers that send, but next to nothing.

use std::io::{self, Read};
use std::time::{Duration, Instant};

/// The fewest bytes a second. At this rate, a runtime of 160 MB takes 43 hours.
pub(super) const LEAST_RATE: u64 = 1024;

/// A reader that fails when too few bytes come. Only the time in which it waits for them counts.
pub(super) struct Paced<R> {
    inner: R,
    /// How long it may be too slow.
    patience: Duration,
    waited: Duration,
    /// Bytes that came in that time.
    bytes: u64,
}

impl<R: Read> Paced<R> {
    pub fn new(inner: R, patience: Duration) -> Self {
        Self {
            inner,
            patience,
            waited: Duration::ZERO,
            bytes: 0,
        }
    }
}

impl<R: Read> Read for Paced<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let start = Instant::now();
        let count = self.inner.read(buffer)?;
        self.waited += start.elapsed();
        self.bytes += count as u64;
        if self.waited < self.patience || count == 0 {
            return Ok(count);
        }
        if self.bytes < LEAST_RATE.saturating_mul(self.waited.as_secs()) {
            let slow = format!(
                "only {} bytes came in {} s",
                self.bytes,
                self.waited.as_secs()
            );
            return Err(io::Error::new(io::ErrorKind::TimedOut, slow));
        }
        (self.waited, self.bytes) = (Duration::ZERO, 0);
        Ok(count)
    }
}
