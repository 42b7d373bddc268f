//! The permissions of a file, as a manifest writes them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Permissions of a file, as a manifest writes them: `0755`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Mode(u16);

impl Mode {
    /// Takes the permissions from a Unix mode.
    #[must_use]
    pub fn new(mode: u32) -> Self {
        // Twelve bits.
        Self(u16::try_from(mode & 0o7777).unwrap_or_default())
    }
}

/// A text that is not a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a mode is four octal digits")]
pub struct ModeError;

impl FromStr for Mode {
    type Err = ModeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_mode = text.len() == 4 && text.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
        let mode = is_mode.then(|| u16::from_str_radix(text, 8).ok());
        mode.flatten().map(Self).ok_or(ModeError)
    }
}

impl TryFrom<String> for Mode {
    type Error = ModeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Mode> for String {
    fn from(mode: Mode) -> Self {
        mode.to_string()
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_four_octal_digits() {
        for text in ["0755", "0644", "0000", "7777"] {
            assert_eq!(text.parse::<Mode>().unwrap().to_string(), text);
        }
        assert_eq!(Mode::new(0o100_755).to_string(), "0755");
        for text in ["", "755", "00755", "0789", "+755", "0x1f", "rwx-"] {
            assert_eq!(text.parse::<Mode>(), Err(ModeError), "{text}");
        }
    }
}
