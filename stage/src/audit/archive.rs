//! Which rule a fault of an archive breaks.
//!
//! The readers stop at the first fault: what such an archive holds depends on who reads it, so no
//! other rule is held against it.

use std::io;
use std::path::Path;

use super::error::AuditError;
use super::finding::Findings;
use super::kind::SubjectKind;
use super::outcome::Audit;
use super::rule::Rule;
use super::rules;
use crate::contents::{self, Contents};
use strict_archive::zip::ZipFault;
use strict_archive::{Escaped, Fault as ArchiveFault, TreeFault};

/// Audits an artifact that a reader failed on. A fault of the archive is a finding; one of the
/// system is an error.
pub(super) fn audit_unreadable(
    path: &Path,
    kind: SubjectKind,
    error: contents::ContentsError,
) -> Result<Audit, AuditError> {
    let error = match error {
        contents::ContentsError::Io(error) => return Err(error.into()),
        contents::ContentsError::Container(error) => error,
    };
    if matches!(error.fault(), ArchiveFault::Io(_)) {
        return Err(AuditError::Io(io::Error::other(error.to_string())));
    }
    let mut findings = Findings::default();
    add(&error, &mut findings);
    Ok(Audit::new(path, kind, &Contents::default(), findings))
}

/// Adds what a reader has against an archive.
fn add(error: &strict_archive::Error, findings: &mut Findings) {
    let rule = rule(error.fault());
    let detail = error.fault().to_string();
    match error.entry() {
        Some(name) => findings.add_at(rule, Escaped(name).to_string(), detail),
        None => findings.add(rule, detail),
    }
}

fn rule(fault: &ArchiveFault) -> &'static Rule {
    match fault {
        ArchiveFault::Name(_) => &rules::archive::NAME,
        ArchiveFault::Tree(TreeFault::Duplicate) => &rules::archive::DUPLICATE,
        ArchiveFault::Tree(_) => &rules::archive::COLLISION,
        ArchiveFault::Link(_) => &rules::archive::LINK,
        ArchiveFault::Limit(_) => &rules::archive::TOO_LARGE,
        ArchiveFault::Zip(fault) => rule_of_zip(fault),
        ArchiveFault::Io(_)
        | ArchiveFault::Gzip(_)
        | ArchiveFault::Zstd(_)
        | ArchiveFault::Xz(_)
        | ArchiveFault::Tar(_) => &rules::archive::MALFORMED,
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
