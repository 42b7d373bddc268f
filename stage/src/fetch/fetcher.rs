use std::path::Path;

use super::address::Addresses;
use super::error::{self, FetchError, FetchFault};
use super::http::Http;
use super::place::Placer;
use super::plan::{Plan, Wanted};
use super::request::{Events, Fetched, Request};
use super::token::Token;
use crate::base::{cache, parallel};

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
        if let Some(size) = wanted.file.expected.size {
            events.size(&wanted.file.name, size);
        }
    }
    fs_err::create_dir_all(out).map_err(FetchError::Out)?;
    let placer = Placer {
        http: &http,
        cache: request.cache,
        retries: request.retries,
        scratch,
        events,
    };
    let fetcher = Fetcher { placer, out };
    // A failure does not stop the other downloads. Complete files are kept, and all failures are
    // reported at once.
    let results = parallel::map(request.jobs, &wanted, |wanted| {
        Ok::<_, std::convert::Infallible>(fetcher.fetch(wanted))
    });
    let results = results.unwrap_or_else(|never| match never {});
    prune(request.cache);
    let mut files = Vec::new();
    let mut failed = Vec::new();
    for (wanted, result) in wanted.iter().zip(results) {
        match result {
            Ok(file) => files.push(file),
            Err(fault) => failed.push((wanted.file.name.clone(), fault)),
        }
    }
    error::all_or(files, failed)
}

/// Keeps the cache of downloads from growing for ever.
pub(super) fn prune(cache: Option<&Path>) {
    if let Some(cache) = cache.filter(|cache| cache.exists()) {
        // A cache that stays too large does not harm this release.
        let _ = cache::prune(cache, MOST_CACHED);
    }
}

/// Fetches one file after the other.
struct Fetcher<'b> {
    placer: Placer<'b>,
    out: &'b Path,
}

impl Fetcher<'_> {
    fn fetch<'a>(&self, wanted: &Wanted<'a>) -> Result<Fetched<'a>, FetchFault> {
        let name = &wanted.file.name;
        let path = self.out.join(name);
        let placed = self.placer.place(&wanted.file, &path);
        let (sha256, origin) = match (placed, &wanted.otherwise) {
            (Err(FetchFault::NotFound { .. }), Some(otherwise)) => return self.fetch(otherwise),
            (result, _) => result?,
        };
        let size = path.metadata().map_err(FetchFault::Write)?.len();
        // The progress bars show a file that was present as done.
        self.placer.events.size(name, size);
        self.placer.events.position(name, size);
        Ok(Fetched {
            platform: wanted.platform,
            name: name.clone(),
            path,
            size,
            sha256,
            verified_by: wanted.verified_by,
            origin,
        })
    }
}
