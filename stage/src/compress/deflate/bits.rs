//! Reads bits, the lowest of a byte first (RFC 1951, section 3.1.1).

/// How many bytes must follow a stream, so that eight bytes can always be loaded: the window holds
/// up to eight bytes after the position, and the next load begins behind them.
pub const SLACK: usize = 16;

/// How many bits [`Bits::refill`] makes available at least.
pub const WINDOW: u8 = 56;

/// A position in a stream, and a window on what follows it.
#[derive(Clone)]
pub struct Bits<'a> {
    /// The stream and its slack.
    bytes: &'a [u8],
    /// The first byte that is not completely in the window.
    next: usize,
    /// The bits from the position on. There may be more of them than `held` says.
    window: u64,
    /// Bits in the window that have been counted, at most 63.
    held: u8,
}

impl<'a> Bits<'a> {
    /// Begins to read a stream, which [`SLACK`] more bytes follow.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            next: 0,
            window: 0,
            held: 0,
        }
    }

    /// Returns the number of bits before the position.
    pub fn position(&self) -> usize {
        self.next * 8 - usize::from(self.held)
    }

    /// Returns whether the position is behind the end of the stream, in the slack.
    pub fn ended(&self) -> bool {
        self.position() > (self.bytes.len() - SLACK) * 8
    }

    /// Makes [`WINDOW`] bits available. `None` if there are no more, not even in the slack.
    #[inline]
    pub fn refill(&mut self) -> Option<()> {
        let bytes = self.bytes.get(self.next..self.next + 8)?;
        // A byte that does not fit as a whole is loaded again with the next refill, to the same bits.
        self.window |= u64::from_le_bytes(bytes.try_into().ok()?) << self.held;
        self.next += usize::from((63 - self.held) / 8);
        self.held |= WINDOW;
        Some(())
    }

    /// Returns the bits from the position on.
    #[inline]
    pub fn window(&self) -> u64 {
        self.window
    }

    /// Moves on by bits that are available.
    #[inline]
    pub fn skip(&mut self, count: u8) {
        self.window >>= count & 63;
        self.held -= count;
    }

    /// Takes the next `count` bits, at most 16. `None` if the stream does not have so many.
    pub fn take(&mut self, count: u8) -> Option<u16> {
        self.refill()?;
        let value = self.window & ((1 << count) - 1);
        self.skip(count);
        if self.ended() {
            return None;
        }
        u16::try_from(value).ok()
    }

    /// Moves on to the next byte.
    pub fn align(&mut self) {
        self.skip(self.held % 8);
    }

    /// Moves on by whole bytes. The position must be at the beginning of one.
    pub fn skip_bytes(&mut self, count: u16) {
        self.next = self.position() / 8 + usize::from(count);
        self.window = 0;
        self.held = 0;
    }
}
