//! What registries take.

use crate::audit::rule::{Rule, Severity};

/// All of them, in the order of docs/findings.md.
pub(in crate::audit) static ALL: &[&Rule] = &[&HARD, &GRANTED, &NEAR];

pub static HARD: Rule = Rule {
    code: "size-over-hard-limit",
    severity: Severity::Error,
    wrong: "The artifact is larger than the registry takes from anybody.",
    matters: "The upload is refused, when other parts of the release are out already.",
    remedy: "Use --compression best, or ship a runtime with less in it.",
    source: "The registry's documentation, as `limits.hard-bytes` of stage.toml says",
};

pub static GRANTED: Rule = Rule {
    code: "size-over-limit",
    severity: Severity::Warning,
    wrong: "The artifact is larger than the registry takes from this project.",
    matters: "The upload is refused, when other parts of the release are out already.",
    remedy: "Ask the registry for more and write what it grants into stage.toml, or use --compression best.",
    source: "The registry's documentation, as `limits` of stage.toml says",
};

pub static NEAR: Rule = Rule {
    code: "size-near-limit",
    severity: Severity::Warning,
    wrong: "The artifact has reached nine tenths of what the registry takes, and nothing else takes a part of it.",
    matters: "One of the next releases will be refused on the day it is published.",
    remedy: "Ask the registry for more before it is needed. For crates of a platform, raise `crate.parts` in its file of platforms/.",
    source: "The registry's documentation, as `limits` of stage.toml says",
};
