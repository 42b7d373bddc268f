//! HTTP requests: their headers, their redirects, who gets the token, and which answers are errors.
//!
//! Redirects are followed here and not by the HTTP library, for three checks: which host gets the
//! token, that redirects do not form a circle, and that none leads from https to http.

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
use super::pace::Paced;
use super::proxies;
use super::retry::turned_away;
use super::token::Token;

/// How long a server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The most redirects that are followed. Browsers and other clients follow as many or more.
const MOST_REDIRECTS: usize = 10;

/// The most bytes of an answer that is read into memory. GitHub's answer for 1000 assets has 2 MB.
const MOST_IN_MEMORY: u64 = 16 << 20;

/// A client of HTTP servers.
pub(super) struct Http {
    client: Client,
    token: Option<Token>,
    silence: Duration,
}

/// The missing rest of a file whose beginning is already downloaded.
pub(super) struct Rest<'a> {
    /// The first byte that is missing.
    pub from: u64,
    /// The validator that the server sent with the beginning, if it sent one.
    pub validator: Option<&'a str>,
}

impl Http {
    /// Returns a client that waits `silence` for a server that sends nothing, or next to nothing.
    /// Proxies come from the environment, and root certificates from the system and `SSL_CERT_FILE`.
    pub fn new(token: Option<Token>, silence: Duration) -> Result<Self, FetchError> {
        // If one is installed already, that choice stands for the process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("stage/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            // For the blocking client this is the time of one read, so the length of a silence.
            .timeout(silence)
            .tls_certs_merge(extra_roots()?);
        let client = proxies::from_environment(client)?;
        let client = client.build().map_err(FetchError::Client)?;
        Ok(Self {
            client,
            token,
            silence,
        })
    }

    /// Returns a reader of an answer that does not wait for ever for a server that sends little.
    pub fn body(&self, response: Response) -> Paced<Response> {
        Paced::new(response, self.silence)
    }

    /// Returns whether an address is at the host that gets the token.
    pub fn has_token_for(&self, url: &Url) -> bool {
        let token = self.token.as_ref();
        token.is_some_and(|token| token.header_for(url).is_some())
    }

    /// Requests a file, or the rest of it. The answer has status 200, 206 or 416 and is not an HTML
    /// page. Any other answer is an error.
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

    /// Requests something small and reads it into memory.
    pub fn read(&self, url: &Url, accept: &str) -> Result<Vec<u8>, FetchFault> {
        let response = self.get(url, accept, None)?;
        if response.status() != StatusCode::OK {
            return Err(FetchFault::Status(response.status()));
        }
        let announced = response.content_length();
        let mut bytes = Vec::new();
        let body = self.body(response);
        let read = body.take(MOST_IN_MEMORY + 1).read_to_end(&mut bytes);
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
        // Digests and sizes are those of the file, not of a compressed form of it.
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

/// Turns an answer that does not have the file into a fault.
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

/// Returns a header as text.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Reads the root certificates in `SSL_CERT_FILE`, which are trusted in addition to the system's.
fn extra_roots() -> Result<Vec<Certificate>, FetchError> {
    let Some(path) = std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()) else {
        return Ok(Vec::new());
    };
    let pem = fs_err::read(path).map_err(|error| FetchError::Certificates(error.into()))?;
    Certificate::from_pem_bundle(&pem).map_err(|error| FetchError::Certificates(error.into()))
}
