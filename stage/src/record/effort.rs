use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much time to spend on smaller artifacts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// As fast as the disk.
    Fast,
    /// A little smaller than zlib's default, several times faster.
    #[default]
    Default,
    /// As small as these formats can get: for releases.
    Best,
}
