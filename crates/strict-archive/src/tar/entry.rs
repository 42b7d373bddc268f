use super::extension::Extensions;
use super::fault::TarFault;
use super::header::Header;
use crate::error::Fault;
use crate::link::{LinkFault, LinkTarget};
use crate::name::EntryName;

/// One member of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: EntryName,
    /// What it is.
    pub kind: EntryKind,
    /// Permission bits.
    pub mode: u32,
    /// Bytes of content.
    pub size: u64,
    /// How the archive spells the name.
    pub spelling: Spelling,
}

/// How an archive spells a name. To unpack it, that is all one; to some who take the first
/// component off every name, it is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spelling {
    /// With `./` before it.
    pub dotted: bool,
    /// With `.` or empty components in it, as only
    /// [`Reader::with_loose_names`](super::Reader::with_loose_names) takes it.
    pub loose: bool,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link, and where it points.
    Symlink(LinkTarget),
    /// Another name of a file that came before.
    HardLink(EntryName),
}

impl Entry {
    /// Makes an entry of its headers; `None` for the top directory itself, as in `tar -C dir .`.
    pub(super) fn parse(
        header: Header<'_>,
        mut extensions: Extensions,
        raw_name: &[u8],
        loose_names: bool,
    ) -> Result<Option<Self>, Fault> {
        let link = extensions.link_name(header.link_name());
        let kind = EntryKind::parse(header.type_flag(), &link)?;
        let size = extensions.size(header.size()?)?;
        let mode = header.mode()?;
        let bare = match kind {
            EntryKind::File => None,
            EntryKind::Directory => Some("a directory"),
            EntryKind::Symlink(_) => Some("a symbolic link"),
            EntryKind::HardLink(_) => Some("a hard link"),
        };
        if let Some(what) = bare
            && size != 0
        {
            return Err(TarFault::Content(what).into());
        }
        let (name, slash) = match raw_name.strip_suffix(b"/") {
            Some(name) => (name, true),
            None => (raw_name, false),
        };
        if slash && kind != EntryKind::Directory {
            return Err(TarFault::Slash.into());
        }
        if name == b"." && kind == EntryKind::Directory {
            return Ok(None);
        }
        let plain = without_dot(name);
        let dotted = plain.len() < name.len();
        let tight = if loose_names && (dotted || !plain.starts_with(b"/")) {
            tightened(plain)
        } else {
            plain.to_owned()
        };
        if loose_names && tight.is_empty() && kind == EntryKind::Directory {
            return Ok(None);
        }
        Ok(Some(Self {
            name: EntryName::parse(&tight)?,
            kind,
            mode,
            size,
            spelling: Spelling {
                dotted,
                loose: tight.len() < plain.len(),
            },
        }))
    }
}

/// A name without components that are `.` or empty.
fn tightened(name: &[u8]) -> Vec<u8> {
    let components = name.split(|&byte| byte == b'/');
    let kept = components.filter(|component| !matches!(**component, [] | [b'.']));
    kept.collect::<Vec<_>>().join(&b'/')
}

impl EntryKind {
    fn parse(type_flag: u8, link: &[u8]) -> Result<Self, Fault> {
        let special = match type_flag {
            0 | b'0' => return Ok(Self::File),
            b'1' => {
                let target = EntryName::parse(without_dot(link)).map_err(LinkFault::Target)?;
                return Ok(Self::HardLink(target));
            }
            b'2' => return Ok(Self::Symlink(LinkTarget::parse(link)?)),
            b'5' => return Ok(Self::Directory),
            b'S' => return Err(TarFault::Sparse.into()),
            b'3' => "a character device",
            b'4' => "a block device",
            b'6' => "a FIFO",
            b'7' => "a contiguous file",
            b'D' => "a directory dump",
            b'M' => "the continuation of a file on another tape",
            b'V' => "a volume label",
            other => return Err(TarFault::Type(other).into()),
        };
        Err(TarFault::Special(special).into())
    }
}

/// Takes away the `./` that `tar -C dir .` puts before every name.
fn without_dot(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"./").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Reader;
    use super::super::testing::*;
    use super::*;
    use crate::{NameFault, TreeFault};

    #[test]
    fn entries_of_every_kind_are_read() {
        let content = vec![b'x'; 200_001];
        let archive = tar(&[
            entry("pkg/", b'5', "", b""),
            file("pkg/a", &content),
            file("pkg/empty", b""),
            entry("pkg/link", b'2', "../pkg/a", b""),
            entry("pkg/hard", b'1', "pkg/a", b""),
            entry("old", 0, "", b"content"),
        ]);
        let entries = read(&archive).unwrap();
        let a = EntryName::parse(b"pkg/a").unwrap();
        let kinds: Vec<_> = entries
            .iter()
            .map(|(entry, _)| entry.kind.clone())
            .collect();
        assert_eq!(
            kinds,
            [
                EntryKind::Directory,
                EntryKind::File,
                EntryKind::File,
                EntryKind::Symlink(LinkTarget::parse(b"../pkg/a").unwrap()),
                EntryKind::HardLink(a),
                EntryKind::File
            ]
        );
        assert_eq!(entries[1].1, content);
        assert_eq!((entries[1].0.size, entries[1].0.mode), (200_001, 0o755));
        assert_eq!(entries[5].1, b"content");
    }

    #[test]
    fn the_directory_that_was_packed_may_be_called_dot() {
        let archive = tar(&[
            entry("./", b'5', "", b""),
            file("./bin/codex", b""),
            entry("./b", b'1', "./bin/codex", b""),
        ]);
        assert_eq!(names(&archive), ["bin/codex", "b"]);
        let twice = tar(&[file("./a", b""), file("a", b"")]);
        assert!(matches!(
            container_fault(&twice).fault(),
            Fault::Tree(TreeFault::Duplicate)
        ));
        let dots = tar(&[file("././a", b"")]);
        assert!(matches!(
            container_fault(&dots).fault(),
            Fault::Name(NameFault::Dot)
        ));
    }

    #[test]
    fn names_may_be_loose_where_that_is_asked_for() {
        let spelled = |name: &str| {
            let archive = tar(&[file(name, b"")]);
            let reader = Reader::new(&archive[..], Path::new("test.tar"), LIMITS);
            let entry = reader.with_loose_names().next_entry();
            entry.map(|entry| {
                let Entry { name, spelling, .. } = entry.unwrap();
                (name.as_str().to_owned(), spelling.dotted, spelling.loose)
            })
        };
        for (name, expected) in [
            ("a/b", ("a/b", false, false)),
            ("./a/b", ("a/b", true, false)),
            ("a/./b", ("a/b", false, true)),
            ("a//b", ("a/b", false, true)),
            (".//./a", ("a", true, true)),
        ] {
            let (path, dotted, loose) = expected;
            assert_eq!(spelled(name).unwrap(), (path.to_owned(), dotted, loose));
        }
        for name in ["/a", "a/../b", "./../a", "a\\b", "./C:/a"] {
            assert!(spelled(name).is_err(), "{name}");
        }
        let twice = tar(&[file("a/b", b""), file("a/./b", b"")]);
        let reader = Reader::new(&twice[..], Path::new("test.tar"), LIMITS);
        let mut reader = reader.with_loose_names();
        reader.next_entry().unwrap();
        assert!(matches!(
            reader.next_entry().unwrap_err().fault(),
            Fault::Tree(TreeFault::Duplicate)
        ));
        let top = tar(&[entry("././", b'5', "", b"")]);
        let reader = Reader::new(&top[..], Path::new("test.tar"), LIMITS);
        assert_eq!(reader.with_loose_names().next_entry().unwrap(), None);
    }

    #[test]
    fn names_and_links_that_leave_the_tree_are_refused() {
        for (archive, expected) in [
            (file("../a", b""), "its name has a `..` component"),
            (file("/a", b""), "its name is an absolute path"),
            (file("C:\\a", b""), "its name begins with a drive letter"),
            (
                entry("PaxHeaders/x", b'x', "", &record("path", "a\0b")),
                "control character",
            ),
            (
                entry("L", b'L', "", b"../x\0"),
                "its name has a `..` component",
            ),
            (
                entry("a", b'1', "../b", b""),
                "its target has a `..` component",
            ),
            (
                entry("a", b'1', "/etc/passwd", b""),
                "its target is an absolute path",
            ),
            (
                entry("a", b'2', "/etc/passwd", b""),
                "its target is an absolute path",
            ),
            (entry("a", b'2', "", b""), "its target is empty"),
        ] {
            let text = container_fault(&tar(&[archive, file("next", b"")])).to_string();
            assert!(text.contains(expected), "{text}");
        }
    }

    #[test]
    fn only_files_directories_and_links_are_packages() {
        for (type_flag, expected) in [
            (b'3', TarFault::Special("a character device")),
            (b'4', TarFault::Special("a block device")),
            (b'6', TarFault::Special("a FIFO")),
            (b'7', TarFault::Special("a contiguous file")),
            (b'S', TarFault::Sparse),
            (b'X', TarFault::Type(b'X')),
            (0xff, TarFault::Type(0xff)),
        ] {
            assert_eq!(fault(&tar(&[entry("a", type_flag, "", b"")])), expected);
        }
        assert_eq!(
            fault(&tar(&[entry("a", b'5', "", b"x")])),
            TarFault::Content("a directory")
        );
        assert_eq!(
            fault(&tar(&[entry("a", b'2', "b", b"x")])),
            TarFault::Content("a symbolic link")
        );
        assert_eq!(fault(&tar(&[entry("a/", b'0', "", b"x")])), TarFault::Slash);
    }
}
