//! The end of what the process wrote to stderr, for the error that says that it ended.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt};

/// Enough for a panic with its backtrace, or for the error that made it give up.
const LINES: usize = 40;
const BYTES: usize = 8 * 1024;

#[derive(Debug, Clone, Default)]
pub(crate) struct Tail(Arc<Mutex<VecDeque<u8>>>);

impl Tail {
    /// Reads until the end: a pipe that nobody empties stops the process that writes to it.
    pub(crate) async fn fill(self, mut stderr: impl AsyncRead + Unpin) {
        let mut chunk = [0; 4096];
        while let Ok(read @ 1..) = stderr.read(&mut chunk).await {
            self.push(chunk.get(..read).unwrap_or_default());
        }
    }

    fn push(&self, bytes: &[u8]) {
        let mut tail = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tail.extend(bytes);
        let excess = tail.len().saturating_sub(BYTES);
        tail.drain(..excess);
    }

    /// The last lines, without the colours that they may have.
    pub(crate) fn text(&self) -> String {
        let tail = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = tail.iter().copied().collect();
        let text = without_colours(&String::from_utf8_lossy(&bytes));
        let lines: Vec<&str> = text.trim_end().lines().collect();
        lines
            .get(lines.len().saturating_sub(LINES)..)
            .unwrap_or_default()
            .join("\n")
    }
}

/// Leaves out the escape sequences of terminals: ESC `[`, parameters, a letter.
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' && characters.next_if_eq(&'[').is_some() {
            characters
                .by_ref()
                .find(|character| ('@'..='~').contains(character));
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_is_kept() {
        let tail = Tail::default();
        for line in 0..10_000 {
            tail.push(format!("line {line}\n").as_bytes());
        }
        let text = tail.text();
        assert_eq!(text.lines().count(), LINES);
        assert!(text.ends_with("line 9998\nline 9999"), "{text}");
        tail.push(&vec![b'x'; 3 * BYTES]);
        assert_eq!(tail.text().len(), BYTES);
    }

    #[test]
    fn colours_are_left_out() {
        let tail = Tail::default();
        tail.push(b"\x1b[2m12:00\x1b[0m \x1b[31mERROR\x1b[0m gone\n\n");
        assert_eq!(tail.text(), "12:00 ERROR gone");
    }
}
