//! Which commands `cargo install` can install.

/// Checks that a Cargo package can have a binary of this name. An error completes a sentence that begins
/// with the name.
///
/// rustc takes the name, with `_` for `-`, as the name of a crate: letters and digits of any script, and
/// `_`. Cargo keeps the names of its own directories, which lie beside the binaries; some file systems do
/// not tell `Build` from `build`.
pub fn cargo_bin_name(name: &str) -> Result<(), String> {
    let odd = |c: &char| !c.is_alphanumeric() && !matches!(c, '-' | '_');
    if let Some(odd) = name.chars().find(odd) {
        return Err(format!(
            "cannot be installed by Cargo: a binary's name has letters, digits, `-` and `_`, and not \
             {odd:?}; set `crate.commands = false`, or rename the command"
        ));
    }
    if name.is_empty() || name.starts_with('-') {
        return Err("cannot be installed by Cargo: it would be taken for an option".to_owned());
    }
    let lower = name.to_lowercase();
    if CARGO_DIRECTORIES.contains(&lower.as_str()) {
        return Err(
            "cannot be installed by Cargo, which has a directory of this name beside the binaries; set \
             `crate.commands = false`, or rename the command"
                .to_owned(),
        );
    }
    Ok(())
}

/// The names that Cargo refuses: `is_conflicting_artifact_name` of its source, since 2020.
const CARGO_DIRECTORIES: [&str; 4] = ["build", "deps", "examples", "incremental"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_cargo_builds() {
        for good in [
            "a",
            "uv",
            "7z",
            "clang-format",
            "my_tool",
            "test",
            "match",
            "std",
            "größe",
            "main",
            "builder",
            "example",
            "A",
            "_x",
            "a-",
        ] {
            assert_eq!(cargo_bin_name(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "g++",
            "node.js",
            "a b",
            "[",
            "a@b",
            "a~b",
            "conin$",
            "build",
            "deps",
            "examples",
            "incremental",
            "Build",
            "-x",
            "e\u{301}",
        ] {
            assert!(cargo_bin_name(bad).is_err(), "{bad:?}");
        }
        let error = cargo_bin_name("g++").unwrap_err();
        assert!(error.contains("'+'") && error.contains("crate.commands = false"));
    }
}
