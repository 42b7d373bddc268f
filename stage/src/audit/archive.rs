//! Which rule a fault of an archive breaks.
//!
//! The readers stop at the first fault: what such an archive holds depends on who reads it, so no
//! other rule is held against it.

use super::finding::Findings;
use super::rule::Rule;
use super::rules::{archive, zip};
use strict_archive::zip::ZipFault;
use strict_archive::{Error, Escaped, Fault, TreeFault};

/// Adds what a reader has against an archive.
pub(super) fn fault(error: &Error, findings: &mut Findings) {
    let rule = rule(error.fault());
    let detail = error.fault().to_string();
    match error.entry() {
        Some(name) => findings.add_at(rule, Escaped(name).to_string(), detail),
        None => findings.add(rule, detail),
    }
}

fn rule(fault: &Fault) -> &'static Rule {
    match fault {
        Fault::Name(_) => &archive::NAME,
        Fault::Tree(TreeFault::Duplicate) => &archive::DUPLICATE,
        Fault::Tree(_) => &archive::COLLISION,
        Fault::Link(_) => &archive::LINK,
        Fault::Limit(_) => &archive::TOO_LARGE,
        Fault::Zip(fault) => rule_of_zip(fault),
        Fault::Io(_) | Fault::Gzip(_) | Fault::Zstd(_) | Fault::Tar(_) => &archive::MALFORMED,
    }
}

fn rule_of_zip(fault: &ZipFault) -> &'static Rule {
    match fault {
        ZipFault::Encrypted => &zip::ENCRYPTED,
        ZipFault::Method(_) => &zip::METHOD,
        ZipFault::Trailing(_) => &zip::TRAILING,
        ZipFault::Zip64Extensible => &zip::EXTENSIBLE,
        ZipFault::TwoEnds
        | ZipFault::DirectoryPlace
        | ZipFault::Overlap
        | ZipFault::Gap(_)
        | ZipFault::NoEntries(_)
        | ZipFault::DirectoryContent
        | ZipFault::Surplus(_) => &zip::HIDDEN,
        ZipFault::EndsDisagree(_)
        | ZipFault::DirectoryCount { .. }
        | ZipFault::Zip64Field
        | ZipFault::UnicodePath
        | ZipFault::DirectoryKind
        | ZipFault::HeadersDisagree(_)
        | ZipFault::Descriptor => &zip::DISAGREE,
        ZipFault::Corrupt
        | ZipFault::Short
        | ZipFault::LargerThanClaimed { .. }
        | ZipFault::SmallerThanClaimed { .. }
        | ZipFault::Checksum => &zip::CORRUPT,
        ZipFault::Special(_) => &archive::LINK,
        ZipFault::NameEncoding => &archive::NAME,
        ZipFault::NoEnd
        | ZipFault::MultiDisk
        | ZipFault::Zip64End
        | ZipFault::Signature(_)
        | ZipFault::RecordTruncated
        | ZipFault::ExtraField
        | ZipFault::Flags(_)
        | ZipFault::Version(_) => &archive::MALFORMED,
    }
}
