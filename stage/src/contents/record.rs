use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::mode::Mode;
use crate::base::digest::Digest;

/// One file of a runtime.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    /// Relative to the bundle, with `/`.
    pub path: String,
    /// `0755` or `0644`.
    #[schemars(with = "String")]
    pub mode: Mode,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the content.
    pub sha256: Digest,
}
