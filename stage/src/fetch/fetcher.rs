use std::io::{self, Read as _};
use std::path::Path;
use std::time::SystemTime;

use fs_err::File;

use super::address::Addresses;
use super::error::{self, FetchError, FetchFault};
use super::http::Http;
use super::partial::Partial;
use super::plan::{Plan, Wanted};
use super::request::{Events, Fetched, Origin, Request};
use super::token::Token;
use super::transfer::Transfer;
use crate::base::digest::Digest;
use crate::base::{cache, failpoint, parallel};
use crate::record::hash::measure;

/// The largest size of the cache of downloads, in bytes. Beyond it, the least recently used files
/// are removed. A release for six platforms has about 1 GB.
const MOST_CACHED: u64 = 4_000_000_000;

/// Fetches the runtimes of a release into the directory `out`, which is created.
///
/// `scratch` is a directory on the same disk, for this call only. A file appears in `out` only
/// after it is verified, and replaces a file of the same name. If some files cannot be fetched, the
/// others are kept, and the error names all that failed.
pub fn fetch<'a>(
    request: &Request<'a>,
    scratch: &Path,
    out: &Path,
    events: &dyn Events,
) -> Result<Vec<Fetched<'a>>, FetchError> {
    let text = request
        .product
        .release
        .as_ref()
        .ok_or(FetchError::NoRelease)?;
    let tag = request.product.release_tag(request.version);
    let addresses = Addresses::new(text, request.base, &tag);
    let token = Token::from_environment(addresses.trusted())?;
    let http = Http::new(token, request.silence)?;
    let wanted = Plan::read(request, text, &addresses, &http, events)?.wanted(request)?;
    for wanted in &wanted {
        if let Some(size) = wanted.expected.size {
            events.size(&wanted.name, size);
        }
    }
    fs_err::create_dir_all(out).map_err(FetchError::Out)?;
    let fetcher = Fetcher {
        request,
        http: &http,
        scratch,
        out,
        events,
    };
    // A failure does not stop the other downloads. Complete files are kept, and all failures are
    // reported at once.
    let results = parallel::map(request.jobs, &wanted, |wanted| {
        Ok::<_, std::convert::Infallible>(fetcher.fetch(wanted))
    });
    let results = results.unwrap_or_else(|never| match never {});
    if let Some(cache) = request.cache.filter(|cache| cache.exists()) {
        // A cache that stays too large does not harm this release.
        let _ = cache::prune(cache, MOST_CACHED);
    }
    let mut files = Vec::new();
    let mut failed = Vec::new();
    for (wanted, result) in wanted.iter().zip(results) {
        match result {
            Ok(file) => files.push(file),
            Err(fault) => failed.push((wanted.name.clone(), fault)),
        }
    }
    error::all_or(files, failed)
}

/// Fetches one file after the other.
struct Fetcher<'a, 'b> {
    request: &'b Request<'a>,
    http: &'b Http,
    scratch: &'b Path,
    out: &'b Path,
    events: &'b dyn Events,
}

impl<'a> Fetcher<'a, '_> {
    fn fetch(&self, wanted: &Wanted<'a>) -> Result<Fetched<'a>, FetchFault> {
        let path = self.out.join(&wanted.name);
        let (sha256, origin) = match (self.place(wanted, &path), &wanted.otherwise) {
            (Err(FetchFault::NotFound { .. }), Some(otherwise)) => return self.fetch(otherwise),
            (result, _) => result?,
        };
        let size = path.metadata().map_err(FetchFault::Write)?.len();
        // The progress bars show a file that was present as done.
        self.events.size(&wanted.name, size);
        self.events.position(&wanted.name, size);
        Ok(Fetched {
            platform: wanted.platform,
            name: wanted.name.clone(),
            path,
            size,
            sha256,
            verified_by: wanted.verified_by,
            origin,
        })
    }

    /// Makes sure that the verified file is at `path`.
    fn place(&self, wanted: &Wanted, path: &Path) -> Result<(Digest, Origin), FetchFault> {
        let Some(sha256) = wanted.expected.sha256 else {
            return self.without_cache(wanted, path);
        };
        if measure(path).is_ok_and(|(_, there)| there == sha256) {
            tracing::debug!(file = wanted.name, "already there");
            return Ok((sha256, Origin::Present));
        }
        let Some(cache) = self.request.cache else {
            return self.without_cache(wanted, path);
        };
        match self.through_cache(wanted, sha256, cache, path) {
            Err(FetchFault::Cache(error)) => {
                let cache = cache.display();
                self.events
                    .warning(&format!("going on without the cache in {cache}: {error}"));
                self.without_cache(wanted, path)
            }
            result => result,
        }
    }

    fn through_cache(
        &self,
        wanted: &Wanted,
        sha256: Digest,
        cache: &Path,
        path: &Path,
    ) -> Result<(Digest, Origin), FetchFault> {
        fs_err::create_dir_all(cache).map_err(FetchFault::Cache)?;
        let cached = cache.join(sha256.to_string());
        if self.copy(&cached, wanted, sha256, path)? {
            tracing::debug!(file = wanted.name, "cache hit");
            return Ok((sha256, Origin::Cache));
        }
        tracing::debug!(file = wanted.name, "cache miss");
        let incomplete = cache.join(format!("{}{sha256}", cache::INCOMPLETE));
        let Some(mut partial) = Partial::resume(&incomplete).map_err(FetchFault::Cache)? else {
            // Another process is downloading the same file.
            tracing::debug!(file = wanted.name, "locked by another process in the cache");
            return self.without_cache(wanted, path);
        };
        if partial.length() > 0 {
            tracing::debug!(file = wanted.name, from = partial.length(), "resuming");
        }
        match self.transfer(wanted).run(&mut partial) {
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
        failpoint::step(&format!("{} downloaded", wanted.name));
        partial.complete(&cached).map_err(FetchFault::Cache)?;
        failpoint::step(&format!("{} cached", wanted.name));
        if self.copy(&cached, wanted, sha256, path)? {
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
        wanted: &Wanted,
        sha256: Digest,
        path: &Path,
    ) -> Result<bool, FetchFault> {
        let Ok(mut from) = File::open(cached) else {
            return Ok(false);
        };
        let temporary = self.scratch.join(&wanted.name);
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
            tracing::debug!(file = wanted.name, "damaged in the cache");
            // It is not used, even if it cannot be removed. A directory must be removed too, since
            // no file can take its name.
            let _ = fs_err::remove_file(cached).or_else(|_| fs_err::remove_dir_all(cached));
            return Ok(false);
        }
        // The time of the last use, for pruning.
        let _ = from.file().set_modified(SystemTime::now());
        failpoint::step(&format!("{} copied", wanted.name));
        to.complete(path).map_err(FetchFault::Write)?;
        Ok(true)
    }

    fn without_cache(&self, wanted: &Wanted, path: &Path) -> Result<(Digest, Origin), FetchFault> {
        let temporary = self.scratch.join(&wanted.name);
        let mut partial = Partial::create(&temporary).map_err(FetchFault::Write)?;
        match self.transfer(wanted).run(&mut partial) {
            Ok(digest) => {
                failpoint::step(&format!("{} downloaded", wanted.name));
                partial.complete(path).map_err(FetchFault::Write)?;
                Ok((digest, Origin::Download))
            }
            Err(fault) => {
                partial.discard();
                Err(fault)
            }
        }
    }

    fn transfer<'b>(&'b self, wanted: &'b Wanted) -> Transfer<'b> {
        Transfer {
            http: self.http,
            name: &wanted.name,
            url: &wanted.url,
            accept: wanted.accept,
            expected: wanted.expected,
            retries: self.request.retries,
            events: self.events,
        }
    }
}
