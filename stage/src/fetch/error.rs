//! What can go wrong before a file is downloaded and verified, and advice for each case.

use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use reqwest::StatusCode;

use super::checksums::ChecksumsError;
use super::token::TokenError;
use crate::base::digest::Digest;
use crate::base::failure::{Advice, with_causes};
use crate::base::files::io_help;

/// A release that cannot be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The product does not say where its releases are.
    #[error("stage.toml has no [release]: it does not say where releases are published")]
    NoRelease,
    /// The token cannot be sent.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The extra root certificates cannot be read.
    #[error("cannot read the certificates of SSL_CERT_FILE")]
    Certificates(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A variable does not have the address of a proxy. Its value is not shown: it may have a password.
    #[error("{0} is not the address of a proxy")]
    Proxy(&'static str),
    /// No connection can be made at all.
    #[error("cannot set up connections")]
    Client(#[source] reqwest::Error),
    /// The answer of the forge's API, or the file of digests, cannot be read.
    #[error("cannot read {url}")]
    About {
        /// The address.
        url: String,
        /// Why not.
        source: FetchFault,
    },
    /// A release that no product describes cannot be read.
    #[error("cannot read the release at {url}")]
    Release {
        /// The address.
        url: String,
        /// Why not.
        source: FetchFault,
    },
    /// The output directory cannot be created.
    #[error(transparent)]
    Out(io::Error),
    /// One asset cannot be fetched.
    #[error("cannot fetch {name}")]
    Asset {
        /// The name of the asset.
        name: String,
        /// Why not.
        source: FetchFault,
    },
    /// Several assets cannot be fetched.
    #[error("{} of {all} assets cannot be fetched: {}", failed.len(), listed(failed))]
    Assets {
        /// How many were asked for.
        all: usize,
        /// The names, and why not.
        failed: Vec<(String, FetchFault)>,
    },
}

/// Why something cannot be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchFault {
    /// The address is wrong, or it is not published.
    #[error("{url} does not exist ({status})")]
    NotFound {
        /// The address.
        url: String,
        /// 404 or 410.
        status: StatusCode,
    },
    /// The answer names a file at another host than the one that was asked.
    #[error("the release API names no address for it at {0}")]
    Elsewhere(String),
    /// The release has no such file.
    #[error("the release has no {0}")]
    NotInRelease(String),
    /// Permission is missing.
    #[error("the server refused access ({0})")]
    Refused(StatusCode),
    /// Too many requests.
    #[error("the server accepts no more requests for now ({status}){}", come_back(*after))]
    Limited {
        /// 403 or 429.
        status: StatusCode,
        /// How long the server asks to wait, if it says so.
        after: Option<Duration>,
    },
    /// The server has a problem.
    #[error("the server answered {status}{}", come_back(*after))]
    Busy {
        /// Such as 503.
        status: StatusCode,
        /// How long the server asks to wait, if it says so.
        after: Option<Duration>,
    },
    /// The status has no meaning for this request.
    #[error("the server answered {0}, which is unexpected for this request")]
    Status(StatusCode),
    /// Redirects form a circle.
    #[error("redirects form a circle, back to {0}")]
    RedirectLoop(String),
    /// There are too many redirects.
    #[error("there are more than {0} redirects, the last one to {1}")]
    TooManyRedirects(usize, String),
    /// A redirect has no usable address.
    #[error("the server answered {0} without an address to follow")]
    Redirect(StatusCode),
    /// A redirect leaves encryption.
    #[error("a redirect leads from https to {0}, which is not encrypted")]
    Downgrade(String),
    /// The answer is compressed, although that was not asked for.
    #[error("the server encoded the answer as {0:?}, which was not asked for")]
    Encoded(String),
    /// The answer is a page, perhaps one to log in.
    #[error("the server answered with an HTML page instead of the file")]
    Page,
    /// No connection, or no answer on it.
    #[error("no answer from {host}")]
    Network {
        /// The host that was asked.
        host: String,
        /// What happened.
        source: reqwest::Error,
    },
    /// The answer ended early.
    #[error("the connection ended after {0} bytes")]
    Cut(u64, #[source] Option<io::Error>),
    /// The file is being replaced, or two servers have different ones.
    #[error("the file changed while it was downloaded")]
    Changed,
    /// The API and the server disagree about the size.
    #[error("the server announces {announced} bytes, but the release API says {expected}")]
    Announced {
        /// By `Content-Length`.
        announced: u64,
        /// By the API.
        expected: u64,
    },
    /// It has more bytes than it may have.
    #[error("it is longer than {0} bytes, the most that it may have")]
    TooLong(u64),
    /// The content is wrong.
    #[error("it has the digest {actual}, but should have {expected}")]
    Digest {
        /// What the release says.
        expected: Digest,
        /// What was downloaded.
        actual: Digest,
    },
    /// The two sources have different digests for one file.
    #[error("the release's file of digests says {checksums}, but the release API says {api}")]
    Disagreement {
        /// By the file.
        checksums: Digest,
        /// By the API.
        api: Digest,
    },
    /// There is no digest.
    #[error("the release has no digest for it, so it cannot be verified")]
    Unverifiable,
    /// The answer does not have the form of the API.
    #[error("it is not the answer of a release API")]
    Listing(#[source] serde_json::Error),
    /// The file of digests has another form.
    #[error("it is not a file of SHA-256 digests")]
    Checksums(#[source] ChecksumsError),
    /// The output cannot be written.
    #[error("cannot write it")]
    Write(#[source] io::Error),
    /// The cache cannot be read or written.
    #[error("cannot use the cache of downloads")]
    Cache(#[source] io::Error),
}

impl FetchFault {
    /// Returns whether another try can succeed.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Limited { .. } | Self::Busy { .. } | Self::Cut(..) | Self::Changed => true,
            Self::Network { source, .. } => !is_distrust(source),
            _ => false,
        }
    }

    /// Returns whether the downloaded bytes are wrong, so that they must not be kept.
    pub(super) fn is_of_the_content(&self) -> bool {
        matches!(
            self,
            Self::Digest { .. } | Self::TooLong(_) | Self::Announced { .. }
        )
    }
}

/// Whether a connection failed because of the certificate.
fn is_distrust(error: &reqwest::Error) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if error.is::<rustls::Error>() {
            return true;
        }
        // What an `io::Error` holds is not its source.
        next = match error.downcast_ref().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}

/// Returns the words for the wait that the server asks for.
fn come_back(after: Option<Duration>) -> String {
    after.map_or_else(String::new, |after| {
        format!(" and asks to wait {}", seconds(after))
    })
}

/// Formats a time for people.
pub(super) fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        10..120 => format!("{} s", time.as_secs()),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

/// Returns all results, or the error that lists what failed.
pub(super) fn all_or<T>(
    done: Vec<T>,
    mut failed: Vec<(String, FetchFault)>,
) -> Result<Vec<T>, FetchError> {
    match failed.len() {
        0 => Ok(done),
        1 => {
            let (name, source) = failed.remove(0);
            Err(FetchError::Asset { name, source })
        }
        count => Err(FetchError::Assets {
            all: done.len() + count,
            failed,
        }),
    }
}

/// Lists names with their reasons, on one line.
fn listed(failed: &[(String, FetchFault)]) -> String {
    let mut text = String::new();
    for (number, (name, fault)) in failed.iter().enumerate() {
        let separator = if number == 0 { "" } else { "; " };
        // A String takes everything that is written to it.
        let _ = write!(text, "{separator}{name} ({})", with_causes(fault));
    }
    text
}

impl Advice for FetchError {
    fn help(&self) -> String {
        match self {
            Self::NoRelease => {
                "add [release] to stage.toml, or download the runtimes yourself and \
                 pass them to `stage stage-runtime`"
                    .to_owned()
            }
            Self::Token(_) => "set GH_TOKEN to a token, or unset it and GITHUB_TOKEN".to_owned(),
            Self::Certificates(_) => {
                "set SSL_CERT_FILE to a file of PEM certificates, or unset it".to_owned()
            }
            Self::Proxy(variable) => format!(
                "set {variable} to an address such as http://proxy.example:3128, or unset it; the \
                 schemes http, https, socks4, socks4a, socks5 and socks5h are known"
            ),
            Self::Client(_) => {
                "check the proxy settings in the environment and the certificates of this machine"
                    .to_owned()
            }
            Self::Release { source, .. } => match source {
                FetchFault::NotFound { .. } => {
                    "check owner, name and tag; for a private repository on GitHub, set GH_TOKEN to \
                     a token that may read it"
                        .to_owned()
                }
                FetchFault::Page | FetchFault::Listing(_) => {
                    "name a repository or a release on GitHub, or the address of a release API: \
                     https://HOST/…/repos/OWNER/NAME/releases/tags/TAG"
                        .to_owned()
                }
                source => source.help(),
            },
            Self::Out(error) => io_help(error),
            Self::About { source, .. } | Self::Asset { source, .. } => source.help(),
            Self::Assets { failed, .. } => failed
                .first()
                .map_or_else(String::new, |(_, fault)| fault.help()),
        }
    }
}

impl Advice for FetchFault {
    fn help(&self) -> String {
        match self {
            Self::NotFound { .. } | Self::NotInRelease(_) => {
                "check that the tag is published for this platform, and check the addresses and \
                 names in [release] of stage.toml; use --platform-tag to select the platforms that \
                 the release has"
            }
            Self::Elsewhere(_) => {
                "download the files yourself, and run `stage init` in their folder"
            }
            Self::Refused(_) => {
                "set GH_TOKEN to a token that may read the release; an expired token is refused too"
            }
            Self::Limited { .. } => {
                "run the command again after that time; a token in GH_TOKEN raises the limit of \
                 the release API; what is already downloaded is kept"
            }
            Self::Busy { .. } | Self::Cut(..) => {
                "run the command again, with more --retries if necessary; what is already \
                 downloaded is kept"
            }
            Self::Network { source, .. } if is_distrust(source) => {
                "if a proxy or mirror has a certificate from your own authority, set \
                 SSL_CERT_FILE to the file with its root certificate"
            }
            Self::Network { .. } => {
                "check the address, the network and the proxy settings in the environment \
                 (HTTPS_PROXY, NO_PROXY); --timeout gives a slow server more time"
            }
            Self::Status(_)
            | Self::RedirectLoop(_)
            | Self::TooManyRedirects(..)
            | Self::Redirect(_)
            | Self::Downgrade(_)
            | Self::Encoded(_)
            | Self::Page => {
                "open the address in a browser: a proxy or a login page may be in between; \
                 --base-url selects another mirror"
            }
            Self::Changed => "run the command again after the upload of the release is complete",
            Self::Announced { .. } | Self::TooLong(_) | Self::Digest { .. } => {
                "do not use this file: it is not the file of the release; tell whoever runs the \
                 server, or use another --base-url"
            }
            Self::Disagreement { .. } => {
                "do not use this release until its maintainers have said which of the two is right"
            }
            Self::Unverifiable => {
                "if you trust the server and the connection, use --allow-unverified to accept the \
                 file as it is"
            }
            Self::Listing(_) | Self::Checksums(_) => {
                "check the addresses in [release] of stage.toml, or --base-url"
            }
            Self::Write(error) | Self::Cache(error) => return io_help(error),
        }
        .to_owned()
    }
}
