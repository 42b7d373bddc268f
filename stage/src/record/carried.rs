//! The runtime as an artifact carries it, read from the bytes of the artifact.
//!
//! A manifest says what `stage` put into an artifact. Only the bytes of the artifacts can show that
//! users of every ecosystem get the same files, so every file is compared by its digest.

use std::borrow::Cow;

use super::artifact::ArtifactKind;
use super::manifest::BundleRecord;
use crate::contents::FileRecord;
use crate::product::{Product, WheelCommands};

/// Returns the files that an artifact of a kind has to carry of a runtime. Every artifact carries all of
/// them, but for the wheels of commands: see [`installed`](super::installed).
pub fn expected<'a>(
    product: &Product,
    kind: ArtifactKind,
    bundle: &'a BundleRecord,
) -> Cow<'a, [FileRecord]> {
    let installs =
        kind == ArtifactKind::Wheel && bundle.wheel_commands(product) == WheelCommands::Scripts;
    if !installs {
        return Cow::Borrowed(&bundle.files);
    }
    match bundle.installed(product) {
        Ok(installed) => Cow::Owned(installed.into_iter().map(|(file, _)| file).collect()),
        // Of such a runtime no such wheel is made.
        Err(_) => Cow::Borrowed(&bundle.files),
    }
}

/// Describes how files differ from those that have to be there, which are sorted by path; `None` if
/// they are the same.
pub fn difference(expected: &[FileRecord], mut found: Vec<FileRecord>) -> Option<String> {
    /// How many files are named; the rest is counted.
    const NAMED: usize = 3;

    found.sort_by(|a, b| a.path.cmp(&b.path));
    if found == expected {
        return None;
    }
    let of = |files: &[FileRecord], path: &str| {
        let place = files.binary_search_by(|file| (*file.path).cmp(path));
        place.ok().and_then(|place| files.get(place)).cloned()
    };
    let mut differences = Vec::new();
    for file in expected {
        match of(&found, &file.path) {
            None => differences.push(format!("{:?} is missing", file.path)),
            Some(there) if there == *file => {}
            Some(there) if there.mode != file.mode => differences.push(format!(
                "{:?} has the mode {} and not {}",
                file.path, there.mode, file.mode
            )),
            Some(_) => differences.push(format!("{:?} has different content", file.path)),
        }
    }
    for file in found {
        if of(expected, &file.path).is_none() {
            differences.push(format!("{:?} is not in it", file.path));
        }
    }
    let more = differences.len().saturating_sub(NAMED);
    differences.truncate(NAMED);
    let text = differences.join(", ");
    Some(match more {
        0 => text,
        more => format!("{text}, and {more} more"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::digest::Digest;

    fn file(path: &str, mode: &str, content: &str) -> FileRecord {
        FileRecord {
            path: path.to_owned(),
            mode: mode.parse().unwrap(),
            size: content.len() as u64,
            sha256: Digest::of(content.as_bytes()),
        }
    }

    #[test]
    fn a_difference_names_a_few_files() {
        let files = vec![
            file("a", "0755", "a"),
            file("b", "0644", "b"),
            file("c", "0644", "c"),
        ];
        let text = |found| difference(&files, found).unwrap_or_default();
        assert_eq!(text(files.clone()), "");
        assert_eq!(text(files.iter().rev().cloned().collect()), "");
        assert_eq!(
            text(vec![
                file("a", "0644", "a"),
                file("b", "0644", "x"),
                file("d", "0644", "d")
            ]),
            "\"a\" has the mode 0644 and not 0755, \"b\" has different content, \"c\" is missing, and \
             1 more"
        );
        assert_eq!(
            text([&files[..], &[file("d", "0644", "d")]].concat()),
            "\"d\" is not in it"
        );
    }
}
