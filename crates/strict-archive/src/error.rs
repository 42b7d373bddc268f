use std::fmt::{self, Display, Formatter};
use std::io;
use std::path::{Path, PathBuf};

use super::escape::Escaped;
use super::gzip::GzipFault;
use super::limits::LimitFault;
use super::link::LinkFault;
use super::name::{EntryName, NameFault};
use super::remedy::DOWNLOAD_AGAIN;
use super::tar::fault::TarFault;
use super::tree::TreeFault;
use super::xz::XzFault;
use super::zip::fault::ZipFault;
use super::zstandard::ZstdFault;

/// What is wrong with an archive, and where in it.
#[derive(Debug)]
pub struct Error {
    archive: PathBuf,
    place: Place,
    fault: Box<Fault>,
}

/// Where in the archive the fault lies.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Archive,
    /// A name as the archive has it, which may be anything.
    Entry(Vec<u8>),
    /// Bytes from the start of the archive, or of the tar stream inside of a compressed one.
    Offset(u64),
}

impl Error {
    /// A fault of the archive as a whole.
    pub fn new(archive: &Path, fault: impl Into<Fault>) -> Self {
        Self {
            archive: archive.to_owned(),
            place: Place::Archive,
            fault: Box::new(fault.into()),
        }
    }

    /// A fault of the entry called `name`.
    pub fn in_entry(archive: &Path, name: &[u8], fault: impl Into<Fault>) -> Self {
        Self {
            place: Place::Entry(name.to_owned()),
            ..Self::new(archive, fault)
        }
    }

    /// A fault of what begins `offset` bytes from the start.
    pub(crate) fn at_offset(archive: &Path, offset: u64, fault: impl Into<Fault>) -> Self {
        Self {
            place: Place::Offset(offset),
            ..Self::new(archive, fault)
        }
    }

    /// What is wrong, apart from where.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// The name of the entry that is at fault, as the archive has it.
    #[must_use]
    pub fn entry(&self) -> Option<&[u8]> {
        match &self.place {
            Place::Entry(name) => Some(name),
            Place::Archive | Place::Offset(_) => None,
        }
    }
}

impl Error {
    /// Returns what somebody who was handed this archive can do: one sentence, in the imperative,
    /// without a full stop.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match &*self.fault {
            Fault::Io(_) => "check that the file can be read, then try again",
            Fault::Limit(_) => "if the archive is what it should be, raise the limit",
            Fault::Name(_) | Fault::Tree(_) | Fault::Link(_) => {
                "pack it again from its directory, with names that every system can hold; do not \
                 unpack this archive with other tools"
            }
            Fault::Xz(XzFault::Memory) => {
                "pack it again with a smaller dictionary: `xz -9` takes 64 MiB"
            }
            Fault::Gzip(_) | Fault::Zstd(_) | Fault::Xz(_) => DOWNLOAD_AGAIN,
            Fault::Zip(fault) => fault.remedy(),
            Fault::Tar(fault) => fault.remedy(),
        }
    }
}

impl Display for Error {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{}: ", self.archive.display())?;
        match &self.place {
            Place::Archive => {}
            Place::Entry(name) => write!(out, "entry `{}`: ", Escaped(name))?,
            Place::Offset(offset) => write!(out, "at byte {offset}: ")?,
        }
        self.fault.fmt(out)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&*self.fault)
    }
}

/// What is wrong with an archive.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The system could not read the file.
    #[error("reading failed")]
    Io(#[source] io::Error),
    /// An entry's name.
    #[error("{0}")]
    Name(#[from] NameFault),
    /// An entry's name beside those of the others.
    #[error("{0}")]
    Tree(#[from] TreeFault),
    /// A link.
    #[error("{0}")]
    Link(#[from] LinkFault),
    /// Too much of it.
    #[error("{0}")]
    Limit(#[from] LimitFault),
    /// The gzip stream around a tar.
    #[error("{0}")]
    Gzip(#[from] GzipFault),
    /// The zstd stream around a tar.
    #[error("{0}")]
    Zstd(#[from] ZstdFault),
    /// The xz stream around a tar.
    #[error("{0}")]
    Xz(#[from] XzFault),
    /// The structure of a zip.
    #[error("{0}")]
    Zip(#[from] ZipFault),
    /// The structure of a tar.
    #[error("{0}")]
    Tar(#[from] TarFault),
}

impl From<io::Error> for Fault {
    /// Takes out the fault that one of this module's readers sent through [`std::io::Read`].
    fn from(error: io::Error) -> Self {
        let error = match error.downcast::<GzipFault>() {
            Ok(fault) => return Self::Gzip(fault),
            Err(error) => error,
        };
        let error = match error.downcast::<ZstdFault>() {
            Ok(fault) => return Self::Zstd(fault),
            Err(error) => error,
        };
        match error.downcast::<XzFault>() {
            Ok(fault) => Self::Xz(fault),
            Err(error) => Self::Io(error),
        }
    }
}

/// Names an entry in errors.
pub(super) trait EntryContext<T> {
    /// Says that the fault is that of the entry called `name`.
    fn entry(self, archive: &Path, name: &EntryName) -> Result<T, Error>;
}

impl<T, F: Into<Fault>> EntryContext<T> for Result<T, F> {
    fn entry(self, archive: &Path, name: &EntryName) -> Result<T, Error> {
        self.map_err(|fault| Error::in_entry(archive, name.as_str().as_bytes(), fault))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_archive_the_entry_and_the_reason() {
        let error = Error::in_entry(Path::new("a.zip"), b"../\x1b", NameFault::DotDot);
        assert_eq!(
            error.to_string(),
            "a.zip: entry `../\\u{1b}`: its name has a `..` component, which \
             leads out of the tree"
        );
        let error = Error::at_offset(
            Path::new("a.tar"),
            512,
            io::Error::other(GzipFault::Truncated),
        );
        assert_eq!(
            error.to_string(),
            "a.tar: at byte 512: the gzip stream ends early"
        );
        assert!(error.remedy().contains("download it again"));
    }

    #[test]
    fn the_systems_error_is_the_source() {
        use std::error::Error as _;
        let error = Error::new(Path::new("a.zip"), io::Error::other("disk on fire"));
        assert_eq!(error.source().unwrap().to_string(), "disk on fire");
        assert_eq!(error.to_string(), "a.zip: reading failed");
    }

    #[test]
    fn the_help_fits_the_fault() {
        let limit = LimitFault::Entries { limit: 1 };
        for (fault, help) in [
            (Fault::Io(io::Error::other("x")), "can be read"),
            (Fault::Limit(limit), "raise the limit"),
            (Fault::Name(NameFault::DotDot), "pack it again"),
            (Fault::Tree(TreeFault::Duplicate), "pack it again"),
            (Fault::Link(LinkFault::LeavesTree), "pack it again"),
            (Fault::Gzip(GzipFault::Checksum), "download it again"),
            (Fault::Zstd(ZstdFault::Truncated), "download it again"),
            (Fault::Xz(XzFault::Truncated), "download it again"),
            (Fault::Xz(XzFault::Memory), "a smaller dictionary"),
            (Fault::Tar(TarFault::Truncated), "download it again"),
            (Fault::Tar(TarFault::Sparse), "--format=ustar"),
            (Fault::Tar(TarFault::TrailingData), "do not trust"),
            (Fault::Zip(ZipFault::NoEnd), "download it again"),
            (Fault::Zip(ZipFault::Encrypted), "plain zip with deflate"),
            (Fault::Zip(ZipFault::NameEncoding), "UTF-8 names"),
            (Fault::Zip(ZipFault::TwoEnds), "do not trust"),
        ] {
            let error = Error::new(Path::new("a"), fault);
            assert!(error.remedy().contains(help), "{error}: {}", error.remedy());
        }
    }
}
