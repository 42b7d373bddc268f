//! Crates: directories, and what `cargo package` makes of them.

use super::{Rule, Severity};

rules! {
    MANIFEST: Error "crate-manifest" {
        wrong: "`Cargo.toml` is not the manifest of a package.",
        matters: "Cargo refuses the crate.",
        remedy: "Correct `Cargo.toml` as the finding says.",
        source: "The Cargo Book, The Manifest Format",
    }
    NAME: Error "crate-name" {
        wrong: "The name is none that the registry takes.",
        matters: "The registry refuses the crate.",
        remedy: "Name it by a letter, then letters, digits, `-` and `_`: 64 at most.",
        source: "The Cargo Book, The Manifest Format: name",
    }
    VERSION: Error "crate-version" {
        wrong: "The version is no semantic version.",
        matters: "Cargo refuses the crate.",
        remedy: "Write three numbers and, for a pre-release, what follows them: `1.2.3-beta.1`.",
        source: "Semantic Versioning 2.0.0; The Cargo Book, The Manifest Format: version",
    }
    UNPUBLISHABLE: Error "crate-unpublishable" {
        wrong: "`Cargo.toml` says or lacks something with which the registry takes no crate.",
        matters: "`cargo publish` fails, when other crates of the release are out already.",
        remedy: "Correct `Cargo.toml` as the finding says.",
        source: "The source of crates.io, `controllers/krate/publish.rs` and `models/keyword.rs`; The Cargo Book, Publishing on crates.io",
    }
    PATH_IN_PACKAGE: Error "crate-path-in-package" {
        wrong: "The packaged crate depends on a directory of the machine it was made on.",
        matters: "Building it fails on every other machine.",
        remedy: "Make the file with `cargo package`, which takes paths out.",
        source: "The Cargo Book, cargo package",
    }
    TOP_FOLDER: Error "crate-top-folder" {
        wrong: "What the packaged crate holds does not lie in a directory named after its name and version.",
        matters: "Cargo refuses to unpack it.",
        remedy: "Make the file with `cargo package`.",
        source: "The Cargo Book, cargo package; Cargo checks it when it unpacks",
    }
    NO_TARGET_FILE: Error "crate-source-missing" {
        wrong: "The source of a library or program of the crate is not in it.",
        matters: "Cargo cannot build the crate, nor anything that depends on it.",
        remedy: "Add the file, or correct `path` in `Cargo.toml`; see that `include` has it.",
        source: "The Cargo Book, Cargo Targets",
    }
    CFG: Error "crate-target-cfg" {
        wrong: "A table of dependencies is for a target that Cargo cannot read.",
        matters: "Cargo refuses the crate on every target.",
        remedy: "Write `[target.'cfg(…)'.dependencies]` with a condition that Cargo knows, or a target triple.",
        source: "The Cargo Book, Platform specific dependencies",
    }
    PIN: Error "crate-sibling-pin" {
        wrong: "A crate of a release does not depend on another one by its exact version.",
        matters: "Cargo puts crates of two releases together, and the payload is not what the program expects.",
        remedy: "Stage the crates again with `stage stage-runtime`.",
        source: "The Cargo Book, Specifying Dependencies: `=1.2.3`",
    }
    SIBLING: Error "crate-sibling-missing" {
        wrong: "A crate that is depended on by its path is not there, or is not the one.",
        matters: "Cargo resolves nothing: even a target that does not need the crate fails to build.",
        remedy: "Lay the directories of one release beside each other, or stage them again with `stage stage-runtime`.",
        source: "The Cargo Book, Specifying path dependencies",
    }
    WORKSPACE: Error "crate-workspace" {
        wrong: "A staged crate does not say that it is a workspace of its own.",
        matters: "Inside of any workspace, Cargo refuses to build it.",
        remedy: "Stage the crates again with `stage stage-runtime`.",
        source: "The Cargo Book, Workspaces",
    }
    INCLUDE: Error "crate-include" {
        wrong: "`include` leaves out a file without which the packaged crate is not whole.",
        matters: "The crate builds where it lies, and fails for everybody once it is published.",
        remedy: "Stage the crates again with `stage stage-runtime`.",
        source: "The Cargo Book, The Manifest Format: exclude and include",
    }
    PAYLOAD_MANIFEST: Error "crate-payload-manifest" {
        wrong: "`payload.manifest` cannot be read, or is of another release or target than its crate.",
        matters: "The program panics or unpacks another runtime than it says.",
        remedy: "Stage the crates again with `stage stage-runtime`.",
        source: "The payload of the crates, as the facade crate reads it",
    }
    PAYLOAD_PARTS: Error "crate-payload-parts" {
        wrong: "The crates that carry the payload are not those that its manifest names.",
        matters: "The program does not compile, or does not find a part of the runtime when it unpacks it.",
        remedy: "Stage the crates again with `stage stage-runtime`.",
        source: "The payload of the crates, as the facade crate reads it",
    }
    PAYLOAD: Error "crate-payload-damaged" {
        wrong: "The payload is not what its manifest says.",
        matters: "The program refuses to unpack the runtime.",
        remedy: "Stage the crates again with `stage stage-runtime`.",
        source: "The payload of the crates; RFC 8878",
    }
}
