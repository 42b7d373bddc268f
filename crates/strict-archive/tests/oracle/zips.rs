use std::io::{Cursor, Write as _};
use std::path::Path;

use strict_archive::zip::{Archive, EntryKind};
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, DateTime};

use super::{LIMITS, each_change, with_zip};

/// A name (of a directory, if it ends in a slash) and content.
type Member = (String, Vec<u8>);

/// How a zip is written.
#[derive(Clone, Copy, Debug)]
struct Shape {
    method: CompressionMethod,
    /// Sizes and checksums behind the data.
    streamed: bool,
    zip64: bool,
    comment: bool,
}

impl Shape {
    fn all() -> impl Iterator<Item = Self> {
        (0..16).map(|bits| Self {
            method: if bits & 1 == 0 {
                CompressionMethod::Stored
            } else {
                CompressionMethod::Deflated
            },
            streamed: bits & 2 != 0,
            zip64: bits & 4 != 0,
            comment: bits & 8 != 0,
        })
    }

    fn write(self, members: &[Member]) -> Vec<u8> {
        if self.streamed {
            let writer = ZipWriter::new_stream(Vec::new());
            self.fill(writer, members).into_inner()
        } else {
            let writer = ZipWriter::new(Cursor::new(Vec::new()));
            self.fill(writer, members).into_inner()
        }
    }

    fn fill<W: std::io::Write + std::io::Seek>(
        self,
        mut writer: ZipWriter<W>,
        members: &[Member],
    ) -> W {
        let options = SimpleFileOptions::default()
            .compression_method(self.method)
            .last_modified_time(DateTime::default())
            .large_file(self.zip64);
        for (name, content) in members {
            if let Some(name) = name.strip_suffix('/') {
                writer.add_directory(name, options).unwrap();
            } else {
                writer
                    .start_file(name, options.unix_permissions(0o755))
                    .unwrap();
                writer.write_all(content).unwrap();
            }
        }
        if self.comment {
            writer.set_comment("a comment").unwrap();
        }
        writer.finish().unwrap()
    }
}

/// Reads an archive, and checks that `zip` reads the same. `None` if it is refused as a whole.
fn read(bytes: &[u8]) -> Option<Vec<with_zip::Member>> {
    let archive = Archive::new(bytes, Path::new("test.zip"), LIMITS).ok()?;
    let members = archive.entries().iter().map(|entry| with_zip::Member {
        name: entry.name.as_str().to_owned(),
        directory: entry.kind == EntryKind::Directory,
        content: archive.content(entry).read_to_vec().ok(),
    });
    let members = members.collect::<Vec<_>>();
    with_zip::assert_same(bytes, &members);
    Some(members)
}

fn few() -> Vec<Member> {
    vec![
        ("d/".to_owned(), Vec::new()),
        ("d/a".to_owned(), b"content of a, content of a".to_vec()),
        ("é".to_owned(), b"b".to_vec()),
    ]
}

#[test]
fn zips_of_every_shape_are_read_as_they_were_written() {
    let mut random = fastrand::Rng::with_seed(1);
    for shape in Shape::all() {
        for round in 0..20_usize {
            let members = (0..round).map(|number| {
                if random.u8(..4) == 0 {
                    return (format!("directory {number}/"), Vec::new());
                }
                let deep = "d/".repeat(random.usize(..5));
                let letter = random.char('\u{a1}'..'\u{500}');
                let size = random.usize(..5) * random.usize(..5) * random.usize(..400);
                let top = random.u8(1..);
                let content = (0..size).map(|_| random.u8(..top)).collect();
                (format!("{deep}{number}{letter}"), content)
            });
            let members = members.collect::<Vec<_>>();
            let read = read(&shape.write(&members)).unwrap_or_else(|| panic!("{shape:?}"));
            let read = read.into_iter().map(|member| {
                let slash = if member.directory { "/" } else { "" };
                (format!("{}{slash}", member.name), member.content.unwrap())
            });
            assert_eq!(read.collect::<Vec<_>>(), members, "{shape:?}");
        }
    }
}

#[test]
fn a_changed_zip_is_read_the_same_or_not_at_all() {
    let mut accepted = 0;
    for shape in Shape::all() {
        each_change(&shape.write(&few()), |bytes, _| {
            accepted += usize::from(read(bytes).is_some());
        });
    }
    assert!(accepted > 1000, "{accepted} changes were harmless");
}

/// What README.md and the module say of the crate `zip`.
#[test]
fn what_is_refused_here_opens_there() {
    let shape = Shape {
        method: CompressionMethod::Stored,
        streamed: false,
        zip64: false,
        comment: false,
    };
    let plain = shape.write(&few());
    let other_name = {
        let mut bytes = plain.clone();
        // The name in the first local header; the central directory still says `d/`.
        bytes[30] = b'x';
        bytes
    };
    let trailing = [&plain[..], b"surprise"].concat();
    let twice = {
        let mut bytes = shape.write(&[("a".into(), b"one".into()), ("b".into(), b"two".into())]);
        let last = |bytes: &[u8]| bytes.iter().rposition(|&byte| byte == b'b').unwrap();
        let central = last(&bytes);
        bytes[central] = b'a';
        let local = last(&bytes);
        bytes[local] = b'a';
        bytes
    };
    for (bytes, entries) in [(other_name, 3), (trailing, 3), (twice, 1)] {
        assert!(read(&bytes).is_none());
        let archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        assert_eq!(archive.len(), entries);
    }
}
