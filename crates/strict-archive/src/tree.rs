use std::collections::HashMap;
use std::collections::hash_map::Entry;

use unicode_normalization::UnicodeNormalization as _;

use super::escape::Escaped;
use super::name::EntryName;

/// The names seen so far, with the directories that they imply.
///
/// Each new name must be one that a file system can hold beside them which looks neither at case
/// nor, as that of macOS, at Unicode normalisation: there the second of two names would silently
/// overwrite the first or be written through it.
#[derive(Debug, Default)]
pub struct NameTree {
    /// From a directory's number and a folded component to what lies there. The top is number 0.
    nodes: HashMap<(usize, String), Node>,
}

#[derive(Debug)]
struct Node {
    number: usize,
    spelling: String,
    kind: NodeKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NodeKind {
    /// No entry of its own: a directory because something lies below it.
    ImpliedDirectory,
    Directory,
    /// A file or a link; nothing may lie below it.
    Leaf,
}

impl NameTree {
    /// Names so far, counting the directories that names imply: they too are made.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.nodes.len() as u64
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Adds the entry `name`, a directory or something else.
    pub fn insert(&mut self, name: &EntryName, directory: bool) -> Result<(), TreeFault> {
        let mut parent = 0;
        let mut components = name.as_str().split('/').peekable();
        while let Some(component) = components.next() {
            let kind = match (components.peek().is_some(), directory) {
                (true, _) => NodeKind::ImpliedDirectory,
                (false, true) => NodeKind::Directory,
                (false, false) => NodeKind::Leaf,
            };
            parent = self.insert_component(parent, component, kind)?;
        }
        Ok(())
    }

    fn insert_component(
        &mut self,
        parent: usize,
        component: &str,
        kind: NodeKind,
    ) -> Result<usize, TreeFault> {
        let number = self.nodes.len() + 1;
        let node = match self.nodes.entry((parent, fold(component))) {
            Entry::Vacant(place) => {
                return Ok(place
                    .insert(Node {
                        number,
                        spelling: component.to_owned(),
                        kind,
                    })
                    .number);
            }
            Entry::Occupied(place) => place.into_mut(),
        };
        if node.spelling != component {
            let earlier = node.spelling.clone();
            return Err(if earlier.nfc().eq(component.nfc()) {
                TreeFault::NormalizationCollision { earlier }
            } else {
                TreeFault::CaseCollision { earlier }
            });
        }
        match (node.kind, kind) {
            (NodeKind::ImpliedDirectory, NodeKind::Directory) => node.kind = kind,
            (NodeKind::ImpliedDirectory | NodeKind::Directory, NodeKind::ImpliedDirectory) => {}
            (NodeKind::Leaf, NodeKind::Leaf) | (NodeKind::Directory, NodeKind::Directory) => {
                return Err(TreeFault::Duplicate);
            }
            _ => {
                return Err(TreeFault::FileAndDirectory {
                    which: component.to_owned(),
                });
            }
        }
        Ok(node.number)
    }
}

/// Folds case and normalisation further than any file system does: case by way of capitals, so that
/// `ß` and `SS` are one.
fn fold(text: &str) -> String {
    text.nfd()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfd()
        .collect()
}

/// Why a name cannot lie beside the ones before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeFault {
    /// The same name twice.
    #[error("there are two entries of this name")]
    Duplicate,
    /// A component that an earlier name spells with another case.
    #[error(
        "its name and that of another entry differ only in case: the other has `{}`",
        Escaped(earlier.as_bytes())
    )]
    CaseCollision {
        /// The component as the earlier name has it.
        earlier: String,
    },
    /// A component that an earlier name spells with other characters for the same text.
    #[error(
        "its name and that of another entry differ only in Unicode normalisation: the other has \
         `{}`, which looks the same",
        Escaped(earlier.as_bytes())
    )]
    NormalizationCollision {
        /// The component as the earlier name has it.
        earlier: String,
    },
    /// A file, or a link, below which another entry lies.
    #[error(
        "`{}` is a file in one entry and a directory in another",
        Escaped(which.as_bytes())
    )]
    FileAndDirectory {
        /// The component that is both.
        which: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insert_all(names: &[&str]) -> Result<(), TreeFault> {
        let mut tree = NameTree::default();
        for name in names {
            let directory = name.ends_with('/');
            let name = EntryName::parse(name.trim_end_matches('/').as_bytes()).unwrap();
            tree.insert(&name, directory)?;
        }
        Ok(())
    }

    #[test]
    fn directories_may_come_before_or_after_what_they_hold() {
        insert_all(&["a/", "a/b", "c/d", "c/", "c/e/f", "c/e/g", "x/b", "b"]).unwrap();
    }

    #[test]
    fn names_that_cannot_lie_side_by_side_are_refused() {
        let both = |which: &str| {
            Err(TreeFault::FileAndDirectory {
                which: which.to_owned(),
            })
        };
        let case = |earlier: &str| {
            Err(TreeFault::CaseCollision {
                earlier: earlier.to_owned(),
            })
        };
        assert_eq!(insert_all(&["a", "a"]), Err(TreeFault::Duplicate));
        assert_eq!(insert_all(&["d/a", "d/a"]), Err(TreeFault::Duplicate));
        assert_eq!(insert_all(&["a/", "a/"]), Err(TreeFault::Duplicate));
        assert_eq!(insert_all(&["a", "a/b"]), both("a"));
        assert_eq!(insert_all(&["a/b", "a"]), both("a"));
        assert_eq!(insert_all(&["a/", "a"]), both("a"));
        assert_eq!(insert_all(&["a/B", "a/b"]), case("B"));
        assert_eq!(insert_all(&["A/x", "a/y"]), case("A"));
        assert_eq!(insert_all(&["straße", "STRASSE"]), case("straße"));
        assert_eq!(insert_all(&["Σ", "ς"]), case("Σ"));
        assert_eq!(insert_all(&["\u{c9}", "e\u{301}"]), case("\u{c9}"));
        let normal = |earlier: &str| {
            Err(TreeFault::NormalizationCollision {
                earlier: earlier.to_owned(),
            })
        };
        assert_eq!(insert_all(&["\u{e9}", "e\u{301}"]), normal("\u{e9}"));
        assert_eq!(insert_all(&["e\u{301}/a", "\u{e9}/b"]), normal("e\u{301}"));
        assert_eq!(insert_all(&["K", "\u{212a}"]), normal("K"));
        insert_all(&["e", "\u{e9}", "\u{e8}"]).unwrap();
    }

    #[test]
    fn the_directories_that_a_name_implies_count() {
        let mut tree = NameTree::default();
        assert!(tree.is_empty());
        for (name, len) in [("a/b/c", 3), ("a/b/d", 4), ("e", 5)] {
            let name = EntryName::parse(name.as_bytes()).unwrap();
            tree.insert(&name, false).unwrap();
            assert_eq!(tree.len(), len);
            assert!(!tree.is_empty());
        }
    }
}
