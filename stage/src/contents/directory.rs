use std::cmp::Reverse;
use std::io::{self, Read as _};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use super::error::ContentsError;
use super::files::Contents;
use super::sink::{Sink, TextBudget};
use crate::base::parallel;
use strict_archive::{EntryName, Limits, NameTree};

/// Reads everything below a directory, several files at once. Lists links and does not follow them,
/// except in the directory of a crate: there Cargo packages the files that they lead to.
pub fn read_directory(
    root: &Path,
    limits: Limits,
    jobs: NonZeroUsize,
) -> Result<Contents, ContentsError> {
    let mut walk = Walk {
        root,
        limits,
        is_crate: root.join("Cargo.toml").is_file(),
        bytes: 0,
        names: NameTree::default(),
        files: Vec::new(),
        links: Vec::new(),
    };
    walk.directory(root, "")?;
    walk.files.sort_by_key(|(_, size)| Reverse(*size));
    let texts = TextBudget::new();
    let files = parallel::map(
        jobs,
        &walk.files,
        |(path, size)| -> Result<_, ContentsError> {
            let mut file = fs_err::File::open(root.join(path))?;
            let mut sink = Sink::new(path, mode(&file.metadata()?), *size, &texts);
            let mut buffer = vec![0; 128 * 1024];
            loop {
                match file.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(len) => sink.write(&buffer[..len])?,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Ok((path.clone(), Arc::new(sink.finish()?)))
        },
    )?;
    Ok(Contents::new(files, walk.links))
}

/// What Cargo leaves out of a crate.
const NOT_PACKAGED: [&[u8]; 2] = [b".git", b"target"];

struct Walk<'a> {
    root: &'a Path,
    limits: Limits,
    is_crate: bool,
    /// Bytes of all files so far.
    bytes: u64,
    names: NameTree,
    /// Paths and sizes.
    files: Vec<(String, u64)>,
    links: Vec<String>,
}

impl Walk<'_> {
    /// Visits the directory whose path from the root is `prefix`. The limit on the length of a name
    /// bounds the depth.
    fn directory(&mut self, directory: &Path, prefix: &str) -> Result<(), ContentsError> {
        // Sorted, so that the same one of several faults is found every time.
        let entries = fs_err::read_dir(directory)?;
        let mut entries = entries.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs_err::DirEntry::file_name);
        for entry in entries {
            let raw = [prefix.as_bytes(), entry.file_name().as_encoded_bytes()].concat();
            if self.is_crate && NOT_PACKAGED.contains(&&*raw) {
                continue;
            }
            let file_type = entry.file_type()?;
            let name = self.name(&raw, file_type.is_dir())?;
            let path = name.as_str();
            if file_type.is_dir() {
                self.directory(&entry.path(), &format!("{path}/"))?;
                continue;
            }
            let followed = self.is_crate && file_type.is_symlink();
            let metadata = if followed {
                fs_err::metadata(entry.path()).ok()
            } else {
                Some(entry.metadata()?)
            };
            match metadata.filter(std::fs::Metadata::is_file) {
                Some(metadata) => {
                    let counted = self.limits.add_bytes(self.bytes, metadata.len());
                    let fault = |error| strict_archive::Error::in_entry(self.root, &raw, error);
                    self.bytes = counted.map_err(fault)?;
                    self.files.push((path.to_owned(), metadata.len()));
                }
                None => self.links.push(path.to_owned()),
            }
        }
        Ok(())
    }

    fn name(&mut self, raw: &[u8], is_directory: bool) -> Result<EntryName, strict_archive::Error> {
        let fault =
            |fault: strict_archive::Fault| strict_archive::Error::in_entry(self.root, raw, fault);
        let name = EntryName::parse(raw).map_err(|error| fault(error.into()))?;
        let inserted = self.names.insert(&name, is_directory);
        inserted.map_err(|error| fault(error.into()))?;
        let counted = self.limits.check_entries(self.names.len());
        counted.map_err(|error| fault(error.into()))?;
        Ok(name)
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have no modes")]
fn mode(metadata: &std::fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(metadata.permissions().mode())
}

#[cfg(not(unix))]
fn mode(_: &std::fs::Metadata) -> Option<u32> {
    None
}
