use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A finding that was allowed by name when a target was staged, as its manifest records it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// The rule's code.
    pub code: String,
    /// The artifact, by its path in the staging directory.
    pub artifact: String,
    /// What was found: the text of the finding.
    pub detail: String,
}
