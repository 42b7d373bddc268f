//! A value, and what it was taken from.

/// A value, and what it was taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The value.
    pub value: String,
    /// What it was taken from, for a person.
    pub from: String,
}

impl Known {
    /// Makes a value that is known.
    #[must_use]
    pub fn new(value: impl Into<String>, from: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            from: from.into(),
        }
    }
}
