//! The one bit of a mode that a package keeps.

use std::fs::Metadata;

/// The owner's executable bit of a Unix mode.
pub(super) const OWNER_EXECUTABLE: u32 = 0o100;

/// Returns whether the owner of a file may execute it. `false` on systems without that bit.
#[must_use]
pub fn is_executable(metadata: &Metadata) -> bool {
    executable(metadata).unwrap_or(false)
}

/// Returns the owner's executable bit. `None` on systems without it.
#[cfg_attr(
    unix,
    expect(clippy::unnecessary_wraps, reason = "Windows has no such bit")
)]
pub(super) fn executable(metadata: &Metadata) -> Option<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        Some(metadata.permissions().mode() & OWNER_EXECUTABLE != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        None
    }
}
