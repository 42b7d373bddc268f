use std::path::Path;

use strict_archive::tar::{EntryKind, Reader};
use tar::{Builder, EntryType, Header};

use super::{LIMITS, each_change, with_tar};

/// How the headers of a tar are written.
#[derive(Clone, Copy, Debug)]
enum Format {
    Posix,
    Gnu,
    /// Names, and records that change nothing, in extended headers.
    Pax,
}

const FORMATS: [Format; 3] = [Format::Posix, Format::Gnu, Format::Pax];

fn member(name: &str, kind: EntryType, link: &str, content: &[u8]) -> with_tar::Member {
    with_tar::Member {
        name: name.into(),
        kind,
        link: link.into(),
        mode: 0o755,
        content: content.to_vec(),
    }
}

fn write(format: Format, members: &[with_tar::Member]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for member in members {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let mut name = text(&member.name);
        if member.kind == EntryType::Directory {
            name.push('/');
        }
        let mut header = match format {
            Format::Posix | Format::Pax => Header::new_ustar(),
            Format::Gnu => Header::new_gnu(),
        };
        header.set_entry_type(member.kind);
        header.set_mode(member.mode);
        header.set_size(member.content.len() as u64);
        if matches!(format, Format::Pax) {
            let records = [("path", name.as_bytes()), ("comment", b"one\ntwo")];
            builder.append_pax_extensions(records).unwrap();
            "short".clone_into(&mut name);
        }
        if member.link.is_empty() {
            builder
                .append_data(&mut header, name, &member.content[..])
                .unwrap();
        } else {
            builder
                .append_link(&mut header, name, text(&member.link))
                .unwrap();
        }
    }
    builder.into_inner().unwrap()
}

/// Reads an archive, and checks that `tar` reads the same: all of it, or what came before the fault.
/// `None` if there is one.
fn read(bytes: &[u8]) -> Option<Vec<with_tar::Member>> {
    let mut members = Vec::new();
    let complete = read_into(bytes, &mut members).is_ok();
    with_tar::assert_same(bytes, &members, complete);
    complete.then_some(members)
}

fn read_into(
    bytes: &[u8],
    members: &mut Vec<with_tar::Member>,
) -> Result<(), strict_archive::Error> {
    let mut reader = Reader::new(bytes, Path::new("test.tar"), LIMITS);
    while let Some(entry) = reader.next_entry()? {
        let mut content = Vec::new();
        loop {
            match reader.chunk()? {
                [] => break,
                chunk => content.extend_from_slice(chunk),
            }
        }
        let (kind, link) = match &entry.kind {
            EntryKind::File => (EntryType::Regular, ""),
            EntryKind::Directory => (EntryType::Directory, ""),
            EntryKind::Symlink(target) => (EntryType::Symlink, target.as_str()),
            EntryKind::HardLink(target) => (EntryType::Link, target.as_str()),
        };
        members.push(with_tar::Member {
            mode: entry.mode,
            ..member(entry.name.as_str(), kind, link, &content)
        });
    }
    Ok(())
}

fn few() -> Vec<with_tar::Member> {
    vec![
        member("d", EntryType::Directory, "", b""),
        member("d/a", EntryType::Regular, "", b"content of a"),
        member("d/link", EntryType::Symlink, "a", b""),
        member("d/same", EntryType::Link, "d/a", b""),
    ]
}

#[test]
fn tars_of_every_format_are_read_as_they_were_written() {
    let mut random = fastrand::Rng::with_seed(1);
    for format in FORMATS {
        for round in 0..40_usize {
            let members = (0..round).map(|number| {
                let deep = "d/".repeat(random.usize(..5));
                let letter = random.char('\u{a1}'..'\u{500}');
                let name = format!("{deep}{number}{letter}");
                match random.u8(..6) {
                    0 => member(&name, EntryType::Directory, "", b""),
                    1 => member(&name, EntryType::Symlink, "../d/target", b""),
                    2 => member(&name, EntryType::Link, "d/target", b""),
                    3 if matches!(format, Format::Gnu) => {
                        // Too long for the header.
                        let name = format!("{}{number}", "long/".repeat(25));
                        member(&name, EntryType::Symlink, &"d/".repeat(60), b"")
                    }
                    _ => {
                        let size = random.usize(..5) * random.usize(..5) * random.usize(..400);
                        let content = (0..size).map(|_| random.u8(..)).collect::<Vec<_>>();
                        member(&name, EntryType::Regular, "", &content)
                    }
                }
            });
            let members = members.collect::<Vec<_>>();
            let read = read(&write(format, &members)).unwrap_or_else(|| panic!("{format:?}"));
            assert_eq!(read, members, "{format:?}");
        }
    }
}

#[test]
fn a_changed_tar_is_read_the_same_or_not_at_all() {
    let mut accepted = 0;
    for format in FORMATS {
        each_change(&write(format, &few()), |bytes, index| {
            accepted += usize::from(read(bytes).is_some());
            // A checksum that fits again, so that more than the checksum is tested.
            let block = &mut bytes[index / 512 * 512..][..512];
            if block[257..].starts_with(b"ustar") {
                block[148..156].fill(b' ');
                let sum: u32 = block.iter().copied().map(u32::from).sum();
                block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
                accepted += usize::from(read(bytes).is_some());
            }
        });
    }
    assert!(accepted > 1000, "{accepted} changes were harmless");
}

/// What README.md and the module say of the crate `tar`.
#[test]
fn what_is_refused_here_is_read_there() {
    let a = |content: &[u8]| member("a", EntryType::Regular, "", content);
    let one = write(Format::Posix, &[a(b"one")]);
    let twice = write(Format::Posix, &[a(b"one"), a(b"two")]);
    let after_the_end = [&one[..], &one].concat();
    for (bytes, entries) in [(twice, 2), (after_the_end, 1)] {
        let mut ours = Vec::new();
        read_into(&bytes, &mut ours).unwrap_err();
        let mut archive = tar::Archive::new(&bytes[..]);
        assert_eq!(archive.entries().unwrap().flatten().count(), entries);
    }
}
