use std::cmp::Reverse;
use std::num::NonZeroUsize;
use std::sync::Arc;

use super::error::ContentsError;
use super::files::Contents;
use super::sink::{Sink, TextBudget};
use super::sparse::NotKept;
use super::stream;
use crate::base::parallel;
use strict_archive::ReadAt;
use strict_archive::zip::{Archive, EntryKind};

/// Reads a zip archive, several entries at once.
pub fn read_zip<S: ReadAt>(
    archive: &Archive<S>,
    jobs: NonZeroUsize,
) -> Result<Contents, ContentsError> {
    let of_kind = |kind| {
        archive
            .entries()
            .iter()
            .filter(move |entry| entry.kind == kind)
    };
    let mut files = of_kind(EntryKind::File).collect::<Vec<_>>();
    // The largest first: whatever comes last keeps one thread busy and the others waiting.
    files.sort_by_key(|entry| Reverse(entry.size));
    let texts = TextBudget::new();
    let files = parallel::map(jobs, &files, |entry| -> Result<_, ContentsError> {
        let path = entry.name.as_str();
        let read = |skips: bool| {
            let mut sink = Sink::new(path, entry.mode, entry.size, &texts);
            if skips {
                sink.skip();
            }
            stream::fill(sink, entry.size, &mut archive.content(entry), jobs)
        };
        let file = match read(true) {
            Err(ContentsError::Io(error)) if NotKept::is_cause(&error) => read(false)?,
            read => read?,
        };
        Ok((path.to_owned(), Arc::new(file)))
    })?;
    let links = of_kind(EntryKind::Symlink).map(|entry| entry.name.as_str().to_owned());
    Ok(Contents::new(files, links.collect()))
}
