//! What the crate `zip` reads from an archive that `strict-archive` accepted: the same, or a panic.
//!
//! Unit tests, tests/oracle and the fuzz target each include this file. It knows nothing of the code
//! under test.

use std::io::{Cursor, Read as _};

/// One member, as the code under test read it.
#[derive(Debug)]
pub struct Member {
    /// Its name, without the slash that ends a directory's.
    pub name: String,
    /// Whether it is a directory.
    pub directory: bool,
    /// Its content; `None` if that was refused, and then any other reading will do.
    pub content: Option<Vec<u8>>,
}

/// Panics unless `zip` reads the same members from `bytes`.
///
/// `members` come in the order of the file. The order of `zip` is that of the central directory, so
/// they are compared by name: `zip` keeps one member of a name, and one that is missing is found.
pub fn assert_same(bytes: &[u8], members: &[Member]) {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("`zip` opens it");
    assert_eq!(archive.len(), members.len(), "members");
    for member in members {
        let slash = if member.directory { "/" } else { "" };
        let name = format!("{}{slash}", member.name);
        let mut found = archive.by_name(&name).expect("`zip` finds the name");
        assert_eq!(found.name().expect("text"), name);
        assert_eq!(found.is_dir(), member.directory, "{name}");
        let Some(content) = &member.content else {
            continue;
        };
        assert_eq!(found.size(), content.len() as u64, "{name}");
        let mut same = Vec::new();
        // One byte more than there should be: the other reading may be a large one.
        (&mut found)
            .take(content.len() as u64 + 1)
            .read_to_end(&mut same)
            .unwrap_or_else(|error| panic!("`zip` cannot read {name}: {error}"));
        assert!(&same == content, "{name} has other content for `zip`");
    }
}
