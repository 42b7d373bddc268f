//! Crates: directories, and what `cargo package` makes of them.

use crate::audit::rule::{Rule, Severity};

/// All of them, in the order of docs/findings.md.
pub(in crate::audit) static ALL: &[&Rule] = &[
    &MANIFEST,
    &NAME,
    &VERSION,
    &UNPUBLISHABLE,
    &PATH_IN_PACKAGE,
    &TOP_FOLDER,
    &NO_TARGET_FILE,
    &CFG,
    &PIN,
    &SIBLING,
    &WORKSPACE,
    &INCLUDE,
    &PAYLOAD_MANIFEST,
    &PAYLOAD_PARTS,
    &PAYLOAD,
];

pub static MANIFEST: Rule = Rule {
    code: "crate-manifest",
    severity: Severity::Error,
    wrong: "`Cargo.toml` is not the manifest of a package.",
    matters: "Cargo refuses the crate.",
    remedy: "Correct `Cargo.toml` as the finding says.",
    source: "The Cargo Book, The Manifest Format",
};

pub static NAME: Rule = Rule {
    code: "crate-name",
    severity: Severity::Error,
    wrong: "The name is none that the registry takes.",
    matters: "The registry refuses the crate.",
    remedy: "Name it by a letter, then letters, digits, `-` and `_`: 64 at most.",
    source: "The Cargo Book, The Manifest Format: name",
};

pub static VERSION: Rule = Rule {
    code: "crate-version",
    severity: Severity::Error,
    wrong: "The version is no semantic version.",
    matters: "Cargo refuses the crate.",
    remedy: "Write three numbers and, for a pre-release, what follows them: `1.2.3-beta.1`.",
    source: "Semantic Versioning 2.0.0; The Cargo Book, The Manifest Format: version",
};

pub static UNPUBLISHABLE: Rule = Rule {
    code: "crate-unpublishable",
    severity: Severity::Error,
    wrong: "`Cargo.toml` says or lacks something with which the registry takes no crate.",
    matters: "`cargo publish` fails, when other crates of the release are out already.",
    remedy: "Correct `Cargo.toml` as the finding says.",
    source: "The source of crates.io, `controllers/krate/publish.rs` and `models/keyword.rs`; The Cargo Book, Publishing on crates.io",
};

pub static PATH_IN_PACKAGE: Rule = Rule {
    code: "crate-path-in-package",
    severity: Severity::Error,
    wrong: "The packaged crate depends on a directory of the machine it was made on.",
    matters: "Building it fails on every other machine.",
    remedy: "Make the file with `cargo package`, which takes paths out.",
    source: "The Cargo Book, cargo package",
};

pub static TOP_FOLDER: Rule = Rule {
    code: "crate-top-folder",
    severity: Severity::Error,
    wrong: "What the packaged crate holds does not lie in a directory named after its name and version.",
    matters: "Cargo refuses to unpack it.",
    remedy: "Make the file with `cargo package`.",
    source: "The Cargo Book, cargo package; Cargo checks it when it unpacks",
};

pub static NO_TARGET_FILE: Rule = Rule {
    code: "crate-source-missing",
    severity: Severity::Error,
    wrong: "The source of a library or program of the crate is not in it.",
    matters: "Cargo cannot build the crate, nor anything that depends on it.",
    remedy: "Add the file, or correct `path` in `Cargo.toml`; see that `include` has it.",
    source: "The Cargo Book, Cargo Targets",
};

pub static CFG: Rule = Rule {
    code: "crate-target-cfg",
    severity: Severity::Error,
    wrong: "A table of dependencies is for a target that Cargo cannot read.",
    matters: "Cargo refuses the crate on every target.",
    remedy: "Write `[target.'cfg(…)'.dependencies]` with a condition that Cargo knows, or a target triple.",
    source: "The Cargo Book, Platform specific dependencies",
};

pub static PIN: Rule = Rule {
    code: "crate-sibling-pin",
    severity: Severity::Error,
    wrong: "A crate of a release does not depend on another one by its exact version.",
    matters: "Cargo puts crates of two releases together, and the payload is not what the program expects.",
    remedy: "Stage the crates again with `stage stage-runtime`.",
    source: "The Cargo Book, Specifying Dependencies: `=1.2.3`",
};

pub static SIBLING: Rule = Rule {
    code: "crate-sibling-missing",
    severity: Severity::Error,
    wrong: "A crate that is depended on by its path is not there, or is not the one.",
    matters: "Cargo resolves nothing: even a target that does not need the crate fails to build.",
    remedy: "Lay the directories of one release beside each other, or stage them again with `stage stage-runtime`.",
    source: "The Cargo Book, Specifying path dependencies",
};

pub static WORKSPACE: Rule = Rule {
    code: "crate-workspace",
    severity: Severity::Error,
    wrong: "A staged crate does not say that it is a workspace of its own.",
    matters: "Inside of any workspace, Cargo refuses to build it.",
    remedy: "Stage the crates again with `stage stage-runtime`.",
    source: "The Cargo Book, Workspaces",
};

pub static INCLUDE: Rule = Rule {
    code: "crate-include",
    severity: Severity::Error,
    wrong: "`include` leaves out a file without which the packaged crate is not whole.",
    matters: "The crate builds where it lies, and fails for everybody once it is published.",
    remedy: "Stage the crates again with `stage stage-runtime`.",
    source: "The Cargo Book, The Manifest Format: exclude and include",
};

pub static PAYLOAD_MANIFEST: Rule = Rule {
    code: "crate-payload-manifest",
    severity: Severity::Error,
    wrong: "`payload.manifest` cannot be read, or is of another release or target than its crate.",
    matters: "The program panics or unpacks another runtime than it says.",
    remedy: "Stage the crates again with `stage stage-runtime`.",
    source: "The payload of the crates, as the facade crate reads it",
};

pub static PAYLOAD_PARTS: Rule = Rule {
    code: "crate-payload-parts",
    severity: Severity::Error,
    wrong: "The crates that carry the payload are not those that its manifest names.",
    matters: "The program does not compile, or does not find a part of the runtime when it unpacks it.",
    remedy: "Stage the crates again with `stage stage-runtime`.",
    source: "The payload of the crates, as the facade crate reads it",
};

pub static PAYLOAD: Rule = Rule {
    code: "crate-payload-damaged",
    severity: Severity::Error,
    wrong: "The payload is not what its manifest says.",
    matters: "The program refuses to unpack the runtime.",
    remedy: "Stage the crates again with `stage stage-runtime`.",
    source: "The payload of the crates; RFC 8878",
};
