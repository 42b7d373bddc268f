//! The program that users of npm call, in two variants.
//!
//! The plain one is that of packages which were published before there was a full one: their platforms are
//! versions of one package, with one command, and at most one build for each machine. In
//! `launcher.js`, the lines between `//#full` and `//#plain` or `//#end` are those that only the full
//! variant has. The plain one has those between `//#plain` and `//#end` in their place, without the
//! `//-` that hides them.

/// The text of both variants.
const LAUNCHER: &str = include_str!("launcher.js");

/// The place of the full variant in the root package. The commands call it.
pub const PATH: &str = "lib/launcher.js";

/// Returns the launcher for one command, and one build for each machine. It is the command.
pub fn plain() -> String {
    variant(false)
}

/// Returns the launcher for several commands, and for builds for several C libraries.
pub fn full() -> String {
    variant(true)
}

/// Returns the file of a command that calls the full variant.
pub fn command(name: &str) -> String {
    // Names of files have no quotes in them.
    format!("#!/usr/bin/env node\n\"use strict\";\n\nrequire(\"../{PATH}\")(\"{name}\");\n")
}

fn variant(full: bool) -> String {
    /// Which variants have a line.
    #[derive(PartialEq)]
    enum Of {
        Both,
        Full,
        Plain,
    }
    let mut of = Of::Both;
    let mut text = String::new();
    for line in LAUNCHER.lines() {
        match line.trim_start() {
            "//#full" => of = Of::Full,
            "//#plain" => of = Of::Plain,
            "//#end" => of = Of::Both,
            _ if of == Of::Both || full && of == Of::Full => {
                text.push_str(line);
                text.push('\n');
            }
            _ if !full && of == Of::Plain => {
                text.push_str(&line.replacen("//-", "", 1));
                text.push('\n');
            }
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::digest::Digest;

    #[test]
    fn no_variant_has_marks_in_it() {
        for text in [plain(), full()] {
            assert!(!text.contains("//#") && !text.contains("//-"));
        }
        assert!(plain().starts_with("#!/usr/bin/env node\n"));
        assert!(!plain().contains("musl"));
    }

    #[test]
    fn the_plain_variant_changes_only_on_purpose() {
        let digest = Digest::of(plain().as_bytes()).to_string();
        assert_eq!(
            digest,
            "be4cea5d067b8a1d228ae64525594c7fe0887e398ec809897be86f4283def957"
        );
    }
}
