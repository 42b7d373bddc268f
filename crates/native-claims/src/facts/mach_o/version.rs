use std::fmt;

use object::macho;
use serde::{Serialize, Serializer};

/// A version of macOS, or of one of its relatives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AppleVersion {
    /// First number.
    pub major: u16,
    /// Second number.
    pub minor: u8,
    /// Third number, which is mostly zero.
    pub patch: u8,
}

impl fmt::Display for AppleVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        match self.patch {
            0 => Ok(()),
            patch => write!(f, ".{patch}"),
        }
    }
}

impl Serialize for AppleVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl From<macho::Version> for AppleVersion {
    fn from(version: macho::Version) -> Self {
        let [_, _, minor, patch] = version.0.to_be_bytes();
        Self {
            major: version.major(),
            minor,
            patch,
        }
    }
}
