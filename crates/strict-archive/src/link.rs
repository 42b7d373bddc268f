use std::fmt::{self, Display, Formatter};

use super::escape::Escaped;
use super::name::{self, EntryName, NameFault};

/// Where a symbolic link points: a relative path, which may climb with `..` as far as the top of
/// its archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkTarget(String);

impl LinkTarget {
    /// Parses a target as an archive or a directory holds it.
    pub fn parse(raw: &[u8]) -> Result<Self, LinkFault> {
        Ok(Self(name::parse_text(raw)?.to_owned()))
    }

    /// Returns the target as the archive has it. What it leads to may lie outside of the tree:
    /// [`Self::resolve`] tells.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name that a link called `link` leads to, by its text alone.
    ///
    /// That is what the system would find as long as no directory on the way is itself a link,
    /// which is why a bundle may not hold links to directories.
    pub fn resolve(&self, link: &EntryName) -> Result<EntryName, LinkFault> {
        let mut path: Vec<&str> = link
            .parent()
            .map_or_else(Vec::new, |dir| dir.split('/').collect());
        for component in self.0.split('/') {
            match component {
                "" | "." => {}
                ".." => {
                    path.pop().ok_or(LinkFault::LeavesTree)?;
                }
                other => path.push(other),
            }
        }
        EntryName::parse(path.join("/").as_bytes()).map_err(|fault| match fault {
            NameFault::Empty => LinkFault::LeadsToRoot,
            other => LinkFault::Target(other),
        })
    }
}

impl Display for LinkTarget {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        Escaped(self.0.as_bytes()).fmt(out)
    }
}

/// Why a link leads nowhere that it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkFault {
    /// The target climbs above the top.
    #[error("it is a link that leaves the tree")]
    LeavesTree,
    /// The target is the top directory itself.
    #[error("it is a link to the directory that it lies in")]
    LeadsToRoot,
    /// The target is no path that means the same everywhere.
    #[error("it is a link that may lead out of the tree: {}", in_target(*.0))]
    Target(#[from] NameFault),
}

/// [`NameFault`] is worded for names: the same fault in a link's target.
fn in_target(fault: NameFault) -> String {
    fault.to_string().replace("its name", "its target")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(link: &str, target: &str) -> Result<String, LinkFault> {
        let link = EntryName::parse(link.as_bytes()).unwrap();
        Ok(LinkTarget::parse(target.as_bytes())?
            .resolve(&link)?
            .as_str()
            .to_owned())
    }

    #[test]
    fn a_target_is_read_from_the_directory_of_its_link() {
        assert_eq!(
            resolve("lib/libz.so", "libz.so.1").unwrap(),
            "lib/libz.so.1"
        );
        assert_eq!(
            resolve("lib/x/libz.so", "../libz.so.1").unwrap(),
            "lib/libz.so.1"
        );
        assert_eq!(resolve("a", "./b//c/").unwrap(), "b/c");
    }

    #[test]
    fn a_target_outside_the_tree_is_refused() {
        assert_eq!(resolve("a", "../b"), Err(LinkFault::LeavesTree));
        assert_eq!(resolve("d/a", "x/../../../d/b"), Err(LinkFault::LeavesTree));
        assert_eq!(resolve("d/a", ".."), Err(LinkFault::LeadsToRoot));
        assert_eq!(
            resolve("a", "/etc/passwd"),
            Err(LinkFault::Target(NameFault::Absolute))
        );
        assert_eq!(
            resolve("a", "C:x"),
            Err(LinkFault::Target(NameFault::DriveLetter))
        );
        assert_eq!(
            resolve("a", "..\\b"),
            Err(LinkFault::Target(NameFault::Backslash))
        );
        assert_eq!(resolve("a", ""), Err(LinkFault::Target(NameFault::Empty)));
    }

    #[test]
    fn a_target_is_shown_escaped_and_kept_as_it_is() {
        let target = LinkTarget::parse("../a\u{202e}b".as_bytes()).unwrap();
        assert_eq!(target.as_str(), "../a\u{202e}b");
        assert_eq!(target.to_string(), "../a\\u{202e}b");
    }
}
