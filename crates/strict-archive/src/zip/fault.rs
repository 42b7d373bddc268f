use crate::remedy::{DO_NOT_TRUST, DOWNLOAD_AGAIN};

/// What is wrong with the structure of a zip.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZipFault {
    /// No end record that reaches to the end of the file.
    #[error(
        "it has no end-of-central-directory record at its end: \
         it is truncated, or data follows the archive"
    )]
    NoEnd,
    /// An end record, and something after it that its comment does not account for.
    #[error("{0} bytes follow the end of the archive")]
    Trailing(u64),
    /// Two records that both could be the end.
    #[error("it has two end-of-central-directory records, and readers differ in which they take")]
    TwoEnds,
    /// Disk numbers other than the first.
    #[error("it is one part of an archive that was split over several files")]
    MultiDisk,
    /// The zip64 end record is not where its locator says, or is too short.
    #[error("its zip64 end record is not where its locator says, or is malformed")]
    Zip64End,
    /// Extensible data in the zip64 end record, which only encrypted directories need (section
    /// 7.3.4).
    #[error("its zip64 end record has extensible data, which only encrypted archives need")]
    Zip64Extensible,
    /// A value in the end record and another in the zip64 one.
    #[error("its end record and its zip64 end record disagree about {0}")]
    EndsDisagree(&'static str),
    /// The central directory does not reach to the end record.
    #[error(
        "its central directory does not end where its end record begins: data was put before, \
         between or after the parts of the archive, or some is missing"
    )]
    DirectoryPlace,
    /// More or fewer entries than the end record counts.
    #[error("its central directory does not hold the {counted} entries that its end record counts")]
    DirectoryCount {
        /// The count of the end record.
        counted: u64,
    },
    /// A record of another kind where one was expected.
    #[error("there is no {0} where one must be")]
    Signature(&'static str),
    /// A record that goes on past the end of what holds it.
    #[error("a record goes on past the end of what holds it")]
    RecordTruncated,
    /// Extra fields that are no list of fields, or repeat one.
    #[error("its extra fields are malformed")]
    ExtraField,
    /// A zip64 field that holds less than the header asks of it, or other values than the header.
    #[error("its zip64 extra field holds too little, or something else than its header")]
    Zip64Field,
    /// A Unicode path field with another name.
    #[error("it has two names: its Unicode path field names another file than its header")]
    UnicodePath,
    /// An encrypted entry.
    #[error("it is encrypted")]
    Encrypted,
    /// Flag bits for patches, masked headers and what is reserved.
    #[error("it uses a feature that this reader does not know (general purpose flags {0:#06x})")]
    Flags(u16),
    /// A compression method other than stored and deflate.
    #[error("it is compressed with {}; stored and deflate are known", method_name(*.0))]
    Method(u16),
    /// A version of the specification that is not written yet.
    #[error("it needs version {}.{} of the zip specification", .0 / 10, .0 % 10)]
    Version(u16),
    /// A name beyond ASCII that is not flagged as UTF-8: its characters depend on the reader.
    #[error("its name is not ASCII and not marked as UTF-8, so readers differ in what it is")]
    NameEncoding,
    /// A device, a FIFO or a socket.
    #[error("it is {0}, not a file, a directory or a link")]
    Special(&'static str),
    /// The name says file and the attributes say directory, or the other way round.
    #[error("its name and its attributes disagree about whether it is a directory")]
    DirectoryKind,
    /// A directory with content.
    #[error("it is a directory with content")]
    DirectoryContent,
    /// Something in the local header that the central directory does not say.
    #[error("its local header and the central directory disagree about its {0}")]
    HeadersDisagree(&'static str),
    /// The data descriptor disagrees with the central directory.
    #[error("its data descriptor and the central directory disagree")]
    Descriptor,
    /// Two entries share bytes.
    #[error("its data overlap the next entry or the central directory")]
    Overlap,
    /// Bytes before or after an entry that are neither another entry nor the directory.
    #[error("beside it there are {0} bytes that belong to no entry")]
    Gap(u64),
    /// Bytes before the directory of an empty archive.
    #[error("there are {0} bytes that belong to no entry")]
    NoEntries(u64),
    /// The compressed data make no sense.
    #[error("its compressed data are corrupt")]
    Corrupt,
    /// The compressed data end before the stream in them does.
    #[error("its compressed data end early")]
    Short,
    /// The stream ends before the compressed data do.
    #[error("there are {0} bytes after the end of its compressed data")]
    Surplus(u64),
    /// It inflates to more than its header claims.
    #[error("it claims {claimed} bytes but unpacks to more")]
    LargerThanClaimed {
        /// The size in its headers.
        claimed: u64,
    },
    /// It inflates to less than its header claims.
    #[error("it claims {claimed} bytes but unpacks to {actual}")]
    SmallerThanClaimed {
        /// The size in its headers.
        claimed: u64,
        /// What it unpacked to.
        actual: u64,
    },
    /// The CRC-32 of the content is another.
    #[error("its content does not have the checksum (CRC-32) in its header")]
    Checksum,
}

impl ZipFault {
    /// What the user can do about it.
    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            Self::NoEnd
            | Self::Zip64End
            | Self::DirectoryPlace
            | Self::DirectoryCount { .. }
            | Self::Signature(_)
            | Self::RecordTruncated
            | Self::Corrupt
            | Self::Short
            | Self::Checksum => DOWNLOAD_AGAIN,
            Self::Encrypted
            | Self::Flags(_)
            | Self::Method(_)
            | Self::Version(_)
            | Self::Zip64Extensible
            | Self::MultiDisk => {
                "unpack it and give the directory, or pack it again as a plain zip with deflate"
            }
            Self::NameEncoding => "pack it again from its directory, with ASCII or UTF-8 names",
            _ => DO_NOT_TRUST,
        }
    }
}

/// The compression methods that archives in the wild have (section 4.4.5).
fn method_name(method: u16) -> String {
    let name = match method {
        1 => "shrink",
        6 => "implode",
        9 => "Deflate64",
        12 => "bzip2",
        14 => "LZMA",
        20 | 93 => "zstd",
        95 => "xz",
        99 => "AES encryption",
        _ => return format!("the unknown method {method}"),
    };
    format!("{name} (method {method})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_named() {
        for (method, name) in [
            (1, "shrink (method 1)"),
            (6, "implode (method 6)"),
            (9, "Deflate64 (method 9)"),
            (12, "bzip2 (method 12)"),
            (14, "LZMA (method 14)"),
            (20, "zstd (method 20)"),
            (93, "zstd (method 93)"),
            (95, "xz (method 95)"),
            (99, "AES encryption (method 99)"),
            (7, "the unknown method 7"),
        ] {
            let text = format!("it is compressed with {name}; stored and deflate are known");
            assert_eq!(ZipFault::Method(method).to_string(), text);
        }
    }
}
