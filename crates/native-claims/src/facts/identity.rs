/// What a file is as a program, as [`origin`](super::origin()) tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity<T> {
    /// A program, and what it is for.
    Program(T),
    /// An executable or a part of one that is not a program. The text says what it is, with an
    /// article: `a shared library`.
    Unfit(String),
    /// Something else.
    Other,
}

impl<T> Identity<T> {
    /// Changes what is said of a program.
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Identity<U> {
        match self {
            Self::Program(origin) => Identity::Program(change(origin)),
            Self::Unfit(what) => Identity::Unfit(what),
            Self::Other => Identity::Other,
        }
    }
}
