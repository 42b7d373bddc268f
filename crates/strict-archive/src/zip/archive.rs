use std::path::{Path, PathBuf};

use super::central::{Entry, EntryKind, FIXED_LEN, Fixed};
use super::content::Content;
use super::end::End;
use super::fault::ZipFault;
use super::record::read;
use crate::error::{EntryContext as _, Error, Fault};
use crate::limits::Limits;
use crate::source::{DiskFile, ReadAt};
use crate::tree::NameTree;

/// A zip whose structure was found consistent. Its content is checked as it is read.
#[derive(Debug)]
pub struct Archive<S> {
    source: S,
    path: PathBuf,
    entries: Vec<Entry>,
    comment_len: u16,
    zip64: bool,
}

impl Archive<DiskFile> {
    /// Opens the file at `path`.
    pub fn open(path: &Path, limits: Limits) -> Result<Self, Error> {
        let source = DiskFile::open(path).map_err(|error| Error::new(path, error))?;
        Self::new(source, path, limits)
    }
}

impl<S: ReadAt> Archive<S> {
    /// Reads all headers in `source`; `path` is what errors call it.
    pub fn new(source: S, path: &Path, limits: Limits) -> Result<Self, Error> {
        let end = End::read(&source).map_err(|fault| Error::new(path, fault))?;
        let mut entries = read_entries(&source, path, limits, end)?;
        // Errors about places are easier to understand in the order of the places.
        entries.sort_by_key(|(entry, _)| entry.header_offset);
        let mut data_ends = Vec::with_capacity(entries.len());
        let mut expected = 0;
        for (entry, raw_name) in &mut entries {
            let fault = |fault: Fault| Error::in_entry(path, raw_name, fault);
            if data_ends.is_empty() && entry.header_offset != 0 {
                return Err(fault(ZipFault::Gap(entry.header_offset).into()));
            }
            if entry.header_offset < expected {
                return Err(fault(ZipFault::Overlap.into()));
            }
            expected = entry.read_local_header(&source, raw_name).map_err(fault)?;
            data_ends.push(expected);
        }
        let next = entries.iter().skip(1).map(|(entry, _)| entry.header_offset);
        let next = next.chain([end.directory_offset]);
        for (((entry, raw_name), data_end), next) in entries.iter().zip(data_ends).zip(next) {
            entry
                .check_descriptor(&source, data_end, next)
                .map_err(|fault| Error::in_entry(path, raw_name, fault))?;
        }
        if entries.is_empty() && end.directory_offset != 0 {
            return Err(Error::new(path, ZipFault::NoEntries(end.directory_offset)));
        }
        Ok(Self {
            source,
            path: path.to_owned(),
            entries: entries.into_iter().map(|(entry, _)| entry).collect(),
            comment_len: end.comment_len,
            zip64: end.zip64,
        })
    }

    /// The path that errors call the archive by.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of the archive.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.source.size()
    }

    /// The entries, in the order in which they lie in the file.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Bytes of comment after the end record.
    #[must_use]
    pub fn comment_len(&self) -> u16 {
        self.comment_len
    }

    /// Whether there is a zip64 end record.
    #[must_use]
    pub fn zip64(&self) -> bool {
        self.zip64
    }

    /// The content of one of [`Self::entries`]. Several threads may read one archive.
    #[must_use]
    pub fn content<'a>(&'a self, entry: &'a Entry) -> Content<'a, S> {
        Content::new(&self.source, &self.path, entry)
    }
}

/// Reads the central directory: entries with the name that each has in it.
fn read_entries(
    source: &impl ReadAt,
    path: &Path,
    limits: Limits,
    end: End,
) -> Result<Vec<(Entry, Vec<u8>)>, Error> {
    limits
        .check_entries(end.entries)
        .map_err(|fault| Error::new(path, fault))?;
    let directory_end = end.directory_offset + end.directory_size;
    let miscounted = || {
        Error::new(
            path,
            ZipFault::DirectoryCount {
                counted: end.entries,
            },
        )
    };
    let mut tree = NameTree::default();
    // The number may be anything; each entry has a header in the directory.
    let most = end.entries.min(end.directory_size / FIXED_LEN as u64);
    let mut entries = Vec::with_capacity(usize::try_from(most).unwrap_or_default());
    let mut unpacked = 0;
    let mut offset = end.directory_offset;
    for _ in 0..end.entries {
        let fault = |fault: Fault| Error::at_offset(path, offset, fault);
        let mut fixed = [0; FIXED_LEN];
        if directory_end - offset < FIXED_LEN as u64 {
            return Err(miscounted());
        }
        read(source, &mut fixed, offset).map_err(fault)?;
        let fixed = Fixed::parse(&fixed).map_err(|error| fault(error.into()))?;
        let name_len = usize::from(fixed.name_len);
        let mut rest = vec![0; name_len + usize::from(fixed.extra_len)];
        read(source, &mut rest, offset + FIXED_LEN as u64).map_err(fault)?;
        offset += (FIXED_LEN + rest.len()) as u64 + u64::from(fixed.comment_len);
        if offset > directory_end {
            return Err(miscounted());
        }

        let (raw_name, extra) = rest.split_at(name_len);
        let entry = fixed
            .into_entry(raw_name, extra)
            .map_err(|fault| Error::in_entry(path, raw_name, fault))?;
        tree.insert(&entry.name, entry.kind == EntryKind::Directory)
            .entry(path, &entry.name)?;
        limits.check_entries(tree.len()).entry(path, &entry.name)?;
        unpacked = limits
            .add_bytes(unpacked, entry.size)
            .entry(path, &entry.name)?;
        rest.truncate(name_len);
        entries.push((entry, rest));
    }
    if offset != directory_end {
        return Err(miscounted());
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{LIMITS, Member, end_record, fault, read, without_end, zip};
    use super::*;
    use crate::{LimitFault, NameFault, TreeFault};

    fn three() -> Vec<Member> {
        vec![
            Member::stored("d/", b""),
            Member::deflated("d/a", b"content of a, content of a"),
            Member::stored("b", b"content of b"),
        ]
    }

    fn names(members: &[Member]) -> Vec<String> {
        read(&zip(members))
            .unwrap()
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    }

    #[test]
    fn entries_are_listed_with_what_the_headers_say() {
        let bytes = zip(&three());
        let archive = Archive::new(&bytes[..], Path::new("a.zip"), LIMITS).unwrap();
        assert_eq!(
            (archive.size(), archive.comment_len(), archive.zip64()),
            (bytes.len() as u64, 0, false)
        );
        assert_eq!(archive.path(), Path::new("a.zip"));
        let [directory, a, b] = archive.entries() else {
            panic!()
        };
        assert_eq!(
            (directory.name.as_str(), directory.kind),
            ("d", EntryKind::Directory)
        );
        assert_eq!(
            (a.size, a.mode, a.method.number(), a.made_by),
            (26, Some(0o100_644), 8, 3)
        );
        assert_eq!(
            (b.size, b.compressed_size, b.data_descriptor, b.zip64),
            (12, 12, false, false)
        );
    }

    #[test]
    fn an_archive_without_entries_is_an_archive() {
        assert_eq!(names(&[]), [""; 0]);
    }

    #[test]
    fn a_mode_is_found_whatever_system_made_the_archive() {
        let members = [
            Member::stored("a", b"").with(|m| (m.made_by, m.attributes) = (20, 0o100_755 << 16)),
            Member::stored("b", b"").with(|m| (m.made_by, m.attributes) = (20, 0x20)),
        ];
        let bytes = zip(&members);
        let archive = Archive::new(&bytes[..], Path::new("a.zip"), LIMITS).unwrap();
        let modes: Vec<_> = archive.entries().iter().map(|entry| entry.mode).collect();
        assert_eq!(modes, [Some(0o100_755), None]);
    }

    #[test]
    fn the_order_of_the_directory_need_not_be_that_of_the_file() {
        let members = three();
        let (bytes, entries, offset) = without_end(&members);
        let length = |member: &Member| 46 + member.central.name.len();
        let cut = offset + length(&members[0]);
        let swapped = [&bytes[..offset], &bytes[cut..], &bytes[offset..cut]].concat();
        let end = end_record(entries, bytes.len() - offset, offset, b"");
        let read: Vec<_> = read(&[swapped, end].concat())
            .unwrap()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(read, ["d", "d/a", "b"]);
    }

    #[test]
    fn bytes_that_belong_to_nothing_are_refused() {
        let with = |index: usize, change: fn(&mut Member)| {
            let mut members = three();
            change(&mut members[index]);
            zip(&members)
        };
        assert_eq!(
            fault(&with(0, |m| m.gap = b"prefix".to_vec())),
            ZipFault::Gap(6)
        );
        assert_eq!(
            fault(&with(1, |m| m.gap = b"hidden".to_vec())),
            ZipFault::Gap(6)
        );
        assert_eq!(
            fault(&with(2, |m| m.descriptor = b"hidden".to_vec())),
            ZipFault::Gap(6)
        );
        assert_eq!(
            fault(&[b"prefix", &zip(&three())[..]].concat()),
            ZipFault::DirectoryPlace
        );
        assert_eq!(
            fault(&[&zip(&three())[..], b"suffix"].concat()),
            ZipFault::Trailing(6)
        );
    }

    #[test]
    fn entries_that_share_bytes_are_refused() {
        let one = Member::stored("a", b"content");
        let length = 30 + 1 + 7_u32;
        for shift in [1, 3, length] {
            let inside = Member::stored("b", b"x").with(|m| m.offset_shift = shift.wrapping_neg());
            assert_eq!(fault(&zip(&[one.clone(), inside])), ZipFault::Overlap);
        }
        // An entry that claims the directory as its content.
        let long = one.with(|m| m.both(|header| (header.size, header.compressed_size) = (20, 20)));
        assert_eq!(fault(&zip(&[long])), ZipFault::Overlap);
    }

    #[test]
    fn the_directory_holds_as_many_entries_as_the_end_record_counts() {
        let members = three();
        let (bytes, entries, offset) = without_end(&members);
        for counted in [0, entries - 1, entries + 1] {
            let end = end_record(counted, bytes.len() - offset, offset, b"");
            assert_eq!(
                fault(&[&bytes[..], &end].concat()),
                ZipFault::DirectoryCount {
                    counted: counted as u64
                }
            );
        }
    }

    #[test]
    fn limits_hold_before_anything_is_unpacked() {
        let limits = Limits {
            entries: 2,
            unpacked_bytes: 1 << 20,
        };
        let error = Archive::new(&zip(&three())[..], Path::new("a.zip"), limits).unwrap_err();
        assert!(matches!(
            error.fault(),
            Fault::Limit(LimitFault::Entries { limit: 2 })
        ));
        let limits = Limits {
            entries: 3,
            unpacked_bytes: 37,
        };
        let error = Archive::new(&zip(&three())[..], Path::new("a.zip"), limits).unwrap_err();
        assert!(matches!(
            error.fault(),
            Fault::Limit(LimitFault::UnpackedBytes { limit: 37 })
        ));
        assert_eq!(error.entry(), Some(&b"b"[..]));
    }

    #[test]
    fn names_are_checked_alone_and_beside_each_other() {
        let error = |names: &[&str]| {
            let members: Vec<_> = names.iter().map(|name| Member::stored(name, b"")).collect();
            read(&zip(&members)).unwrap_err()
        };
        let name = |bad| match error(&[bad]).fault() {
            Fault::Name(fault) => *fault,
            other => panic!("{other:?}"),
        };
        assert_eq!(name("../a"), NameFault::DotDot);
        assert_eq!(name("/a"), NameFault::Absolute);
        assert_eq!(name("C:/a"), NameFault::DriveLetter);
        assert_eq!(name("a\\b"), NameFault::Backslash);
        assert_eq!(name("./a"), NameFault::Dot);
        assert_eq!(name("a//b"), NameFault::EmptyComponent);
        assert_eq!(name("a//"), NameFault::EmptyComponent);
        assert_eq!(name("a\nb"), NameFault::ControlCharacter);
        assert_eq!(name("/"), NameFault::Empty);
        assert_eq!(name(""), NameFault::Empty);
        assert!(matches!(
            error(&["a", "a"]).fault(),
            Fault::Tree(TreeFault::Duplicate)
        ));
        assert!(matches!(
            error(&["a", "A"]).fault(),
            Fault::Tree(TreeFault::CaseCollision { .. })
        ));
        assert!(matches!(
            error(&["a", "a/b"]).fault(),
            Fault::Tree(TreeFault::FileAndDirectory { .. })
        ));
    }

    #[test]
    fn a_cut_or_damaged_archive_is_an_error_and_never_a_panic() {
        let bytes = zip(&three());
        for end in 0..bytes.len() {
            read(&bytes[..end]).unwrap_err();
        }
        for index in 0..bytes.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff, !bytes[index]] {
                let mut damaged = bytes.clone();
                damaged[index] = value;
                // Not every byte matters: times and versions do not.
                let _ = read(&damaged);
            }
        }
    }
}
