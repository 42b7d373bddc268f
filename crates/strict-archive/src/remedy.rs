//! What somebody who was handed an archive can do, in words that several formats share.

/// The help for damage of the kind that a broken download leaves.
pub(super) const DOWNLOAD_AGAIN: &str = "the file is damaged or incomplete: \
    download it again and compare its SHA-256 with the published one";

/// The help for an archive that was built so that two programs read it differently.
pub(super) const DO_NOT_TRUST: &str = "do not trust this file: tools that read it differently get \
    different content. Download it again from its publisher, or pack it again from its directory";
