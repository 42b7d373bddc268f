//! The commands of the runtime. `stage` writes this file again when it stages the crate.

/// The names of the commands. The first one runs the entrypoint.
pub(crate) const NAMES: &[&str] = &["codex"];

/// The other commands that the runtime of this target has: their names, and the paths of their
/// executables in the package directory.
pub(crate) const MORE: &[(&str, &str)] = &[];
