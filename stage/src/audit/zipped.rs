//! Rules over zip archives that can be read.

use super::finding::Findings;
use crate::audit::rules;
use crate::contents::Contents;
use strict_archive::ReadAt;
use strict_archive::zip::Archive;

/// PyPI's bound of what an archive unpacks to, in sizes of the archive.
const MOST_RATIO: u64 = 50;

/// Content up to this size is taken at any ratio.
const RATIO_FROM: u64 = 64 << 20;

/// Holds the structure of an archive against what registries take.
pub(super) fn check<S: ReadAt>(archive: &Archive<S>, findings: &mut Findings) {
    let rule = &rules::zip::COMMENT;
    match archive.comment_len() {
        0 => {}
        len => findings.add(rule, format!("it has {len} bytes of comment")),
    }
    let mut unpacked = 0_u64;
    for entry in archive.entries() {
        let name = entry.name.as_str();
        if entry.data_descriptor {
            let rule = &rules::zip::DESCRIPTOR;
            findings.add_at(rule, name, "its sizes are in a data descriptor");
        }
        if entry.comment_len > 0 {
            let detail = format!("it has {} bytes of comment", entry.comment_len);
            findings.add_at(&rules::zip::ENTRY_COMMENT, name, detail);
        }
        unpacked = unpacked.saturating_add(entry.size);
    }
    let size = archive.size();
    if unpacked > RATIO_FROM && unpacked / MOST_RATIO > size {
        let detail = format!("it has {size} bytes and unpacks to {unpacked}");
        findings.add(&rules::zip::RATIO, detail);
    }
}

/// Holds the modes of files against what tools make of them that keep modes.
pub(super) fn check_modes(contents: &Contents, findings: &mut Findings) {
    let files = |is_odd: fn(u32) -> bool| {
        let mut odd = contents
            .iter()
            .filter(move |(_, file)| file.mode.is_some_and(|mode| is_odd(mode & 0o7777)));
        let first = odd.next();
        first.map(|(path, file)| (path, file.mode.unwrap_or(0) & 0o7777, odd.count()))
    };
    for (rule, is_odd) in [
        (
            &rules::zip::MODE_SPECIAL,
            (|mode| mode & 0o7000 != 0) as fn(u32) -> bool,
        ),
        (&rules::zip::MODE_UNREADABLE, |mode| mode & 0o400 == 0),
        (&rules::zip::MODE_WRITABLE, |mode| mode & 0o002 != 0),
    ] {
        if let Some((path, mode, others)) = files(is_odd) {
            let others = match others {
                0 => String::new(),
                1 => ", and so does another file".to_owned(),
                others => format!(", and so do {others} other files"),
            };
            findings.add_at(rule, path, format!("it has mode {mode:04o}{others}"));
        }
    }
}
