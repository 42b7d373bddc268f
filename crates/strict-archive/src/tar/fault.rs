use super::bounds::{MAX_EXTENSION_LEN, MAX_PADDING};
use crate::remedy::{DO_NOT_TRUST, DOWNLOAD_AGAIN};

/// What is wrong with the structure of a tar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TarFault {
    /// The stream ends inside of an entry, or without the two blocks of zeros that end an archive.
    #[error("the archive ends early")]
    Truncated,
    /// A header's checksum is wrong.
    #[error("the checksum of a header is wrong")]
    HeaderChecksum,
    /// The checksum is right but the magic is neither POSIX's nor GNU's.
    #[error("a header is neither in POSIX nor in GNU format")]
    Magic,
    /// A number that is neither octal nor base-256, or is negative, or passes 2⁶³.
    #[error("the {0} in its header is no number")]
    Number(&'static str),
    /// A block of zeros between two headers.
    #[error("a single block of zeros is followed by more entries")]
    LoneZeroBlock,
    /// Bytes after the end.
    #[error("there is data after the end of the archive")]
    TrailingData,
    /// More zeros after the end than any blocking factor explains.
    #[error(
        "more than {} bytes of padding follow the end of the archive",
        MAX_PADDING
    )]
    Padding,
    /// A device, a FIFO or something that only tape archives had.
    #[error("it is {0}, not a file, a directory or a link")]
    Special(&'static str),
    /// A sparse file.
    #[error("it is a sparse file, which readers unpack in different ways")]
    Sparse,
    /// A type flag that no specification names.
    #[error("it is of the unknown type {:?}", char::from(*.0))]
    Type(u8),
    /// A directory or link with content.
    #[error("it is {0} with content")]
    Content(&'static str),
    /// The slash at the end of a name and the type disagree.
    #[error("its name ends in a slash but it is no directory")]
    Slash,
    /// A pax record that is malformed.
    #[error("its pax header is malformed")]
    Pax,
    /// A pax record whose value holds a line that is a record by itself, or has a newline before
    /// the record of a name or a size.
    #[error("a value in its pax header has a newline, and readers differ in what follows it")]
    PaxLine,
    /// One keyword twice in a pax header, or a name given by pax and GNU headers at once.
    #[error("its extended headers give its {0} twice")]
    Twice(&'static str),
    /// A size in the pax header and another in the plain one, though the plain one could hold it.
    #[error("its pax header says {pax} bytes and its plain header {plain}")]
    SizesDisagree {
        /// The size in the pax header.
        pax: u64,
        /// The size in the plain header.
        plain: u64,
    },
    /// A global header that names files.
    #[error("a global pax header sets the {0} of every entry after it")]
    Global(&'static str),
    /// An extended header of more bytes than any has.
    #[error("an extended header is larger than {} bytes", MAX_EXTENSION_LEN)]
    ExtensionTooLarge,
    /// An extended header with no entry after it.
    #[error("an extended header is followed by no entry")]
    ExtensionWithoutEntry,
}

impl TarFault {
    /// What the user can do about it.
    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            Self::Truncated | Self::HeaderChecksum | Self::Number(_) | Self::Pax => DOWNLOAD_AGAIN,
            Self::Special(_) | Self::Sparse | Self::Type(_) | Self::Magic => {
                "pack it again from its directory with `tar --format=ustar` or \
                 `--format=pax`; it may hold files, directories and links to files"
            }
            _ => DO_NOT_TRUST,
        }
    }
}
