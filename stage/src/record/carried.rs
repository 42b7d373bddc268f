//! The runtime as an artifact carries it, read from the bytes of the artifact.
//!
//! A manifest says what `stage` put into an artifact. Only the bytes of the artifacts can show that
//! users of every ecosystem get the same files, so every file is compared by its digest.

use super::manifest::BundleRecord;
use crate::contents::FileRecord;

/// Describes how files differ from those of a runtime; `None` if they are the same.
pub fn difference(expected: &BundleRecord, mut found: Vec<FileRecord>) -> Option<String> {
    /// How many files are named; the rest is counted.
    const NAMED: usize = 3;

    found.sort_by(|a, b| a.path.cmp(&b.path));
    if BundleRecord::digest(&found) == expected.sha256 {
        return None;
    }
    let of = |files: &[FileRecord], path: &str| {
        let place = files.binary_search_by(|file| (*file.path).cmp(path));
        place.ok().and_then(|place| files.get(place)).cloned()
    };
    let mut differences = Vec::new();
    for file in &expected.files {
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
        if of(&expected.files, &file.path).is_none() {
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
        let expected = BundleRecord {
            sha256: BundleRecord::digest(&files),
            entrypoint: "a".to_owned(),
            commands: std::collections::BTreeMap::new(),
            path_dir: None,
            files: files.clone(),
        };
        let text = |found| difference(&expected, found).unwrap_or_default();
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
