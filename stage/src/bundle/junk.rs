//! Files that macOS and its archivers leave beside those that somebody packed. They say nothing of the
//! shape of a runtime, and nobody wants them in a package.

use std::io::Read as _;

use super::error::Error;
use super::tree::Tree;
use strict_archive::PortablePath;

/// The first bytes of an `AppleDouble` file: RFC 1740, appendix A.
const APPLE_DOUBLE: [u8; 4] = [0, 5, 0x16, 7];

/// Most names that a line lists.
const MOST_SHOWN: usize = 3;

/// Takes the junk out of a tree. Returns one line that says so; `None` if there was none.
pub(super) fn remove(tree: &mut Tree) -> Result<Option<String>, Error> {
    let mut junk: Vec<PortablePath> = Vec::new();
    for file in &tree.files {
        if is_junk(&file.path) || (is_hidden_twin(&file.path) && is_apple_double(tree, &file.path)?)
        {
            junk.push(file.path.clone());
        }
    }
    tree.files.retain(|file| !junk.contains(&file.path));
    tree.links.retain(|link| !is_junk(&link.path));
    junk.sort();
    let shown = junk.iter().take(MOST_SHOWN);
    let shown = shown.map(|path| format!("`{}`", path.display()));
    let shown = shown.collect::<Vec<_>>().join(", ");
    Ok(match junk.len() {
        0 => None,
        1 => Some(format!("{shown} is of macOS, and not of the runtime")),
        count if count <= MOST_SHOWN => {
            Some(format!("{shown} are of macOS, and not of the runtime"))
        }
        count => Some(format!(
            "{shown} and {} more are of macOS, and not of the runtime",
            count - MOST_SHOWN
        )),
    })
}

/// Returns whether the path alone says so.
fn is_junk(path: &PortablePath) -> bool {
    path.file_name() == ".DS_Store" || path.as_str().split('/').next() == Some("__MACOSX")
}

/// Returns whether the name is one that macOS gives to the attributes of another file.
fn is_hidden_twin(path: &PortablePath) -> bool {
    path.file_name().starts_with("._")
}

fn is_apple_double(tree: &Tree, path: &PortablePath) -> Result<bool, Error> {
    let mut head = Vec::new();
    let file = fs_err::File::open(path.in_dir(&tree.dir)).map_err(Error::Scratch)?;
    let read = file.take(4).read_to_end(&mut head);
    read.map_err(Error::Scratch)?;
    Ok(head == APPLE_DOUBLE)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{names, tree};
    use super::*;

    #[test]
    fn what_macos_leaves_is_taken_out_and_named() {
        let dir = tempfile::tempdir().unwrap();
        let files = [
            "tool",
            "._tool",
            "._mine",
            ".DS_Store",
            "lib/.DS_Store",
            "__MACOSX/._tool",
            "lib/__MACOSX.txt",
        ];
        let mut tree = tree(dir.path(), &files, &[]);
        fs_err::write(dir.path().join("._tool"), b"\0\x05\x16\x07\0\x02").unwrap();
        let line = remove(&mut tree).unwrap().unwrap();
        assert_eq!(
            line,
            "`.DS_Store`, `._tool`, `__MACOSX/._tool` and 1 more are of macOS, and not of the runtime"
        );
        // A file that only has such a name stays.
        assert_eq!(names(&tree), ["tool", "._mine", "lib/__MACOSX.txt"]);
        assert_eq!(remove(&mut tree).unwrap(), None);
    }
}
