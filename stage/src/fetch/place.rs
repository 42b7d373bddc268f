//! Puts a file of a release where it belongs, verified: from the cache of downloads, or from the network.

use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use reqwest::Url;

use super::error::FetchFault;
use super::http::Http;
use super::partial::Partial;
use super::request::{Events, Origin};
use super::transfer::{Expected, Transfer};
use crate::base::digest::Digest;
use crate::base::{cache, failpoint, regular};
use crate::record::hash::measure;

/// A file at an address.
#[derive(Debug)]
pub(super) struct RemoteFile {
    /// Its name as an asset of the release.
    pub name: String,
    pub url: Url,
    /// The media type to request.
    pub accept: &'static str,
    pub expected: Expected,
}

/// Fetches one file after the other.
pub(super) struct Placer<'b> {
    pub http: &'b Http,
    /// The cache of downloads; `None` for no cache.
    pub cache: Option<&'b Path>,
    /// How often to retry after a try that made no progress.
    pub retries: u32,
    pub scratch: &'b Path,
    pub events: &'b dyn Events,
}

impl Placer<'_> {
    /// Makes sure that the verified file is at `path`.
    pub fn place(&self, file: &RemoteFile, path: &Path) -> Result<(Digest, Origin), FetchFault> {
        let Some(sha256) = file.expected.sha256 else {
            return self.without_cache(file, path);
        };
        if measure(path).is_ok_and(|(_, there)| there == sha256) {
            tracing::debug!(file = file.name, "already there");
            return Ok((sha256, Origin::Present));
        }
        let Some(cache) = self.cache else {
            return self.without_cache(file, path);
        };
        match self.through_cache(file, sha256, cache, path) {
            Err(FetchFault::Cache(error)) => {
                let cache = cache.display();
                self.events
                    .warning(&format!("going on without the cache in {cache}: {error}"));
                self.without_cache(file, path)
            }
            result => result,
        }
    }

    fn through_cache(
        &self,
        file: &RemoteFile,
        sha256: Digest,
        cache: &Path,
        path: &Path,
    ) -> Result<(Digest, Origin), FetchFault> {
        fs_err::create_dir_all(cache).map_err(FetchFault::Cache)?;
        let cached = cache.join(sha256.to_string());
        let temporary = self.scratch.join(&file.name);
        let copy = || copy(&cached, sha256, &temporary, path).map_err(FetchFault::Write);
        if copy()? {
            tracing::debug!(file = file.name, "cache hit");
            return Ok((sha256, Origin::Cache));
        }
        tracing::debug!(file = file.name, "cache miss");
        let incomplete = cache.join(format!("{}{sha256}", cache::INCOMPLETE));
        let Some(mut partial) = Partial::resume(&incomplete).map_err(FetchFault::Cache)? else {
            // Another process is downloading the same file.
            tracing::debug!(file = file.name, "locked by another process in the cache");
            return self.without_cache(file, path);
        };
        if partial.length() > 0 {
            tracing::debug!(file = file.name, from = partial.length(), "resuming");
        }
        match self.transfer(file).run(&mut partial) {
            Ok(_) => {}
            Err(FetchFault::Write(error)) => {
                // The partial file may have filled the disk.
                partial.discard();
                return Err(FetchFault::Cache(error));
            }
            Err(fault) => {
                if fault.is_of_the_content() || partial.length() == 0 {
                    partial.discard();
                }
                return Err(fault);
            }
        }
        failpoint::step(&format!("{} downloaded", file.name));
        partial.complete(&cached).map_err(FetchFault::Cache)?;
        failpoint::step(&format!("{} cached", file.name));
        if copy()? {
            Ok((sha256, Origin::Download))
        } else {
            Err(FetchFault::Cache(ErrorKind::InvalidData.into()))
        }
    }

    fn without_cache(
        &self,
        file: &RemoteFile,
        path: &Path,
    ) -> Result<(Digest, Origin), FetchFault> {
        let temporary = self.scratch.join(&file.name);
        let mut partial = Partial::create(&temporary).map_err(FetchFault::Write)?;
        match self.transfer(file).run(&mut partial) {
            Ok(digest) => {
                failpoint::step(&format!("{} downloaded", file.name));
                partial.complete(path).map_err(FetchFault::Write)?;
                Ok((digest, Origin::Download))
            }
            Err(fault) => {
                partial.discard();
                Err(fault)
            }
        }
    }

    fn transfer<'b>(&'b self, file: &'b RemoteFile) -> Transfer<'b> {
        Transfer {
            http: self.http,
            name: &file.name,
            url: &file.url,
            accept: file.accept,
            expected: file.expected,
            retries: self.retries,
            events: self.events,
        }
    }
}

/// Copies a file from the cache to `path`. Returns `false` if it is not there or is not what its name says;
/// then it is removed from the cache. An error is one of the copy.
fn copy(cached: &Path, sha256: Digest, temporary: &Path, path: &Path) -> io::Result<bool> {
    let mut from = match regular::open(cached) {
        Ok(from) => from,
        Err(error) => {
            if error.kind() == ErrorKind::InvalidInput {
                cache::discard(cached);
            }
            return Ok(false);
        }
    };
    let mut to = Partial::create(temporary)?;
    let mut buffer = vec![0; 256 << 10];
    // An error while reading the cache ends the copy, which then has another digest.
    while let Ok(count) = from.read(&mut buffer) {
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        to.write(bytes)?;
    }
    if to.digest() != sha256 {
        to.discard();
        tracing::debug!(path = %cached.display(), "damaged in the cache");
        cache::discard(cached);
        return Ok(false);
    }
    cache::note_use(cached);
    let name = path.file_name().unwrap_or_default();
    failpoint::step(&format!("{} copied", name.display()));
    to.complete(path)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_what_is_damaged_is_free_for_the_next_download() {
        crate::base::windows_rules::impose();
        let directory = tempfile::tempdir().unwrap();
        let cached = directory.path().join("cached");
        let (temporary, placed) = (cached.with_extension("tmp"), cached.with_extension("out"));
        let copy = || copy(&cached, Digest::of(b"content"), &temporary, &placed).unwrap();
        let damages: [&dyn Fn(); 3] = [
            &|| (),
            &|| fs_err::write(&cached, b"cont").unwrap(),
            &|| fs_err::create_dir_all(cached.join("a directory")).unwrap(),
        ];
        for damage in damages {
            damage();
            assert!(!copy());
            assert!(!cached.exists() && !temporary.exists() && !placed.exists());
            let mut download = Partial::create(&temporary).unwrap();
            download.write(b"content").unwrap();
            download.complete(&cached).unwrap();
            assert!(copy());
            assert_eq!(fs_err::read(&placed).unwrap(), b"content");
            fs_err::remove_file(&cached).unwrap();
            fs_err::remove_file(&placed).unwrap();
        }
    }
}
