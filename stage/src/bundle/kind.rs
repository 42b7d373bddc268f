use std::fs::FileType;
use std::io::{self, Cursor, Read};
use std::path::Path;

use super::error::Error;
use native_claims::facts::{self, Head};
use strict_archive::Compression;

/// What a RUNTIME is, by its first bytes. Its name says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RuntimeKind {
    Directory,
    /// A tar or one executable is in it.
    Compressed(Compression),
    /// A wheel or a plain zip.
    Zip,
    /// What begins as a program for one target. The rest of it may say otherwise.
    Executable,
}

impl RuntimeKind {
    /// Looks at what is at `path`. Nothing but a regular file is opened: a FIFO would wait for
    /// ever.
    pub(super) fn of(path: &Path) -> Result<Self, Error> {
        let file_type = match fs_err::metadata(path) {
            Ok(metadata) => metadata.file_type(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::Missing(path.to_owned()));
            }
            Err(error) => return Err(Error::Read(error)),
        };
        if file_type.is_dir() {
            return Ok(Self::Directory);
        }
        if !file_type.is_file() {
            return Err(Error::Special {
                path: path.to_owned(),
                what: special(file_type),
            });
        }
        let mut head = Vec::new();
        let mut file = fs_err::File::open(path).map_err(Error::Read)?;
        file.by_ref()
            .take(HEAD_LEN)
            .read_to_end(&mut head)
            .map_err(Error::Read)?;
        Self::of_bytes(path, &head)
    }

    fn of_bytes(path: &Path, head: &[u8]) -> Result<Self, Error> {
        if let Some(compression) = Compression::of(head) {
            return Ok(Self::Compressed(compression));
        }
        match head {
            [] => Err(Error::Empty(path.to_owned())),
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Ok(Self::Zip),
            [b'#', b'!', ..] => Err(Error::Script {
                path: path.to_owned(),
                first_line: head
                    .split(|&byte| byte == b'\n')
                    .next()
                    .unwrap_or(head)
                    .to_owned(),
            }),
            bytes => check_executable(path, "it", bytes).map(|()| Self::Executable),
        }
    }
}

/// Bytes from the start of a file that tell what it is.
const HEAD_LEN: u64 = 1024;

/// Reads the first bytes of what is compressed in a RUNTIME.
pub(super) fn head_of(input: &mut impl Read, runtime: &Path) -> Result<Vec<u8>, Error> {
    let mut head = Vec::new();
    input
        .by_ref()
        .take(HEAD_LEN)
        .read_to_end(&mut head)
        .map_err(|error| Error::of_stream(runtime, error))?;
    if head.is_empty() {
        return Err(Error::Empty(runtime.to_owned()));
    }
    Ok(head)
}

/// Returns whether a file with these first bytes is a tar. An archive of nothing is one too.
pub(super) fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar") || head.iter().all(|&byte| byte == 0)
}

/// Checks that a file with these first bytes may be a program for one target. `what` is the file,
/// for the message.
pub(super) fn check_executable(path: &Path, what: &str, bytes: &[u8]) -> Result<(), Error> {
    match facts::head(&mut Cursor::new(bytes)) {
        Ok(Head::Other) => Err(unknown(path, what, bytes)),
        // Most of what the headers describe is not among these bytes.
        Ok(Head::Program(_) | Head::Unfit(_)) | Err(_) => Ok(()),
    }
}

/// The error for bytes that begin like nothing that is known.
fn unknown(path: &Path, what: &str, head: &[u8]) -> Error {
    let known = match head {
        [b'7', b'z', 0xbc, 0xaf, ..] => "a 7-Zip archive",
        [b'B', b'Z', b'h', ..] => "a bzip2 stream",
        [0x5d, 0, 0, ..] => "an LZMA stream",
        [0x04, b'"', b'M', 0x18, ..] => "an LZ4 stream",
        [b'L', b'Z', b'I', b'P', ..] => "an lzip stream",
        [b'R', b'a', b'r', b'!', ..] => "a RAR archive",
        [b'!', b'<', b'a', b'r', b'c', b'h', b'>', ..] => "an ar archive or a Debian package",
        head if head.get(257..262) == Some(b"ustar") => "a tar that is not compressed",
        head => {
            let start = head.get(..8).unwrap_or(head);
            return Error::Unknown {
                path: path.to_owned(),
                reason: format!("{what} begins with the bytes {start:02x?}"),
            };
        }
    };
    Error::Unknown {
        path: path.to_owned(),
        reason: format!("{what} is {known}"),
    }
}

/// What a file is that is neither a regular one nor a directory.
pub(super) fn special(file_type: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        for (is, what) in [
            (file_type.is_fifo(), "a FIFO"),
            (file_type.is_socket(), "a socket"),
            (file_type.is_char_device(), "a character device"),
            (file_type.is_block_device(), "a block device"),
        ] {
            if is {
                return what;
            }
        }
    }
    if file_type.is_symlink() {
        "a link"
    } else {
        "of an unknown type"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(head: &[u8]) -> Result<RuntimeKind, String> {
        RuntimeKind::of_bytes(Path::new("x"), head).map_err(|error| error.to_string())
    }

    #[test]
    fn the_first_bytes_tell_the_kind() {
        for (head, compression) in [
            (&b"\x1f\x8b\x08\0"[..], Compression::Gzip),
            (b"\x28\xb5\x2f\xfd", Compression::Zstd),
            (b"\xfd7zXZ\0", Compression::Xz),
        ] {
            assert_eq!(kind(head).unwrap(), RuntimeKind::Compressed(compression));
        }
        assert_eq!(kind(b"PK\x03\x04").unwrap(), RuntimeKind::Zip);
        assert_eq!(kind(b"PK\x05\x06").unwrap(), RuntimeKind::Zip);
        for executable in [&b"\x7fELF"[..], b"\xcf\xfa\xed\xfe", b"MZ"] {
            assert_eq!(kind(executable).unwrap(), RuntimeKind::Executable);
        }
    }

    #[test]
    fn what_is_no_kind_is_described() {
        let error = |head| kind(head).unwrap_err();
        assert_eq!(error(b""), "x is empty");
        assert_eq!(
            error(b"#!/bin/sh\nexit"),
            "x is a script (its first line is `#!/bin/sh`), not a runtime"
        );
        assert_eq!(
            error(b"PK"),
            "x is of no kind that a runtime comes in: it begins with the bytes [50, 4b]"
        );
        assert_eq!(
            error(b"BZh9"),
            "x is of no kind that a runtime comes in: it is a bzip2 stream"
        );
    }

    #[test]
    fn only_regular_files_are_opened() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(RuntimeKind::of(dir.path()).unwrap(), RuntimeKind::Directory);
        let nowhere = RuntimeKind::of(&dir.path().join("nowhere")).unwrap_err();
        assert!(matches!(nowhere, Error::Missing(_)));
        let file = dir.path().join("file");
        fs_err::write(&file, b"\x7fELF").unwrap();
        assert_eq!(RuntimeKind::of(&file).unwrap(), RuntimeKind::Executable);
    }
}
