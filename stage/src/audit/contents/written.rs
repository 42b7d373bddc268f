//! Contents that need not be read: `stage` has just written them.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZeroUsize;

use super::{Contents, File, Object, is_metadata};
use crate::audit::facts;
use crate::bundle::{Bundle, BundlePath};
use crate::container::DiskFile;
use crate::digest::Digest;
use crate::package::entry::{Body, Entry};
use crate::parallel;

/// What the files of a bundle say of themselves.
#[derive(Clone, Debug, Default)]
pub struct Objects(BTreeMap<BundlePath, Object>);

impl Objects {
    /// Reads the executables, libraries and scripts of a bundle; nothing else is opened twice.
    pub fn read(bundle: &Bundle, jobs: NonZeroUsize) -> io::Result<Self> {
        let objects = parallel::map(jobs, bundle.files(), |file| -> io::Result<_> {
            let source = DiskFile::open(&bundle.path_of(file))?;
            Ok((file.path.clone(), Object::new(facts::read(&source))?))
        })?;
        Ok(Self(objects.into_iter().collect()))
    }

    /// What the file at a path of the bundle says.
    #[must_use]
    pub fn get(&self, path: &BundlePath) -> &Object {
        self.0.get(path).unwrap_or(&Object::None)
    }
}

impl Contents {
    /// What an archive of these entries has in it.
    #[must_use]
    pub fn of_entries(entries: &[Entry], objects: &Objects) -> Self {
        let mut contents = Self::default();
        for entry in entries {
            let file = match &entry.body {
                Body::Literal(bytes) => File::of_literal(&entry.name, bytes),
                Body::File(file) => File {
                    mode: None,
                    size: file.size,
                    sha256: file.sha256,
                    object: objects.get(&file.path).clone(),
                    text: None,
                },
            };
            let mode = Some(entry.mode());
            contents.insert(entry.name.clone(), File { mode, ..file });
        }
        contents
    }

    /// Adds a file.
    pub fn insert(&mut self, path: String, file: File) {
        self.files.insert(path, file);
    }
}

impl File {
    /// A file with these bytes, which `stage` has made itself.
    #[must_use]
    pub fn of_literal(path: &str, bytes: &[u8]) -> Self {
        Self {
            mode: None,
            size: bytes.len() as u64,
            sha256: Digest::of(bytes),
            // Bytes in memory are read without an error of the system.
            object: Object::new(facts::read(&bytes)).unwrap_or(Object::None),
            text: is_metadata(path).then(|| bytes.to_vec()),
        }
    }
}
