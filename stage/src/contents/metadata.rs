//! Which files are kept in memory while an artifact streams past, and how many bytes of them.

/// Returns whether a file's content is kept for the rules to read: the files that describe a
/// package, by the names that the ecosystems give them.
pub fn is_metadata(path: &str) -> bool {
    const NAMES: [&str; 5] = [
        "package.json",
        "platforms.json",
        "Cargo.toml",
        "payload.manifest",
        "release.json",
    ];
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let in_directory = |of: &str| directory == of || directory.ends_with(&format!("/{of}"));
    NAMES.contains(&name)
        || name.ends_with("-package.json")
        || name.ends_with(".cdx.json")
        || directory
            .split('/')
            .next()
            .is_some_and(|top| top.ends_with(".dist-info"))
        || (in_directory("src") && name == "lib.rs")
}

/// Returns whether a file's content is kept to be read again: the payload of a crate. The file that
/// describes it comes after it.
pub fn is_kept(path: &str) -> bool {
    path.split_once('/')
        .is_some_and(|(_, name)| name == "payload.bin")
}

/// The most bytes of one metadata file that are kept.
pub const MOST_TEXT: u64 = 16 << 20;

/// The most bytes of all metadata files of an artifact that are kept.
pub const MOST_TEXTS: u64 = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_known_by_its_name() {
        for path in [
            "a-1.dist-info/RECORD",
            "a-1.dist-info/sboms/a.cdx.json",
            "package/package.json",
            "package/vendor/t/codex-package.json",
            "Cargo.toml",
            "a-1.0/Cargo.toml",
        ] {
            assert!(is_metadata(path), "{path}");
        }
        for path in ["a/RECORD", "bin/codex", "a/lib.rs", "x.json", "asrc/lib.rs"] {
            assert!(!is_metadata(path), "{path}");
        }
    }
}
