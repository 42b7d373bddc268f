use std::io::{self, Read as _};
use std::path::Path;
use std::time::SystemTime;

use fs_err::File;

use super::address::Addresses;
use super::error::{self, Error, Fault};
use super::http::Http;
use super::partial::Partial;
use super::plan::{Plan, Wanted};
use super::request::{Events, Fetched, Origin, Request};
use super::token::Token;
use super::transfer::Transfer;
use crate::base::digest::Digest;
use crate::base::{cache, failpoint, parallel};
use crate::record::hash::measure;

/// Bytes that the cache of downloads may have; past it, what was not used for the longest time
/// goes. A release for six platforms has about 1 GB.
const MOST_CACHED: u64 = 4_000_000_000;

/// Fetches the runtimes of a release into the directory `out`, which is created. `scratch` is a directory on the same
/// disk, for this call only. Files appear in `out` when they are verified, and replace what has
/// their names there; if some cannot be fetched, the others are there all the same.
pub fn fetch<'a>(
    request: &Request<'a>,
    scratch: &Path,
    out: &Path,
    events: &dyn Events,
) -> Result<Vec<Fetched<'a>>, Error> {
    let text = request.product.release.as_ref().ok_or(Error::NoRelease)?;
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
    fs_err::create_dir_all(out).map_err(Error::Out)?;
    let fetcher = Fetcher {
        request,
        http: &http,
        scratch,
        out,
        events,
    };
    // One that fails stops no other: what is whole is kept, and all that is wrong is told at once.
    let results = parallel::map(request.jobs, &wanted, |wanted| {
        Ok::<_, std::convert::Infallible>(fetcher.fetch(wanted))
    });
    let results = results.unwrap_or_else(|never| match never {});
    if let Some(cache) = request.cache.filter(|cache| cache.exists()) {
        // A cache that is too large does no harm to this release.
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
    fn fetch(&self, wanted: &Wanted<'a>) -> Result<Fetched<'a>, Fault> {
        let path = self.out.join(&wanted.name);
        let (sha256, origin) = match (self.place(wanted, &path), &wanted.otherwise) {
            (Err(Fault::NotFound { .. }), Some(otherwise)) => return self.fetch(otherwise),
            (result, _) => result?,
        };
        let size = path.metadata().map_err(Fault::Write)?.len();
        // To the bars, one that was there is one that is done.
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

    /// Sees to it that the file is at its place.
    fn place(&self, wanted: &Wanted, path: &Path) -> Result<(Digest, Origin), Fault> {
        let Some(sha256) = wanted.expected.sha256 else {
            return self.without_cache(wanted, path);
        };
        if measure(path).is_ok_and(|(_, there)| there == sha256) {
            return Ok((sha256, Origin::Present));
        }
        let Some(cache) = self.request.cache else {
            return self.without_cache(wanted, path);
        };
        match self.through_cache(wanted, sha256, cache, path) {
            Err(Fault::Cache(error)) => {
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
    ) -> Result<(Digest, Origin), Fault> {
        fs_err::create_dir_all(cache).map_err(Fault::Cache)?;
        let cached = cache.join(sha256.to_string());
        if self.copy(&cached, wanted, sha256, path)? {
            return Ok((sha256, Origin::Cache));
        }
        let incomplete = cache.join(format!("{}{sha256}", cache::INCOMPLETE));
        let Some(mut partial) = Partial::resume(&incomplete).map_err(Fault::Cache)? else {
            // Another process downloads the same file.
            return self.without_cache(wanted, path);
        };
        match self.transfer(wanted).run(&mut partial) {
            Ok(_) => {}
            Err(Fault::Write(error)) => {
                // The disk may be full because of it.
                partial.discard();
                return Err(Fault::Cache(error));
            }
            Err(fault) => {
                if fault.is_of_the_content() || partial.length() == 0 {
                    partial.discard();
                }
                return Err(fault);
            }
        }
        failpoint::step(&format!("{} downloaded", wanted.name));
        partial.complete(&cached).map_err(Fault::Cache)?;
        failpoint::step(&format!("{} cached", wanted.name));
        if self.copy(&cached, wanted, sha256, path)? {
            Ok((sha256, Origin::Download))
        } else {
            Err(Fault::Cache(io::ErrorKind::InvalidData.into()))
        }
    }

    /// Copies a file of the cache to its place, if it is there and what it should be.
    fn copy(
        &self,
        cached: &Path,
        wanted: &Wanted,
        sha256: Digest,
        path: &Path,
    ) -> Result<bool, Fault> {
        let Ok(mut from) = File::open(cached) else {
            return Ok(false);
        };
        let temporary = self.scratch.join(&wanted.name);
        let mut to = Partial::create(&temporary).map_err(Fault::Write)?;
        let mut buffer = vec![0; 256 << 10];
        // An error of the cache ends the copy, which then has another digest.
        while let Ok(count) = from.read(&mut buffer) {
            let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else {
                break;
            };
            to.write(bytes).map_err(Fault::Write)?;
        }
        if to.digest() != sha256 {
            to.discard();
            // Whether it can be removed or not, it is not used. A directory must go too: no file can
            // take its name.
            let _ = fs_err::remove_file(cached).or_else(|_| fs_err::remove_dir_all(cached));
            return Ok(false);
        }
        // The time of the last use, for pruning.
        let _ = from.file().set_modified(SystemTime::now());
        failpoint::step(&format!("{} copied", wanted.name));
        to.complete(path).map_err(Fault::Write)?;
        Ok(true)
    }

    fn without_cache(&self, wanted: &Wanted, path: &Path) -> Result<(Digest, Origin), Fault> {
        let temporary = self.scratch.join(&wanted.name);
        let mut partial = Partial::create(&temporary).map_err(Fault::Write)?;
        match self.transfer(wanted).run(&mut partial) {
            Ok(digest) => {
                failpoint::step(&format!("{} downloaded", wanted.name));
                partial.complete(path).map_err(Fault::Write)?;
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
