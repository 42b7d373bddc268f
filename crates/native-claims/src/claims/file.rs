use crate::facts::Facts;

/// An executable or a library.
#[derive(Clone, Copy, Debug)]
pub(super) struct NativeFile<'a> {
    pub(super) path: &'a str,
    pub(super) facts: &'a Facts,
}
