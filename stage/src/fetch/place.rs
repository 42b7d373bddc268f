//! Puts a file of a release where it belongs, verified: from the cache of downloads, or from the network.

use std::io::{self, Read as _};
use std::path::Path;
use std::time::SystemTime;

use fs_err::File;
use reqwest::Url;

use super::error::FetchFault;
use super::http::Http;
use super::partial::Partial;
use super::request::{Events, Origin};
use super::transfer::{Expected, Transfer};
use crate::base::digest::Digest;
use crate::base::{cache, failpoint};
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
        if self.copy(&cached, file, sha256, path)? {
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
        if self.copy(&cached, file, sha256, path)? {
            Ok((sha256, Origin::Download))
        } else {
            Err(FetchFault::Cache(io::ErrorKind::InvalidData.into()))
        }
    }

    /// Copies a file from the cache to `path`. Returns `false` if it is not there or has another
    /// digest; then it is removed from the cache.
    fn copy(
        &self,
        cached: &Path,
        file: &RemoteFile,
        sha256: Digest,
        path: &Path,
    ) -> Result<bool, FetchFault> {
        let Ok(mut from) = File::open(cached) else {
            return Ok(false);
        };
        let temporary = self.scratch.join(&file.name);
        let mut to = Partial::create(&temporary).map_err(FetchFault::Write)?;
        let mut buffer = vec![0; 256 << 10];
        // An error while reading the cache ends the copy, which then has another digest.
        while let Ok(count) = from.read(&mut buffer) {
            let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else {
                break;
            };
            to.write(bytes).map_err(FetchFault::Write)?;
        }
        if to.digest() != sha256 {
            to.discard();
            // On Windows, its name is free only when it is closed.
            drop(from);
            tracing::debug!(file = file.name, "damaged in the cache");
            // It is not used, even if it cannot be removed. A directory must be removed too, since
            // no file can take its name.
            let _ = fs_err::remove_file(cached).or_else(|_| fs_err::remove_dir_all(cached));
            return Ok(false);
        }
        // The time of the last use, for pruning.
        let _ = from.file().set_modified(SystemTime::now());
        failpoint::step(&format!("{} copied", file.name));
        to.complete(path).map_err(FetchFault::Write)?;
        Ok(true)
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
