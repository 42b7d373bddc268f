use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A finding that somebody allowed by its code when a target was staged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// The code of the rule.
    pub code: String,
    /// The artifact, by its path in the staging directory.
    pub artifact: String,
    /// The text of the finding.
    pub detail: String,
}
