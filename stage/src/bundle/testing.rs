//! Small trees.

use std::path::Path;

use super::tree::{FileWriter, Link, Tree, TreeFile};
use strict_archive::PortablePath;

/// A directory with files and links in it, as an opener would have unpacked them. A file holds its
/// own name.
pub(super) fn tree(dir: &Path, files: &[&str], links: &[(&str, &str)]) -> Tree {
    let path = |text: &str| PortablePath::parse(text).unwrap();
    let file = |name: &&str| {
        let mut writer = FileWriter::create(&path(name).in_dir(dir)).unwrap();
        writer.write(name.as_bytes()).unwrap();
        TreeFile {
            path: path(name),
            executable: Some(false),
            content: writer.finish(),
            copy_of: None,
        }
    };
    Tree {
        dir: dir.to_owned(),
        files: files.iter().map(file).collect(),
        links: links
            .iter()
            .map(|(link, target)| Link {
                path: path(link),
                target: path(target),
                symbolic: true,
            })
            .collect(),
    }
}

/// The names of a tree's files.
pub(super) fn names(tree: &Tree) -> Vec<&str> {
    tree.files.iter().map(|file| file.path.as_str()).collect()
}
