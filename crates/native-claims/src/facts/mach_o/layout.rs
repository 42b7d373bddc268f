use std::ops::Range;

/// Where the code for one CPU lies in its file, and where in it is what its signature is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SliceLayout {
    /// Its first byte in the file.
    pub(crate) start: u64,
    /// Its bytes.
    pub(crate) len: u64,
    /// The segment that is for linkers and loaders, `__LINKEDIT`: bytes of the slice.
    pub(crate) linkedit: Option<Range<u64>>,
    /// The signature: bytes of the slice.
    pub(crate) signature: Option<Range<u64>>,
    /// A property list that is built in: bytes of the slice.
    pub(crate) info_plist: Option<Range<u64>>,
}
