use std::fmt::Display;
use std::path::{Path, PathBuf};

use super::escape::Escaped;
use super::name::{EntryName, NameFault};

/// The path of a file that every system can hold, relative to a root, with `/` between the
/// components.
///
/// It is an [`EntryName`] that Windows can hold too. A tree for one system is unpacked and checked on
/// others, so a name that only Linux can hold is refused everywhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortablePath(EntryName);

impl PortablePath {
    /// Parses a path as text.
    pub fn parse(text: &str) -> Result<Self, PortableFault> {
        Self::new(EntryName::parse(text.as_bytes())?)
    }

    /// Checks that every system can hold a name.
    pub fn new(name: EntryName) -> Result<Self, PortableFault> {
        for component in name.as_str().split('/') {
            if let Some(c) = component.chars().find(|c| RESERVED_CHARACTERS.contains(c)) {
                return Err(PortableFault::ReservedCharacter(c));
            }
            if component.ends_with(['.', ' ']) {
                return Err(PortableFault::TrailingDotOrSpace);
            }
            // Windows looks at what comes before the first dot: `aux.tar.gz` is the device too.
            let stem = component.split('.').next().unwrap_or(component).trim_end();
            if RESERVED_NAMES
                .iter()
                .any(|name| name.eq_ignore_ascii_case(stem))
            {
                return Err(PortableFault::ReservedName);
            }
        }
        Ok(Self(name))
    }

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The path for a person: escaped, and cut where it is long. There is no `Display`, with which
    /// that would end up in an artifact.
    #[must_use]
    pub fn display(&self) -> impl Display {
        Escaped(self.as_str().as_bytes())
    }

    /// The last component.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.file_name()
    }

    /// The directory it lies in; `None` at the root.
    #[must_use]
    pub fn parent(&self) -> Option<&str> {
        self.0.parent()
    }

    /// The path from `directory` on, if it lies below that. The empty directory is the root.
    #[must_use]
    pub fn below(&self, directory: &str) -> Option<Self> {
        let rest = self.0.below(directory)?;
        // What is left has only components that were checked.
        Self::parse(rest).ok()
    }

    /// Where the file is on disk when the bundle's root is `root`.
    #[must_use]
    pub fn in_dir(&self, root: &Path) -> PathBuf {
        let mut path = root.to_owned();
        path.extend(self.as_str().split('/'));
        path
    }
}

/// What Windows does not allow in a name, beside the separators and control characters.
const RESERVED_CHARACTERS: [char; 7] = ['<', '>', ':', '"', '|', '?', '*'];

/// Names that are devices on Windows, in every directory and with every extension.
const RESERVED_NAMES: [&str; 30] = [
    "con", "prn", "aux", "nul", "conin$", "conout$", "com1", "com2", "com3", "com4", "com5",
    "com6", "com7", "com8", "com9", "com¹", "com²", "com³", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5",
    "lpt6", "lpt7", "lpt8", "lpt9", "lpt¹", "lpt²", "lpt³",
];

/// Why a name is no [`PortablePath`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortableFault {
    /// It is no [`EntryName`] to begin with.
    #[error(transparent)]
    Name(#[from] NameFault),
    /// A character that Windows does not allow.
    #[error("its name has a {0:?} in it, which Windows cannot hold")]
    ReservedCharacter(char),
    /// A component that ends in a dot or a space, which Windows takes away.
    #[error("a part of its name ends in a dot or a space, which Windows takes away")]
    TrailingDotOrSpace,
    /// `aux`, `nul.txt` and their like.
    #[error("a part of its name is a device on Windows")]
    ReservedName,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_every_system_can_hold_are_accepted() {
        for path in [
            "bin/codex",
            "lib/libstdc++.so.6",
            "a b/c-d_e.f",
            "console",
            "com10/lpt",
            "größe",
            ".hidden",
        ] {
            assert_eq!(PortablePath::parse(path).unwrap().as_str(), path);
        }
    }

    #[test]
    fn names_that_windows_reads_as_something_else_are_refused() {
        for (path, fault) in [
            ("bin/a:stream", PortableFault::ReservedCharacter(':')),
            ("what?", PortableFault::ReservedCharacter('?')),
            ("a.", PortableFault::TrailingDotOrSpace),
            ("a /b", PortableFault::TrailingDotOrSpace),
            ("dir/AUX", PortableFault::ReservedName),
            ("nul.tar.gz", PortableFault::ReservedName),
            ("com1 .txt", PortableFault::ReservedName),
            ("LPT³", PortableFault::ReservedName),
            ("../x", PortableFault::Name(NameFault::DotDot)),
        ] {
            assert_eq!(PortablePath::parse(path), Err(fault), "{path}");
        }
    }

    #[test]
    fn a_path_is_found_below_its_directory() {
        let path = PortablePath::parse("pkg/bin/codex").unwrap();
        assert_eq!(path.below("pkg").unwrap().as_str(), "bin/codex");
        assert_eq!(path.below("").unwrap(), path);
        assert_eq!(path.below("pkg/bin/codex"), None);
        assert_eq!(
            (path.parent(), path.file_name()),
            (Some("pkg/bin"), "codex")
        );
        assert_eq!(path.below("pkg/bin").unwrap().parent(), None);
        assert_eq!(
            path.in_dir(Path::new("root")),
            Path::new("root").join("pkg").join("bin").join("codex")
        );
    }
}
