//! One request, as it is made everywhere: what it asks for, where it is redirected to, who may see
//! the token, and which answers are none.
//!
//! Redirects are followed here and not by the HTTP library, because a token, a circle and a step
//! down from https are decisions of ours.

use std::io::Read as _;
use std::time::Duration;

use reqwest::blocking::{Client, Response};
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName,
    IF_RANGE, LOCATION, RANGE,
};
use reqwest::{Certificate, StatusCode, Url, redirect};

use super::address::shown;
use super::error::{FetchError, FetchFault};
use super::retry::turned_away;
use super::token::Token;

/// How long a server has to take a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// As many as browsers and other clients follow, or fewer.
const MOST_REDIRECTS: usize = 10;

/// Bytes of an answer that is read into memory. That of GitHub for 1000 assets has 2 MB.
const MOST_IN_MEMORY: u64 = 16 << 20;

/// A client of HTTP servers.
pub(super) struct Http {
    client: Client,
    token: Option<Token>,
}

/// The rest of a file, the beginning of which is there.
pub(super) struct Rest<'a> {
    /// The first byte that is missing.
    pub from: u64,
    /// What the server said of the file when it sent the beginning, if it said anything.
    pub validator: Option<&'a str>,
}

impl Http {
    /// A client that waits for silent servers this long. Proxies come from the environment, and
    /// roots from the system and `SSL_CERT_FILE`.
    pub fn new(token: Option<Token>, silence: Duration) -> Result<Self, FetchError> {
        // Whoever installed one before has made the choice for the process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("stage/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            // Of the blocking client this is the time of one read, and so of silence.
            .timeout(silence)
            .tls_certs_merge(extra_roots()?);
        let client = client.build().map_err(FetchError::Client)?;
        Ok(Self { client, token })
    }

    /// Whether an address is at the host that gets the token.
    pub fn has_token_for(&self, url: &Url) -> bool {
        let token = self.token.as_ref();
        token.is_some_and(|token| token.header_for(url).is_some())
    }

    /// Asks for a file, or for the rest of it. The answer is 200, 206 or 416, and not a page.
    pub fn get(
        &self,
        url: &Url,
        accept: &str,
        rest: Option<&Rest>,
    ) -> Result<Response, FetchFault> {
        let mut visited = vec![url.clone()];
        let mut url = url.clone();
        loop {
            let response = self.ask(&url, accept, rest)?;
            let status = response.status();
            tracing::debug!(
                url = shown(&url),
                status = status.as_u16(),
                from = rest.map_or(0, |rest| rest.from),
                with_token = self.has_token_for(&url),
                "request"
            );
            if !status.is_redirection() {
                return answer(&url, response);
            }
            let location = response.headers().get(LOCATION);
            let location = location.and_then(|value| value.to_str().ok());
            let next = location.and_then(|location| url.join(location).ok());
            let next = next.filter(|next| matches!(next.scheme(), "http" | "https"));
            let next = next.ok_or(FetchFault::Redirect(status))?;
            if url.scheme() == "https" && next.scheme() == "http" {
                return Err(FetchFault::Downgrade(shown(&next)));
            }
            if visited.contains(&next) {
                return Err(FetchFault::RedirectLoop(shown(&next)));
            }
            if visited.len() > MOST_REDIRECTS {
                return Err(FetchFault::TooManyRedirects(MOST_REDIRECTS, shown(&next)));
            }
            tracing::debug!(to = shown(&next), "redirect");
            visited.push(next.clone());
            url = next;
        }
    }

    /// Asks for something small.
    pub fn read(&self, url: &Url, accept: &str) -> Result<Vec<u8>, FetchFault> {
        let response = self.get(url, accept, None)?;
        if response.status() != StatusCode::OK {
            return Err(FetchFault::Status(response.status()));
        }
        let announced = response.content_length();
        let mut bytes = Vec::new();
        let read = response.take(MOST_IN_MEMORY + 1).read_to_end(&mut bytes);
        let length = bytes.len() as u64;
        read.map_err(|error| FetchFault::Cut(length, Some(error)))?;
        if length > MOST_IN_MEMORY || announced.is_some_and(|announced| announced > MOST_IN_MEMORY)
        {
            return Err(FetchFault::TooLong(MOST_IN_MEMORY));
        }
        Ok(bytes)
    }

    fn ask(&self, url: &Url, accept: &str, rest: Option<&Rest>) -> Result<Response, FetchFault> {
        let request = self.client.get(url.clone());
        // Digests and sizes are of the file, not of a compressed form of it.
        let mut request = request
            .header(ACCEPT, accept)
            .header(ACCEPT_ENCODING, "identity");
        if let Some(header) = self.token.as_ref().and_then(|token| token.header_for(url)) {
            request = request.header(AUTHORIZATION, header);
        }
        if let Some(Rest { from, validator }) = rest {
            request = request.header(RANGE, format!("bytes={from}-"));
            if let Some(validator) = validator {
                request = request.header(IF_RANGE, *validator);
            }
        }
        request.send().map_err(|error| FetchFault::Network {
            host: url.host_str().unwrap_or_default().to_owned(),
            source: error.without_url(),
        })
    }
}

/// Sorts out what is no answer to the question.
fn answer(url: &Url, response: Response) -> Result<Response, FetchFault> {
    let (status, headers) = (response.status(), response.headers());
    if let Some(fault) = turned_away(status, headers) {
        return Err(fault);
    }
    match status {
        StatusCode::OK | StatusCode::PARTIAL_CONTENT => {
            let is_html = |text: &str| text.to_ascii_lowercase().starts_with("text/html");
            if text(headers, &CONTENT_TYPE).is_some_and(is_html) {
                return Err(FetchFault::Page);
            }
            match text(headers, &CONTENT_ENCODING) {
                Some(encoding) if !encoding.eq_ignore_ascii_case("identity") => {
                    Err(FetchFault::Encoded(encoding.to_owned()))
                }
                _ => Ok(response),
            }
        }
        StatusCode::RANGE_NOT_SATISFIABLE => Ok(response),
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(FetchFault::NotFound {
            url: shown(url),
            status,
        }),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(FetchFault::Refused(status)),
        _ => Err(FetchFault::Status(status)),
    }
}

/// A header as text.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The roots of `SSL_CERT_FILE`, which are trusted besides those of the system.
fn extra_roots() -> Result<Vec<Certificate>, FetchError> {
    let Some(path) = std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()) else {
        return Ok(Vec::new());
    };
    let pem = fs_err::read(path).map_err(|error| FetchError::Certificates(error.into()))?;
    Certificate::from_pem_bundle(&pem).map_err(|error| FetchError::Certificates(error.into()))
}
