//! The contents of new artifacts, without reading them: `stage` has hashed the bundle, and has just
//! written the rest.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;

use crate::base::digest::Digest;
use crate::base::parallel;
use crate::bundle::Bundle;
use crate::contents::{Contents, File, MOST_TEXT, Object, is_metadata};
use crate::package::entry::{Body, Entry};
use native_claims::facts::{self, PageHashes};
use strict_archive::{DiskFile, ReadAt as _};

impl Contents {
    /// Returns the contents of a bundle. Reads the facts of its executables, libraries and scripts.
    pub fn of_bundle(bundle: &Bundle, jobs: NonZeroUsize) -> io::Result<Self> {
        let files = parallel::map(jobs, bundle.files(), |file| -> io::Result<_> {
            let source = DiskFile::open(&bundle.path_of(file))?;
            let path = file.path.as_str();
            let text = is_metadata(path) && file.size <= MOST_TEXT;
            let text = text.then(|| {
                let mut text = vec![0; usize::try_from(file.size).unwrap_or_default()];
                source.read_exact_at(&mut text, 0).map(|()| text)
            });
            let read = File {
                mode: Some(if file.executable { 0o755 } else { 0o644 }),
                size: file.size,
                sha256: file.sha256,
                object: Object::new(facts::read_signed(&mut source.file(), &file.pages))?,
                text: text.transpose()?,
                kept: None,
            };
            Ok((path.to_owned(), Arc::new(read)))
        })?;
        Ok(Self::new(files, Vec::new()))
    }

    /// Returns the contents of an archive with these entries, made from a bundle with these contents.
    #[must_use]
    pub fn of_entries(entries: Vec<Entry>, bundle: &Self) -> Self {
        let mut files = Vec::with_capacity(entries.len());
        for entry in entries {
            let mode = Some(entry.mode());
            let known = match entry.body {
                Body::Literal(bytes) => {
                    let file = File::of_literal(&entry.name, bytes);
                    Some(Arc::new(File { mode, ..file }))
                }
                Body::File(file) => bundle.get_shared(file.path.as_str()),
            };
            files.extend(known.map(|file| (entry.name, file)));
        }
        Self::new(files, Vec::new())
    }
}

impl File {
    /// Makes a file with these bytes.
    #[must_use]
    pub fn of_literal(path: &str, bytes: Vec<u8>) -> Self {
        let unhashed = PageHashes::default();
        let facts = facts::read_signed(&mut io::Cursor::new(&bytes), &unhashed);
        Self {
            mode: None,
            size: bytes.len() as u64,
            sha256: Digest::of(&bytes),
            // Reading bytes in memory cannot fail.
            object: Object::new(facts).unwrap_or(Object::None),
            text: is_metadata(path).then_some(bytes),
            kept: None,
        }
    }
}
