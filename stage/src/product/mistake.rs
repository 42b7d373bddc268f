//! What is wrong in a product's files, and where.

use std::fmt;

/// A mistake that somebody can correct: a place in a file, and a reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The path of the file, as the user can open it.
    pub file: String,
    /// The line, from 1; 0: it is the file as a whole.
    pub line: usize,
    /// The field, with its tables: `wheel.tags`.
    pub field: Option<String>,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            field,
            reason,
        } = self;
        match line {
            0 => write!(f, "{file}: ")?,
            line => write!(f, "{file}:{line}: ")?,
        }
        if let Some(field) = field {
            write!(f, "`{field}`: ")?;
        }
        f.write_str(reason)
    }
}

/// Returns the line, from 1, of a byte of a text.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    let before = text.bytes().take(offset);
    1 + before.filter(|byte| *byte == b'\n').count()
}
