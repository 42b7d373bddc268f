//! The end of central directory record and its zip64 companion (sections 4.3.14 to 4.3.16).

use super::fault::ZipFault;
use super::fields::Fields;
use crate::error::Fault;
use crate::source::ReadAt;

/// What the end of the file says about the rest of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) entries: u64,
    pub(super) directory_offset: u64,
    pub(super) directory_size: u64,
    pub(super) comment_len: u16,
    pub(super) zip64: bool,
}

const END_LEN: usize = 22;
const LOCATOR_LEN: usize = 20;
const ZIP64_END_LEN: usize = 56;

const END_SIGNATURE: &[u8; 4] = b"PK\x05\x06";
const LOCATOR_SIGNATURE: &[u8; 4] = b"PK\x06\x07";
const ZIP64_END_SIGNATURE: &[u8; 4] = b"PK\x06\x06";

impl End {
    /// Finds and reads the end of an archive.
    pub(super) fn read(source: &impl ReadAt) -> Result<Self, Fault> {
        // The record, the longest comment, and the zip64 locator before them.
        let most = (LOCATOR_LEN + END_LEN + usize::from(u16::MAX)) as u64;
        let tail_start = source.size().saturating_sub(most);
        let tail_len = usize::try_from(source.size() - tail_start).unwrap_or_default();
        let mut tail = vec![0; tail_len];
        source.read_exact_at(&mut tail, tail_start)?;

        let found = find(&tail)?;
        let (before, record) = tail.split_at(found);
        let mut fields = Fields(&record[END_SIGNATURE.len()..]);
        let disk = fields.u16()?;
        let directory_disk = fields.u16()?;
        let entries_here = fields.u16()?;
        let entries = fields.u16()?;
        let directory_size = fields.u32()?;
        let directory_offset = fields.u32()?;
        let comment_len = fields.u16()?;

        let record_start = tail_start + found as u64;
        let locator = before
            .last_chunk::<LOCATOR_LEN>()
            .filter(|bytes| bytes.starts_with(LOCATOR_SIGNATURE));
        let (end, directory_end) = match locator {
            None => {
                if disk != 0 || directory_disk != 0 || entries_here != entries {
                    return Err(ZipFault::MultiDisk.into());
                }
                let end = Self {
                    entries: entries.into(),
                    directory_offset: directory_offset.into(),
                    directory_size: directory_size.into(),
                    comment_len,
                    zip64: false,
                };
                (end, record_start)
            }
            Some(locator) => {
                let locator_start = record_start - LOCATOR_LEN as u64;
                let (wide, start) = Zip64End::read(source, locator, locator_start)?;
                let agree = |narrow: u32, none: u32, wide: u64, what| {
                    if narrow == none || u64::from(narrow) == wide {
                        return Ok(());
                    }
                    Err(ZipFault::EndsDisagree(what))
                };
                let none = u32::from(u16::MAX);
                agree(disk.into(), none, 0, "the number of this disk")?;
                agree(directory_disk.into(), none, 0, "the disk of the directory")?;
                agree(
                    entries_here.into(),
                    none,
                    wide.entries,
                    "the number of entries",
                )?;
                agree(entries.into(), none, wide.entries, "the number of entries")?;
                agree(
                    directory_size,
                    u32::MAX,
                    wide.directory_size,
                    "the directory's size",
                )?;
                agree(
                    directory_offset,
                    u32::MAX,
                    wide.directory_offset,
                    "the directory's place",
                )?;
                let end = Self {
                    entries: wide.entries,
                    directory_offset: wide.directory_offset,
                    directory_size: wide.directory_size,
                    comment_len,
                    zip64: true,
                };
                (end, start)
            }
        };
        if end.directory_offset.checked_add(end.directory_size) != Some(directory_end) {
            return Err(ZipFault::DirectoryPlace.into());
        }
        Ok(end)
    }
}

/// The place in `tail` of the one record whose comment ends with the file. Nothing after it may
/// look like another: Python takes the last, whether or not its comment ends with the file.
fn find(tail: &[u8]) -> Result<usize, ZipFault> {
    let ends_the_file = |&start: &usize| {
        let rest = &tail[start..];
        rest.starts_with(END_SIGNATURE)
            && rest.get(END_LEN - 2..END_LEN).is_some_and(|comment_len| {
                END_LEN + usize::from(comment_len[0]) + 256 * usize::from(comment_len[1])
                    == rest.len()
            })
    };
    let mut found = (0..tail.len()).filter(ends_the_file);
    let Some(start) = found.next() else {
        return Err(trailing(tail).map_or(ZipFault::NoEnd, ZipFault::Trailing));
    };
    let rest = &tail[start + END_SIGNATURE.len()..];
    let has_comment = tail.len() - start > END_LEN;
    if has_comment
        && rest
            .windows(END_SIGNATURE.len())
            .any(|window| window == END_SIGNATURE)
    {
        return Err(ZipFault::TwoEnds);
    }
    Ok(start)
}

/// How many bytes follow the last record that has its comment before the end of the file.
fn trailing(tail: &[u8]) -> Option<u64> {
    (0..tail.len()).rev().find_map(|start| {
        let rest = tail.get(start..)?;
        let fixed = rest
            .get(..END_LEN)
            .filter(|_| rest.starts_with(END_SIGNATURE))?;
        let comment_len = u16::from_le_bytes(*fixed.last_chunk()?);
        Some(rest.len().checked_sub(END_LEN + usize::from(comment_len))? as u64)
    })
}

struct Zip64End {
    entries: u64,
    directory_size: u64,
    directory_offset: u64,
}

impl Zip64End {
    /// Reads the record that `locator` points to, and says where it begins.
    fn read(
        source: &impl ReadAt,
        locator: &[u8; LOCATOR_LEN],
        locator_start: u64,
    ) -> Result<(Self, u64), Fault> {
        let mut fields = Fields(&locator[LOCATOR_SIGNATURE.len()..]);
        let disk = fields.u32()?;
        let start = fields.u64()?;
        let disks = fields.u32()?;
        if disk != 0 || disks > 1 {
            return Err(ZipFault::MultiDisk.into());
        }
        if start
            .checked_add(ZIP64_END_LEN as u64)
            .is_none_or(|end| end > locator_start)
        {
            return Err(ZipFault::Zip64End.into());
        }
        let mut record = [0; ZIP64_END_LEN];
        source.read_exact_at(&mut record, start)?;
        let mut fields = Fields(&record);
        if fields.bytes(ZIP64_END_SIGNATURE.len())? != ZIP64_END_SIGNATURE {
            return Err(ZipFault::Zip64End.into());
        }
        // The record's own length leaves out the signature and itself.
        let length = fields.u64()?.checked_add(12).ok_or(ZipFault::Zip64End)?;
        if start.checked_add(length) != Some(locator_start) {
            return Err(ZipFault::Zip64End.into());
        }
        if length > ZIP64_END_LEN as u64 {
            return Err(ZipFault::Zip64Extensible.into());
        }
        let _versions = fields.u32()?;
        let disk = fields.u32()?;
        let directory_disk = fields.u32()?;
        let entries_here = fields.u64()?;
        let entries = fields.u64()?;
        let directory_size = fields.u64()?;
        let directory_offset = fields.u64()?;
        if disk != 0 || directory_disk != 0 || entries_here != entries {
            return Err(ZipFault::MultiDisk.into());
        }
        Ok((
            Self {
                entries,
                directory_size,
                directory_offset,
            },
            start,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Member, end_record, fault, read, without_end};
    use super::*;

    /// The two zip64 records for a directory, with a place to lie in each.
    fn zip64(entries: usize, size: usize, offset: usize, change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
        let long = |value: usize| (value as u64).to_le_bytes();
        let mut record = [
            &ZIP64_END_SIGNATURE[..],
            &long(44),
            &[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            &long(entries),
            &long(entries),
            &long(size),
            &long(offset),
        ]
        .concat();
        change(&mut record);
        let start = long(offset + size);
        [
            &record[..],
            LOCATOR_SIGNATURE,
            &[0; 4],
            &start,
            &[1, 0, 0, 0],
        ]
        .concat()
    }

    fn archive(end: impl Fn(usize, usize, usize) -> Vec<u8>) -> Vec<u8> {
        let (bytes, entries, offset) = without_end(&[Member::stored("a", b"content")]);
        let end = end(entries, bytes.len() - offset, offset);
        [bytes, end].concat()
    }

    #[test]
    fn a_comment_belongs_to_the_archive_and_what_follows_it_does_not() {
        for comment in [&b""[..], b"a comment", &vec![b'x'; 65_535]] {
            let bytes = archive(|entries, size, offset| end_record(entries, size, offset, comment));
            assert_eq!(
                usize::from(End::read(&&bytes[..]).unwrap().comment_len),
                comment.len()
            );
            assert_eq!(fault(&[&bytes[..], b"x"].concat()), ZipFault::Trailing(1));
        }
    }

    #[test]
    fn a_comment_that_holds_an_end_record_is_refused() {
        for after in [&b""[..], b"x"] {
            let inner = [&end_record(0, 0, 0, b"")[..], after].concat();
            let bytes = archive(|entries, size, offset| end_record(entries, size, offset, &inner));
            assert_eq!(fault(&bytes), ZipFault::TwoEnds);
        }
    }

    #[test]
    fn what_is_no_archive_has_no_end() {
        for bytes in [
            &b""[..],
            b"PK\x05\x06",
            b"PK\x03\x04 and then something",
            &vec![0; 100_000],
        ] {
            assert_eq!(fault(bytes), ZipFault::NoEnd);
        }
    }

    #[test]
    fn parts_of_a_split_archive_are_refused() {
        for index in [4, 6, 8] {
            let bytes = archive(|entries, size, offset| {
                let mut end = end_record(entries, size, offset, b"");
                end[index] = 2;
                end
            });
            assert_eq!(fault(&bytes), ZipFault::MultiDisk);
        }
    }

    #[test]
    fn the_directory_must_reach_to_the_end_record() {
        for (longer, later) in [(1, 0), (0, 1), (usize::MAX, 0), (0, usize::MAX)] {
            let bytes = archive(|entries, size, offset| {
                end_record(
                    entries,
                    size.wrapping_add(longer),
                    offset.wrapping_add(later),
                    b"",
                )
            });
            assert_eq!(fault(&bytes), ZipFault::DirectoryPlace);
        }
    }

    #[test]
    fn zip64_values_are_taken_where_the_end_record_leaves_them_to_it() {
        let left = u32::MAX as usize;
        let bytes = archive(|entries, size, offset| {
            [
                zip64(entries, size, offset, |_| ()),
                end_record(0xffff, left, left, b""),
            ]
            .concat()
        });
        assert_eq!(read(&bytes).unwrap().len(), 1);
        assert!(End::read(&&bytes[..]).unwrap().zip64);
        let repeated = archive(|entries, size, offset| {
            [
                zip64(entries, size, offset, |_| ()),
                end_record(entries, size, offset, b""),
            ]
            .concat()
        });
        assert_eq!(read(&repeated).unwrap().len(), 1);
    }

    #[test]
    fn the_two_end_records_must_agree() {
        for (entries_off, size_off, offset_off, what) in [
            (1, 0, 0, "the number of entries"),
            (0, 1, 0, "the directory's size"),
            (0, 0, 1, "the directory's place"),
        ] {
            let bytes = archive(|entries, size, offset| {
                let end = end_record(
                    entries + entries_off,
                    size + size_off,
                    offset + offset_off,
                    b"",
                );
                [zip64(entries, size, offset, |_| ()), end].concat()
            });
            assert_eq!(fault(&bytes), ZipFault::EndsDisagree(what));
        }
    }

    #[test]
    fn a_zip64_record_that_is_not_where_it_must_be_is_refused() {
        let with = |change: fn(&mut Vec<u8>)| {
            fault(&archive(|entries, size, offset| {
                [
                    zip64(entries, size, offset, change),
                    end_record(entries, size, offset, b""),
                ]
                .concat()
            }))
        };
        assert_eq!(with(|record| record[0] = b'Q'), ZipFault::Zip64End);
        assert_eq!(with(|record| record[4] = 45), ZipFault::Zip64End);
        assert_eq!(with(|record| record[11] = 0xff), ZipFault::Zip64End);
        assert_eq!(with(|record| record.truncate(50)), ZipFault::Zip64End);
        assert_eq!(with(|record| record[16] = 1), ZipFault::MultiDisk);
        assert_eq!(with(|record| record[20] = 1), ZipFault::MultiDisk);
        // Fewer entries on this disk than in all.
        assert_eq!(with(|record| record[24] ^= 1), ZipFault::MultiDisk);
        // The first and the last number of the locator: its disk, and how many there are.
        for (index, value, refused) in [(4, 1, true), (16, 2, true), (16, 0, false)] {
            let bytes = archive(|entries, size, offset| {
                let mut records = zip64(entries, size, offset, |_| ());
                records[ZIP64_END_LEN + index] = value;
                [records, end_record(entries, size, offset, b"")].concat()
            });
            if refused {
                assert_eq!(fault(&bytes), ZipFault::MultiDisk);
            } else {
                assert_eq!(read(&bytes).unwrap().len(), 1);
            }
        }
        assert_eq!(
            with(|record| {
                record[4] += 4;
                record.extend([0; 4]);
            }),
            ZipFault::Zip64Extensible
        );
    }
}
