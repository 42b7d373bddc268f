//! Which rule a fault of an archive breaks.
//!
//! The readers stop at the first fault: what such an archive holds depends on who reads it, so no
//! other rule is held against it.

use super::finding::Findings;
use super::rule::Rule;
use crate::audit::rules;
use strict_archive::zip::Fault as ZipFault;
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
        Fault::Name(_) => &rules::archive::NAME,
        Fault::Tree(TreeFault::Duplicate) => &rules::archive::DUPLICATE,
        Fault::Tree(_) => &rules::archive::COLLISION,
        Fault::Link(_) => &rules::archive::LINK,
        Fault::Limit(_) => &rules::archive::TOO_LARGE,
        Fault::Zip(fault) => rule_of_zip(fault),
        Fault::Io(_) | Fault::Gzip(_) | Fault::Zstd(_) | Fault::Tar(_) => {
            &rules::archive::MALFORMED
        }
    }
}

fn rule_of_zip(fault: &ZipFault) -> &'static Rule {
    match fault {
        ZipFault::Encrypted => &rules::zip::ENCRYPTED,
        ZipFault::Method(_) => &rules::zip::METHOD,
        ZipFault::Trailing(_) => &rules::zip::TRAILING,
        ZipFault::Zip64Extensible => &rules::zip::EXTENSIBLE,
        ZipFault::TwoEnds
        | ZipFault::DirectoryPlace
        | ZipFault::Overlap
        | ZipFault::Gap(_)
        | ZipFault::NoEntries(_)
        | ZipFault::DirectoryContent
        | ZipFault::Surplus(_) => &rules::zip::HIDDEN,
        ZipFault::EndsDisagree(_)
        | ZipFault::DirectoryCount { .. }
        | ZipFault::Zip64Field
        | ZipFault::UnicodePath
        | ZipFault::DirectoryKind
        | ZipFault::HeadersDisagree(_)
        | ZipFault::Descriptor => &rules::zip::DISAGREE,
        ZipFault::Corrupt
        | ZipFault::Short
        | ZipFault::LargerThanClaimed { .. }
        | ZipFault::SmallerThanClaimed { .. }
        | ZipFault::Checksum => &rules::zip::CORRUPT,
        ZipFault::Special(_) => &rules::archive::LINK,
        ZipFault::NameEncoding => &rules::archive::NAME,
        ZipFault::NoEnd
        | ZipFault::MultiDisk
        | ZipFault::Zip64End
        | ZipFault::Signature(_)
        | ZipFault::RecordTruncated
        | ZipFault::ExtraField
        | ZipFault::Flags(_)
        | ZipFault::Version(_) => &rules::archive::MALFORMED,
    }
}
