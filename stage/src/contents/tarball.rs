use std::collections::BTreeMap;
use std::io::Read;
use std::num::NonZeroUsize;
use std::sync::Arc;

use super::error::ContentsError;
use super::files::Contents;
use super::metadata::is_kept;
use super::sink::{Sink, TextBudget};
use super::stream;
use strict_archive::tar::{EntryKind, Reader, Spelling};

/// Reads a tar archive from front to back, whatever its compression.
pub fn read_tar(reader: Reader<impl Read>, jobs: NonZeroUsize) -> Result<Contents, ContentsError> {
    let mut reader = reader.with_loose_names();
    let texts = TextBudget::new();
    let (mut files, mut links) = (Vec::new(), Vec::new());
    let mut spellings = BTreeMap::new();
    while let Some(entry) = reader.next_entry()? {
        let path = entry.name.as_str();
        match entry.kind {
            EntryKind::Directory => {}
            EntryKind::Symlink(_) | EntryKind::HardLink(_) => links.push(path.to_owned()),
            EntryKind::File => {
                let mut sink = Sink::new(path, Some(entry.mode), entry.size, &texts);
                if is_kept(path) {
                    sink.keep();
                }
                let file = stream::fill(sink, entry.size, &mut reader, jobs)?;
                if entry.spelling != Spelling::default() {
                    spellings.insert(path.to_owned(), entry.spelling);
                }
                files.push((path.to_owned(), Arc::new(file)));
            }
        }
    }
    Ok(Contents {
        spellings,
        ..Contents::new(files, links)
    })
}
