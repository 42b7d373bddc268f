//! What registries take.

use super::{Rule, Severity};

rules! {
    HARD: Error "size-over-hard-limit" {
        wrong: "The artifact is larger than the registry takes from anybody.",
        matters: "The upload is refused, when other parts of the release are out already.",
        remedy: "Use --compression best, or ship a runtime with less in it.",
        source: "The registry's documentation, as `limits.hard-bytes` of stage.toml says",
    }
    GRANTED: Warning "size-over-limit" {
        wrong: "The artifact is larger than the registry takes from this project.",
        matters: "The upload is refused, when other parts of the release are out already.",
        remedy: "Ask the registry for more and write what it grants into stage.toml, or use --compression best.",
        source: "The registry's documentation, as `limits` of stage.toml says",
    }
    NEAR: Warning "size-near-limit" {
        wrong: "The artifact has reached nine tenths of what the registry takes.",
        matters: "One of the next releases will be refused on the day it is published.",
        remedy: "Ask the registry for more before it is needed.",
        source: "The registry's documentation, as `limits` of stage.toml says",
    }
}
