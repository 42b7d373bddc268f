use super::file::NativeFile;
use super::reason::{Note, Reason};

/// What there is to say of one tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Why the tag is not true, by file; empty if it is.
    pub reasons: Vec<(String, Reason)>,
    /// What is worth knowing and breaks no promise, by file.
    pub notes: Vec<(String, Note)>,
}

impl Verdict {
    /// Returns whether the tag is true.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.reasons.is_empty()
    }
}

impl Verdict {
    /// Adds what there is to say of another tag, once.
    pub(super) fn extend(&mut self, other: Self) {
        for reason in other.reasons {
            if !self.reasons.contains(&reason) {
                self.reasons.push(reason);
            }
        }
        for note in other.notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }

    pub(super) fn add(&mut self, file: NativeFile<'_>, reason: Reason) {
        self.reasons.push((file.path.to_owned(), reason));
    }

    pub(super) fn note(&mut self, file: NativeFile<'_>, note: Note) {
        self.notes.push((file.path.to_owned(), note));
    }
}
