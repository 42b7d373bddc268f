//! The runtime in a package, whatever the package is.

use crate::audit::rule::{Rule, Severity};

/// All of them, in the order of docs/findings.md.
pub(in crate::audit) static ALL: &[&Rule] =
    &[&METADATA, &VERSION, &TARGET, &ENTRYPOINT, &NOT_EXECUTABLE];

pub static METADATA: Rule = Rule {
    code: "runtime-metadata",
    severity: Severity::Error,
    wrong: "The file that describes the runtime cannot be used.",
    matters: "The package's own code and the SDKs find nothing to start.",
    remedy: "Take the runtime from upstream again and stage it anew.",
    source: "The layout of the runtime, `bundle` in stage.toml",
};

pub static VERSION: Rule = Rule {
    code: "runtime-version",
    severity: Severity::Error,
    wrong: "The runtime in the package is of another version than the package.",
    matters: "Whoever pins the package's version runs another one.",
    remedy: "Stage the runtime of that version.",
    source: "The layout of the runtime, `bundle` in stage.toml",
};

pub static TARGET: Rule = Rule {
    code: "runtime-target",
    severity: Severity::Error,
    wrong: "The runtime in the package is for another platform than the package.",
    matters: "It installs, and does not start.",
    remedy: "Stage the runtime of that platform, or use the tags of the platform that the runtime is for.",
    source: "The layout of the runtime, `bundle` in stage.toml, and `platforms/`",
};

pub static ENTRYPOINT: Rule = Rule {
    code: "runtime-entrypoint",
    severity: Severity::Error,
    wrong: "The program that the package is for is not in it.",
    matters: "It installs, and there is nothing to start.",
    remedy: "Take the runtime from upstream again and stage it anew.",
    source: "The layout of the runtime, `bundle` in stage.toml",
};

pub static NOT_EXECUTABLE: Rule = Rule {
    code: "runtime-not-executable",
    severity: Severity::Error,
    wrong: "The program that the package is for may not be executed.",
    matters: "It installs, and starting it ends with \"permission denied\".",
    remedy: "Set the file's mode to 0755 before packing; a copy over a file system without modes loses it.",
    source: "The layout of the runtime; installers keep the executable bit and no other",
};
