//! The runtime as an artifact carries it, against the one that its manifest names.
//!
//! A manifest says what `stage` put in. That users of each ecosystem get the same files is told by
//! what is really there, down to the digest of every file.

use super::manifest::{BundleRecord, FileRecord};
use crate::audit::contents::{Files, Measured};

/// Files that are named before the rest is counted.
const NAMED: usize = 3;

/// How files differ from those of a runtime: nothing, or a text.
pub fn difference(expected: &BundleRecord, found: &Files) -> Option<String> {
    if found.is_empty() {
        return Some("there is no whole runtime in it".to_owned());
    }
    let differs = |file: &FileRecord| {
        let FileRecord {
            path,
            mode,
            size,
            sha256,
        } = file;
        let what = match found.get(path) {
            None => "is missing".to_owned(),
            Some(there) if (there.size, there.sha256) != (*size, *sha256) => {
                "has other content".to_owned()
            }
            Some(there) if mode_of(there) != mode => {
                format!("has the mode {} and not {mode}", mode_of(there))
            }
            Some(_) => return None,
        };
        Some(format!("{path:?} {what}"))
    };
    let mut differences = expected
        .files
        .iter()
        .filter_map(differs)
        .collect::<Vec<_>>();
    let known = |path: &str| {
        let files = &expected.files;
        files
            .binary_search_by(|file| (*file.path).cmp(path))
            .is_ok()
    };
    let more = found.keys().filter(|path| !known(path));
    differences.extend(more.map(|path| format!("{path:?} is not in the runtime")));
    let rest = differences.len().saturating_sub(NAMED);
    differences.truncate(NAMED);
    if rest > 0 {
        differences.push(format!("and {rest} more"));
    }
    (!differences.is_empty()).then(|| differences.join(", "))
}

fn mode_of(file: &Measured) -> &'static str {
    if file.executable { "0755" } else { "0644" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;

    fn found(files: &[(&str, &str, &str)]) -> Files {
        let measured = |content: &str, mode: &str| Measured {
            executable: mode == "0755",
            size: content.len() as u64,
            sha256: Digest::of(content.as_bytes()),
        };
        let files = files.iter();
        files
            .map(|(path, mode, content)| ((*path).to_owned(), measured(content, mode)))
            .collect()
    }

    #[test]
    fn a_difference_names_a_few_files() {
        const RUNTIME: [(&str, &str, &str); 3] =
            [("a", "0755", "a"), ("b", "0644", "b"), ("c", "0644", "c")];
        let files = RUNTIME.map(|(path, mode, content)| FileRecord {
            path: path.to_owned(),
            mode: mode.to_owned(),
            size: content.len() as u64,
            sha256: Digest::of(content.as_bytes()),
        });
        let expected = BundleRecord {
            sha256: BundleRecord::digest(&files),
            entrypoint: "a".to_owned(),
            path_dir: None,
            files: files.to_vec(),
        };
        let text = |files: &[_]| difference(&expected, &found(files)).unwrap_or_default();
        assert_eq!(text(&RUNTIME), "");
        assert_eq!(
            text(&[("a", "0644", "a"), ("b", "0644", "x"), ("d", "0644", "d")]),
            "\"a\" has the mode 0644 and not 0755, \"b\" has other content, \"c\" is missing, and \
             1 more"
        );
        assert_eq!(
            text(&[&RUNTIME[..], &[("d", "0644", "d")]].concat()),
            "\"d\" is not in the runtime"
        );
        assert_eq!(text(&[]), "there is no whole runtime in it");
    }
}
