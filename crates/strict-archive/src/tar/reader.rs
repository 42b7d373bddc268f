use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::bounds::{MAX_EXTENSION_LEN, MAX_PADDING};
use super::entry::{Entry, EntryKind};
use super::extension::Extensions;
use super::fault::TarFault;
use super::header::{BLOCK, Header};
use crate::error::{Error, Fault};
use crate::limits::Limits;
use crate::tree::NameTree;

/// Reads a tar from front to back.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    path: PathBuf,
    limits: Limits,
    tree: NameTree,
    /// Headers so far, those that only extend others included.
    headers: u64,
    unpacked: u64,
    /// Bytes of the stream that were read.
    offset: u64,
    /// The name of the current entry, as the archive has it.
    raw_name: Vec<u8>,
    /// Bytes of the current entry's content that were not read.
    remaining: u64,
    /// Bytes that fill up the last block of it.
    padding: usize,
    buffer: Vec<u8>,
    ended: bool,
    loose_names: bool,
}

/// Bytes handed out at once, at most.
const CHUNK: usize = 128 * 1024;

impl<R: Read> Reader<R> {
    /// Reads from `input`, which should be buffered or a decompressor; `path` is what errors call
    /// the archive.
    pub fn new(input: R, path: &Path, limits: Limits) -> Self {
        Self {
            input,
            path: path.to_owned(),
            limits,
            tree: NameTree::default(),
            headers: 0,
            unpacked: 0,
            offset: 0,
            raw_name: Vec::new(),
            remaining: 0,
            padding: 0,
            buffer: vec![0; CHUNK],
            ended: false,
            loose_names: false,
        }
    }

    /// Takes names with `.` and empty components in them for what every program unpacks them as.
    #[must_use]
    pub fn with_loose_names(self) -> Self {
        Self {
            loose_names: true,
            ..self
        }
    }

    /// The next entry, or `None` once the end of the archive was found to be whole. What was not
    /// read of the content of the entry before is skipped.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, Error> {
        while !self.chunk()?.is_empty() {}
        let start = self.offset;
        self.raw_name.clear();
        self.read_entry().map_err(|fault| self.error(start, fault))
    }

    /// The next bytes of the current entry's content; none at its end.
    pub fn chunk(&mut self) -> Result<&[u8], Error> {
        let start = self.offset;
        let len = self
            .read_chunk()
            .map_err(|fault| self.error(start, fault))?;
        Ok(&self.buffer[..len])
    }

    fn error(&self, offset: u64, fault: Fault) -> Error {
        if self.raw_name.is_empty() {
            Error::at_offset(&self.path, offset, fault)
        } else {
            Error::in_entry(&self.path, &self.raw_name, fault)
        }
    }

    fn read_chunk(&mut self) -> Result<usize, Fault> {
        if self.remaining == 0 {
            let padding = std::mem::take(&mut self.padding);
            let mut block = [0; BLOCK];
            self.read_exact(&mut block[..padding])?;
            return Ok(0);
        }
        let most = CHUNK.min(usize::try_from(self.remaining).unwrap_or(CHUNK));
        let len = loop {
            match self.input.read(&mut self.buffer[..most]) {
                Ok(0) => return Err(TarFault::Truncated.into()),
                Ok(len) => break len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        };
        self.offset += len as u64;
        self.remaining -= len as u64;
        Ok(len)
    }

    fn read_exact(&mut self, buffer: &mut [u8]) -> Result<(), Fault> {
        self.input
            .read_exact(buffer)
            .map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => TarFault::Truncated.into(),
                _ => Fault::from(error),
            })?;
        self.offset += buffer.len() as u64;
        Ok(())
    }

    fn read_entry(&mut self) -> Result<Option<Entry>, Fault> {
        if self.ended {
            return Ok(None);
        }
        let mut extensions = Extensions::default();
        loop {
            let mut block = [0; BLOCK];
            self.read_exact(&mut block)?;
            if Header::is_zero(&block) {
                if extensions.any() {
                    return Err(TarFault::ExtensionWithoutEntry.into());
                }
                self.read_end()?;
                return Ok(None);
            }
            self.headers += 1;
            self.limits.check_entries(self.headers)?;
            let header = Header::parse(&block)?;
            match header.type_flag() {
                b'L' => extensions.add_long_name(&self.read_extension(header)?)?,
                b'K' => extensions.add_long_link(&self.read_extension(header)?)?,
                b'x' => extensions.add_pax(&self.read_extension(header)?)?,
                b'g' => Extensions::check_global(&self.read_extension(header)?)?,
                _ => {
                    self.raw_name = extensions.name(header.name());
                    let entry = Entry::parse(header, extensions, &self.raw_name, self.loose_names)?;
                    if let Some(entry) = entry {
                        self.begin(&entry)?;
                        return Ok(Some(entry));
                    }
                    extensions = Extensions::default();
                }
            }
        }
    }

    /// Reads the content of a header that extends another.
    fn read_extension(&mut self, header: Header<'_>) -> Result<Vec<u8>, Fault> {
        let size = header.size()?;
        if size > MAX_EXTENSION_LEN {
            return Err(TarFault::ExtensionTooLarge.into());
        }
        let size = usize::try_from(size).unwrap_or_default();
        let mut body = vec![0; size.next_multiple_of(BLOCK)];
        self.read_exact(&mut body)?;
        body.truncate(size);
        Ok(body)
    }

    /// Makes sure that there is room for an entry and gets ready to read its content.
    fn begin(&mut self, entry: &Entry) -> Result<(), Fault> {
        self.tree
            .insert(&entry.name, entry.kind == EntryKind::Directory)?;
        self.limits.check_entries(self.tree.len())?;
        self.unpacked = self.limits.add_bytes(self.unpacked, entry.size)?;
        self.remaining = entry.size;
        let padding = entry.size.wrapping_neg() % BLOCK as u64;
        self.padding = usize::try_from(padding).unwrap_or_default();
        Ok(())
    }

    /// Reads what must follow the first block of zeros: another, and zeros to the end of the
    /// stream.
    fn read_end(&mut self) -> Result<(), Fault> {
        let mut block = [0; BLOCK];
        self.read_exact(&mut block)?;
        if !Header::is_zero(&block) {
            return Err(TarFault::LoneZeroBlock.into());
        }
        let mut padding = 0;
        loop {
            match self.input.read(&mut self.buffer) {
                Ok(0) => break,
                Ok(len) if self.buffer[..len].iter().any(|&byte| byte != 0) => {
                    return Err(TarFault::TrailingData.into());
                }
                Ok(len) => padding += len as u64,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
            if padding > MAX_PADDING {
                return Err(TarFault::Padding.into());
            }
        }
        self.ended = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::LimitFault;

    #[test]
    fn content_that_is_not_read_is_skipped() {
        let archive = tar(&[file("a", &[7; 1000]), file("b", b"b")]);
        let mut reader = Reader::new(&archive[..], Path::new("test.tar"), LIMITS);
        reader.next_entry().unwrap().unwrap();
        assert_eq!(reader.next_entry().unwrap().unwrap().name.as_str(), "b");
        assert!(reader.next_entry().unwrap().is_none());
    }

    #[test]
    fn names_are_found_wherever_a_format_puts_them() {
        let long = format!("{}/name", "d".repeat(200));
        let mut prefixed = file("name", b"");
        prefixed[345..348].copy_from_slice(b"dir");
        fix_checksum(&mut prefixed);
        assert_eq!(names(&tar(&[prefixed.clone()])), ["dir/name"]);
        // GNU keeps times where POSIX has the prefix.
        prefixed[257..265].copy_from_slice(b"ustar  \0");
        fix_checksum(&mut prefixed);
        assert_eq!(names(&tar(&[prefixed])), ["name"]);
        let gnu = entry("././@LongLink", b'L', "", format!("{long}\0").as_bytes());
        assert_eq!(names(&tar(&[gnu, file("short", b"")])), [&long[..]]);
        let pax = entry("PaxHeaders/x", b'x', "", &record("path", &long));
        assert_eq!(
            names(&tar(&[pax, file("short", b""), file("next", b"")])),
            [&long[..], "next"]
        );
    }

    #[test]
    fn the_end_is_two_blocks_of_zeros_and_then_nothing() {
        let whole = tar(&[file("a", b"content")]);
        assert_eq!(names(&[&whole[..], &[0; 20 * 512]].concat()), ["a"]);
        assert_eq!(
            fault(&[&whole[..], &[0; 600], b"x"].concat()),
            TarFault::TrailingData
        );
        assert_eq!(
            fault(&[&whole[..], &whole].concat()),
            TarFault::TrailingData
        );
        assert_eq!(
            fault(&[&whole[..], &vec![0; 3 << 20]].concat()),
            TarFault::Padding
        );
        let padded = |padding: u64| {
            let padding = vec![0; usize::try_from(padding).unwrap()];
            [&whole[..], &padding].concat()
        };
        assert_eq!(names(&padded(2 << 20)), ["a"]);
        assert_eq!(names(&padded(MAX_PADDING)), ["a"]);
        assert_eq!(fault(&padded(MAX_PADDING + 1)), TarFault::Padding);
        let lone = [vec![0; 512], whole].concat();
        assert_eq!(fault(&lone), TarFault::LoneZeroBlock);
    }

    #[test]
    fn an_archive_cut_anywhere_is_refused() {
        let whole = tar(&[
            file("a", &[1; 600]),
            entry("L", b'L', "", b"long\0"),
            file("b", b""),
        ]);
        for end in 0..whole.len() {
            assert_eq!(fault(&whole[..end]), TarFault::Truncated, "cut at {end}");
        }
    }

    #[test]
    fn a_damaged_header_is_refused() {
        let whole = tar(&[file("a", b"content")]);
        for index in 0..512 {
            let mut damaged = whole.clone();
            damaged[index] ^= 1;
            read(&damaged).expect_err(&format!("byte {index}"));
        }
        let mut magic = file("a", b"");
        magic[257..265].fill(0);
        fix_checksum(&mut magic);
        assert_eq!(fault(&tar(&[magic])), TarFault::Magic);
        let mut size = file("a", b"");
        size[124..136].copy_from_slice(b"0000000009\0\0");
        fix_checksum(&mut size);
        assert_eq!(fault(&tar(&[size])), TarFault::Number("size"));
    }

    #[test]
    fn extended_headers_are_bounded_and_belong_to_an_entry() {
        let huge = header("L", b'L', "", 1 << 30);
        assert_eq!(fault(&tar(&[huge])), TarFault::ExtensionTooLarge);
        let sized = |len: u64| {
            let start = record("path", "a");
            let rest = usize::try_from(len).unwrap() - start.len();
            let filler = "x".repeat(rest - "1000000 comment=\n".len());
            let body = [start, record("comment", &filler)].concat();
            tar(&[entry("x", b'x', "", &body), file("short", b"")])
        };
        assert_eq!(names(&sized(MAX_EXTENSION_LEN)), ["a"]);
        assert_eq!(
            fault(&sized(MAX_EXTENSION_LEN + 1)),
            TarFault::ExtensionTooLarge
        );
        let dangling = entry("x", b'x', "", &record("path", "a"));
        assert_eq!(
            fault(&tar(std::slice::from_ref(&dangling))),
            TarFault::ExtensionWithoutEntry
        );
        assert_eq!(
            fault(&tar(&[dangling.clone(), dangling, file("a", b"")])),
            TarFault::Twice("name")
        );
        let global = entry("g", b'g', "", &record("path", "a"));
        assert_eq!(
            fault(&tar(&[global, file("a", b"")])),
            TarFault::Global("name")
        );
        let size = entry("x", b'x', "", &record("size", "512"));
        assert_eq!(
            fault(&tar(&[size, file("a", b""), vec![1; 512]])),
            TarFault::SizesDisagree { pax: 512, plain: 0 }
        );
    }

    #[test]
    fn limits_hold_before_content_is_read() {
        let limited = |parts: &[Vec<u8>], limits| {
            let archive = tar(parts);
            let mut reader = Reader::new(&archive[..], Path::new("test.tar"), limits);
            loop {
                match reader.next_entry() {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("accepted"),
                    Err(error) => return error,
                }
            }
        };
        let error = limited(
            &[file("a", b""), file("b", b"")],
            Limits {
                entries: 1,
                unpacked_bytes: 9,
            },
        );
        assert!(matches!(
            error.fault(),
            Fault::Limit(LimitFault::Entries { limit: 1 })
        ));
        let huge = vec![header("a", b'0', "", 1 << 32)];
        let error = limited(
            &huge,
            Limits {
                entries: 9,
                unpacked_bytes: 9,
            },
        );
        assert!(matches!(
            error.fault(),
            Fault::Limit(LimitFault::UnpackedBytes { limit: 9 })
        ));
        // Headers that only extend others count: a stream of nothing else is no way to keep a
        // reader busy.
        let globals = vec![entry("g", b'g', "", b""); 5];
        let error = limited(
            &globals,
            Limits {
                entries: 4,
                unpacked_bytes: 9,
            },
        );
        assert!(matches!(
            error.fault(),
            Fault::Limit(LimitFault::Entries { limit: 4 })
        ));
    }

    /// Gives a byte at a time, interrupted before each, and fails at the end of its bytes.
    struct Unsteady<'a> {
        bytes: &'a [u8],
        interrupted: bool,
    }

    impl Read for Unsteady<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.interrupted = !self.interrupted;
            if self.interrupted {
                return Err(io::ErrorKind::Interrupted.into());
            }
            if self.bytes.is_empty() {
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            self.bytes.read(&mut buffer[..1])
        }
    }

    #[test]
    fn an_interrupted_read_goes_on_and_a_failed_one_ends() {
        let whole = tar(&[file("a", &[7; 600]), file("b", b"")]);
        for len in [512, 700, 1536, whole.len()] {
            let input = Unsteady {
                bytes: &whole[..len],
                interrupted: false,
            };
            let mut reader = Reader::new(input, Path::new("test.tar"), LIMITS);
            let error = loop {
                match reader.next_entry() {
                    Ok(entry) => assert!(entry.is_some(), "{len}"),
                    Err(error) => break error,
                }
            };
            let Fault::Io(error) = error.fault() else {
                panic!("{error}");
            };
            assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        }
    }
}
