//! What the crate `tar` reads from an archive that `strict-archive` read: the same, or a panic.
//!
//! Unit tests, tests/oracle and the fuzz target each include this file. It knows nothing of the code
//! under test.

use std::io::Read as _;

use tar::EntryType;

/// One member, as the code under test read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name, without a leading `./` and without the slash that ends a directory's.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: EntryType,
    /// Where a link leads, a hard link without a leading `./`; empty for all else.
    pub link: Vec<u8>,
    /// Permission bits.
    pub mode: u32,
    /// Its content.
    pub content: Vec<u8>,
}

/// Panics unless `tar` reads the same members from `bytes`. If they are not `complete`, because the
/// code under test refused what came after, they are the first ones that `tar` reads.
pub fn assert_same(bytes: &[u8], members: &[Member], complete: bool) {
    let mut archive = tar::Archive::new(bytes);
    let mut entries = archive.entries().expect("the archive is at its start");
    for member in members {
        let other = next(&mut entries, member.content.len());
        assert_eq!(other.as_ref(), Some(member));
    }
    if complete {
        assert_eq!(next(&mut entries, 0), None, "`tar` reads more members");
    }
}

/// The next member, with no more than a byte over `size` of its content.
fn next(entries: &mut tar::Entries<'_, &[u8]>, size: usize) -> Option<Member> {
    loop {
        let mut entry = entries.next()?.expect("`tar` reads it");
        let name = entry.path_bytes().into_owned();
        let kind = match entry.header().entry_type() {
            // `tar` hands these out as entries, and takes nothing from them.
            EntryType::XGlobalHeader => continue,
            kind => kind,
        };
        let directory = kind == EntryType::Directory;
        // The top directory itself is no member: it is there before anything is unpacked.
        if directory && matches!(&name[..], b"." | b"./") {
            continue;
        }
        // `tar` hands names out as they are spelled.
        let spelled = if directory {
            name.strip_suffix(b"/").unwrap_or(&name)
        } else {
            &name
        };
        let link = match kind {
            EntryType::Symlink => entry.link_name_bytes().unwrap_or_default().into_owned(),
            EntryType::Link => {
                let link = entry.link_name_bytes().unwrap_or_default();
                without_dot(&link).to_owned()
            }
            _ => Vec::new(),
        };
        let mode = entry.header().mode().expect("`tar` reads the mode");
        let name = without_dot(spelled).to_owned();
        let mut content = Vec::new();
        (&mut entry)
            .take(size as u64 + 1)
            .read_to_end(&mut content)
            .expect("`tar` reads the content");
        return Some(Member {
            name,
            kind,
            link,
            mode,
            content,
        });
    }
}

fn without_dot(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"./").unwrap_or(name)
}
