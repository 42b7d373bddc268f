//! Sizes that no honest archive passes, in bytes.

/// Most content of one extended header, which is held in memory. Attributes of files may be long:
/// Linux takes 64 KiB for each, and the tar of npm reads headers of 1 MiB.
pub(super) const MAX_EXTENSION_LEN: u64 = 1024 * 1024;

/// Most zeros after the end: the largest record that `tar -b` is used with, twice.
pub(super) const MAX_PADDING: u64 = 2 * 1024 * 1024;
