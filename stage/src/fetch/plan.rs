//! What a release contains, and which of its files are wanted.

use reqwest::Url;

use super::address::{Addresses, shown};
use super::checksums::Checksums;
use super::error::{self, FetchError, FetchFault};
use super::http::Http;
use super::listing::{Asset, Listing};
use super::place::RemoteFile;
use super::request::{Events, Request, VerifiedBy};
use super::retry::Patience;
use super::transfer::Expected;
use crate::base::digest::Digest;
use crate::product::Platform;
use crate::product::ReleaseText;

/// The media type that GitHub's API is asked for.
pub(super) const API_ANSWER: &str = "application/vnd.github+json";

/// The media type that an asset is requested with. For it, GitHub's API sends the bytes of an asset
/// and not a description.
pub(super) const BYTES: &str = "application/octet-stream";

/// What is known about a release.
pub(super) struct Plan<'a> {
    text: &'a ReleaseText,
    addresses: &'a Addresses<'a>,
    /// Whether the API gets a token.
    has_token: bool,
    /// `None` where there is no API.
    listing: Option<Listing>,
    /// Empty if the release has no file of digests.
    checksums: Checksums,
}

/// A file to fetch.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub platform: &'a Platform,
    pub file: RemoteFile,
    pub verified_by: VerifiedBy,
    /// What to fetch if this file does not exist. Set only where no source says which files exist.
    pub otherwise: Option<Box<Wanted<'a>>>,
}

/// Requests something small, as often as it takes; `None` if it does not exist.
fn ask(
    url: &Url,
    accept: &str,
    http: &Http,
    retries: u32,
    events: &dyn Events,
) -> Result<Option<Vec<u8>>, FetchFault> {
    let mut patience = Patience::new(retries);
    loop {
        match http.read(url, accept) {
            Ok(bytes) => return Ok(Some(bytes)),
            Err(FetchFault::NotFound { .. }) => return Ok(None),
            Err(fault) => patience.wait(fault, &shown(url), events)?,
        }
    }
}

impl<'a> Plan<'a> {
    /// Asks the API and reads the file of digests. Either may be missing.
    pub fn read(
        request: &Request,
        text: &'a ReleaseText,
        addresses: &'a Addresses<'a>,
        http: &Http,
        events: &dyn Events,
    ) -> Result<Self, FetchError> {
        let ask = |url: &Url, accept| ask(url, accept, http, request.retries, events);
        let about = |url: &Url, source| FetchError::About {
            url: shown(url),
            source,
        };

        let mut listing = None;
        if let Some(url) = addresses.api() {
            let answer = ask(&url, API_ANSWER).map_err(|fault| about(&url, fault))?;
            let parsed = answer.map(|bytes| Listing::parse(&bytes)).transpose();
            listing = parsed.map_err(|error| about(&url, FetchFault::Listing(error)))?;
        }
        if listing.is_none() {
            tracing::debug!("no API says what the release has");
        }
        let mut plan = Self {
            text,
            addresses,
            has_token: addresses.api().is_some_and(|api| http.has_token_for(&api)),
            listing,
            checksums: Checksums::default(),
        };
        let version = request.version.upstream();
        if let Some(name) = text.checksums_of(&version, addresses.tag()) {
            let name = &*name;
            let listed = plan.listing.as_ref().map(|listing| listing.get(name));
            if let Some(None) = listed {
                return Ok(plan);
            }
            let (url, accept) = plan.address(name);
            if let Some(bytes) = ask(&url, accept).map_err(|fault| about(&url, fault))? {
                let expected = listed.flatten().and_then(|asset| asset.digest);
                let actual = Digest::of(&bytes);
                if let Some(expected) = expected.filter(|expected| *expected != actual) {
                    return Err(about(&url, FetchFault::Digest { expected, actual }));
                }
                plan.checksums = Checksums::parse(&bytes)
                    .map_err(|error| about(&url, FetchFault::Checksums(error)))?;
            }
        }
        Ok(plan)
    }

    /// Returns the files of the requested platforms, or an error that lists all that are wrong.
    pub fn wanted<'p>(&self, request: &Request<'p>) -> Result<Vec<Wanted<'p>>, FetchError> {
        let version = request.version.upstream();
        let mut wanted = Vec::new();
        let mut failed = Vec::new();
        for platform in request.platforms {
            let names = self
                .text
                .assets_of(platform, &version, self.addresses.tag());
            let candidates = self.candidates(&names);
            if candidates.is_empty() {
                let fault = FetchFault::NotInRelease(names.join(" and no "));
                failed.push((platform.target.to_string(), fault));
            }
            let mut first = None;
            for name in candidates.iter().rev() {
                match self.want(request, platform, name, first.take()) {
                    Ok(one) => first = Some(one),
                    Err(fault) => failed.push(((*name).clone(), fault)),
                }
            }
            if let Some(first) = &first {
                tracing::debug!(
                    file = first.file.name,
                    platform = &*platform.target,
                    verified_by = ?first.verified_by,
                    "asset chosen"
                );
            }
            wanted.extend(first);
        }
        error::all_or(wanted, failed)
    }

    fn want<'p>(
        &self,
        request: &Request<'p>,
        platform: &'p Platform,
        name: &str,
        otherwise: Option<Wanted<'p>>,
    ) -> Result<Wanted<'p>, FetchFault> {
        let (expected, verified_by) = self.expected(name, request)?;
        let (url, accept) = self.address(name);
        Ok(Wanted {
            platform,
            file: RemoteFile {
                name: name.to_owned(),
                url,
                accept,
                expected,
            },
            verified_by,
            otherwise: otherwise.map(Box::new),
        })
    }

    /// Returns the first name that the release has. Without a list of its assets, that is the first
    /// name with a digest. Without any digest, all names are candidates.
    fn candidates<'n>(&self, names: &'n [String]) -> Vec<&'n String> {
        let mut all = names.iter();
        if let Some(listing) = &self.listing {
            return all
                .find(|name| listing.get(name).is_some())
                .into_iter()
                .collect();
        }
        match all.find(|name| self.checksums.get(name).is_some()) {
            Some(first) => vec![first],
            None => names.iter().collect(),
        }
    }

    /// Returns what the release says about a file.
    fn expected(
        &self,
        name: &str,
        request: &Request,
    ) -> Result<(Expected, VerifiedBy), FetchFault> {
        let asset = self.listing.as_ref().and_then(|listing| listing.get(name));
        let by_api = asset.and_then(|asset| asset.digest);
        let by_checksums = self.checksums.get(name);
        let (sha256, verified_by) = match (by_checksums, by_api) {
            (Some(checksums), Some(api)) if checksums != api => {
                return Err(FetchFault::Disagreement { checksums, api });
            }
            (Some(_), Some(api)) => (Some(api), VerifiedBy::Both),
            (Some(checksums), None) => (Some(checksums), VerifiedBy::Checksums),
            (None, Some(api)) => (Some(api), VerifiedBy::Api),
            (None, None) if request.allow_unverified => (None, VerifiedBy::Unverified),
            (None, None) => return Err(FetchFault::Unverifiable),
        };
        let expected = Expected {
            sha256,
            size: asset.map(|asset| asset.size),
            most: request.product.bundle.limits.unpacked_bytes,
        };
        Ok((expected, verified_by))
    }

    /// Returns the address of a file and the media type to request. With a token, this is the
    /// file's address at the API, which also serves private releases; it must be at the API's host.
    fn address(&self, name: &str) -> (Url, &'static str) {
        let asset = self.listing.as_ref().and_then(|listing| listing.get(name));
        let url = asset.and_then(Asset::url).filter(|_| self.has_token);
        let at_api = |url: &Url| {
            let api = self.addresses.api();
            api.is_some_and(|api| api.origin() == url.origin())
        };
        let url = url.filter(at_api);
        (url.unwrap_or_else(|| self.addresses.asset(name)), BYTES)
    }
}
