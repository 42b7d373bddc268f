//! Downloads one file, over as many connections as necessary, and checks its digest.

use std::io::{self, Read as _};

use reqwest::blocking::Response;
use reqwest::header::{CONTENT_RANGE, ETAG, HeaderMap, LAST_MODIFIED};
use reqwest::{StatusCode, Url};

use super::error::FetchFault;
use super::http::{Http, Rest, text};
use super::partial::Partial;
use super::request::Events;
use super::retry::Patience;
use crate::base::digest::Digest;
use crate::base::failpoint;

/// How many bytes are read at once.
const BLOCK: usize = 128 << 10;

/// How many bytes a try must download for the count of retries to start again, if the size of the
/// file is not known; else it is a hundredth of the file. So a bad connection is tolerated, and a
/// server that sends a byte at a time is not.
const PROGRESS: u64 = 1 << 20;

/// What is known about a file before it is downloaded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    pub sha256: Option<Digest>,
    /// In bytes.
    pub size: Option<u64>,
    /// The most bytes that it may have.
    pub most: u64,
}

/// A file to download.
pub(super) struct Transfer<'a> {
    pub http: &'a Http,
    pub name: &'a str,
    pub url: &'a Url,
    pub accept: &'a str,
    pub expected: Expected,
    pub retries: u32,
    pub events: &'a dyn Events,
}

impl Transfer<'_> {
    /// Downloads what is missing, and verifies the complete file. A partial file from an earlier
    /// call may have been wrong from the start, so after a wrong digest it is downloaded once more.
    pub fn run(&self, partial: &mut Partial) -> Result<Digest, FetchFault> {
        let mut patience = Patience::new(self.retries);
        let mut mended = false;
        loop {
            let before = partial.length();
            let result = self.rest(partial).and_then(|()| self.verify(partial));
            let fault = match result {
                Ok(digest) => return Ok(digest),
                Err(fault) => fault,
            };
            if matches!(fault, FetchFault::Digest { .. }) && before > 0 && !mended {
                mended = true;
                partial.restart(None).map_err(FetchFault::Write)?;
                self.events
                    .note(&format!("{}: {fault}; downloading it again", self.name));
                continue;
            }
            let brought = partial.length().saturating_sub(before);
            if brought
                >= self
                    .expected
                    .size
                    .map_or(PROGRESS, |size| (size / 100).max(1))
            {
                patience.restore();
            }
            patience.wait(fault, self.name, self.events)?;
        }
    }

    /// Makes one request, for everything that is missing.
    fn rest(&self, partial: &mut Partial) -> Result<(), FetchFault> {
        let too_long = |size| partial.length() > size;
        let blind = self.expected.sha256.is_none() && partial.validator().is_none();
        if self.expected.size.is_some_and(too_long) || blind {
            partial.restart(None).map_err(FetchFault::Write)?;
        }
        let from = partial.length();
        if Some(from) == self.expected.size {
            return Ok(());
        }
        let validator = partial.validator();
        let rest = (from > 0).then_some(Rest { from, validator });
        let response = self.http.get(self.url, self.accept, rest.as_ref())?;
        match response.status() {
            StatusCode::OK => {
                let validator = validator_of(response.headers());
                partial.restart(validator).map_err(FetchFault::Write)?;
            }
            StatusCode::PARTIAL_CONTENT if rest.is_some() => {
                if !self.continues(partial, response.headers()) {
                    partial.restart(None).map_err(FetchFault::Write)?;
                    return Err(FetchFault::Changed);
                }
            }
            StatusCode::RANGE_NOT_SATISFIABLE if rest.is_some() => {
                let total = text(response.headers(), &CONTENT_RANGE)
                    .and_then(|range| range.strip_prefix("bytes */")?.parse::<u64>().ok());
                if total == Some(from) && self.expected.size.is_none() {
                    return Ok(());
                }
                partial.restart(None).map_err(FetchFault::Write)?;
                return Err(FetchFault::Changed);
            }
            status => return Err(FetchFault::Status(status)),
        }
        self.receive(response, partial)
    }

    /// Returns whether an answer begins where the partial file ends, and is of the same file.
    fn continues(&self, partial: &Partial, headers: &HeaderMap) -> bool {
        let same = match (partial.validator(), validator_of(headers)) {
            (Some(before), Some(now)) => before == now,
            _ => true,
        };
        let range = text(headers, &CONTENT_RANGE).and_then(|range| {
            let (range, total) = range.strip_prefix("bytes ")?.split_once('/')?;
            let (from, _) = range.split_once('-')?;
            Some((from.parse::<u64>().ok()?, total.parse::<u64>().ok()))
        });
        let fits = range.is_some_and(|(from, total)| {
            let sizes = total.zip(self.expected.size);
            from == partial.length() && sizes.is_none_or(|(total, size)| total == size)
        });
        same && fits
    }

    /// Writes the bytes of an answer to the partial file.
    fn receive(&self, response: Response, partial: &mut Partial) -> Result<(), FetchFault> {
        let Expected { size, most, .. } = self.expected;
        let announced = response
            .content_length()
            .map(|length| length.saturating_add(partial.length()));
        match (announced, size) {
            (Some(announced), Some(expected)) if announced != expected => {
                return Err(FetchFault::Announced {
                    announced,
                    expected,
                });
            }
            (Some(announced), None) => self.events.size(self.name, announced),
            _ => {}
        }
        let most = size.unwrap_or(most);
        if announced.is_some_and(|announced| announced > most) {
            return Err(FetchFault::TooLong(most));
        }
        failpoint::step(&format!("{} begins", self.name));
        let mut body = self.http.body(response);
        let mut buffer = vec![0; BLOCK];
        loop {
            let count = match body.read(&mut buffer) {
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(FetchFault::Cut(partial.length(), Some(error))),
            };
            let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else {
                break;
            };
            if partial.length() + bytes.len() as u64 > most {
                return Err(FetchFault::TooLong(most));
            }
            let before = partial.length();
            partial.write(bytes).map_err(FetchFault::Write)?;
            self.events.position(self.name, partial.length());
            self.pass_tenths(before, partial.length());
        }
        // A server that announces no length ends by closing the connection, so an early end looks
        // like a normal one.
        if size.is_some_and(|size| partial.length() < size) {
            return Err(FetchFault::Cut(partial.length(), None));
        }
        Ok(())
    }

    /// Passes a failpoint at each tenth of the file, however many bytes came at once.
    fn pass_tenths(&self, before: u64, now: u64) {
        let tenth = |bytes: u64| bytes.saturating_mul(10) / self.expected.size.unwrap_or(1).max(1);
        if self.expected.size.is_some() {
            for tenth in tenth(before) + 1..=tenth(now) {
                failpoint::step(&format!("{} at {tenth}0 %", self.name));
            }
        }
    }

    /// Compares the complete file with its digest.
    fn verify(&self, partial: &mut Partial) -> Result<Digest, FetchFault> {
        let actual = partial.digest();
        match self.expected.sha256 {
            Some(expected) if expected != actual => Err(FetchFault::Digest { expected, actual }),
            Some(_) => Ok(actual),
            None => {
                let head = partial.head(64).map_err(FetchFault::Write)?;
                if head.trim_ascii_start().starts_with(b"<") {
                    return Err(FetchFault::Page);
                }
                Ok(actual)
            }
        }
    }
}

/// Returns the value for `If-Range`: the strong entity tag of a file, or its time of last change.
fn validator_of(headers: &HeaderMap) -> Option<String> {
    let tag = text(headers, &ETAG).filter(|tag| tag.starts_with('"'));
    tag.or_else(|| text(headers, &LAST_MODIFIED))
        .map(str::to_owned)
}
