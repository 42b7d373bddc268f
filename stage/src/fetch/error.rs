//! What can go wrong between here and a file that is verified, and what helps.

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
    /// A token that cannot be sent.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Extra roots that cannot be read.
    #[error("cannot read the certificates of SSL_CERT_FILE")]
    Certificates(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No connection can be made at all.
    #[error("cannot set up connections")]
    Client(#[source] reqwest::Error),
    /// What the forge says of the release, or the file of digests, cannot be had.
    #[error("cannot read {url}")]
    About {
        /// The address.
        url: String,
        /// Why not.
        source: FetchFault,
    },
    /// There is no place for the files.
    #[error(transparent)]
    Out(io::Error),
    /// One asset cannot be had.
    #[error("cannot fetch {name}")]
    Asset {
        /// The name of the asset.
        name: String,
        /// Why not.
        source: FetchFault,
    },
    /// Several cannot be had.
    #[error("{} of {all} assets cannot be fetched: {}", failed.len(), listed(failed))]
    Assets {
        /// How many were asked for.
        all: usize,
        /// The names, and why not.
        failed: Vec<(String, FetchFault)>,
    },
}

/// Why something cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchFault {
    /// The address is wrong, or it is not published.
    #[error("{url} is not there ({status})")]
    NotFound {
        /// The address.
        url: String,
        /// 404 or 410.
        status: StatusCode,
    },
    /// The release has no such file.
    #[error("the release has no {0}")]
    NotInRelease(String),
    /// Not without permission.
    #[error("the server does not allow it ({0})")]
    Refused(StatusCode),
    /// Too many requests.
    #[error("the server takes no more requests for now ({status}){}", come_back(*after))]
    Limited {
        /// 403 or 429.
        status: StatusCode,
        /// When it takes some again.
        after: Option<Duration>,
    },
    /// The server has a problem.
    #[error("the server answered {status}{}", come_back(*after))]
    Busy {
        /// Such as 503.
        status: StatusCode,
        /// When it expects to have none.
        after: Option<Duration>,
    },
    /// An answer that means nothing here.
    #[error("the server answered {0}, which is no answer to this request")]
    Status(StatusCode),
    /// Redirects without an end.
    #[error("redirects go round in a circle, back to {0}")]
    RedirectLoop(String),
    /// Redirects that lead on and on.
    #[error("there are more than {0} redirects, the last one to {1}")]
    TooManyRedirects(usize, String),
    /// A redirect to nowhere.
    #[error("the server answered {0} with no address that could be followed")]
    Redirect(StatusCode),
    /// A redirect that gives up the encryption.
    #[error("a redirect leads from https to {0}, which is not encrypted")]
    Downgrade(String),
    /// The bytes are not those of the file.
    #[error("the server encoded the answer as {0:?}, which was not asked for")]
    Encoded(String),
    /// A page about the file, perhaps one to log in.
    #[error("the server answered with an HTML page in place of the file")]
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
    /// The file is being replaced, or two servers have two of them.
    #[error("the file changed while it was downloaded")]
    Changed,
    /// The forge and the server disagree.
    #[error("the server announces {announced} bytes, and the release API says {expected}")]
    Announced {
        /// By `Content-Length`.
        announced: u64,
        /// By the API.
        expected: u64,
    },
    /// More than there may be.
    #[error("it goes on after {0} bytes, where it should have ended")]
    TooLong(u64),
    /// Another content.
    #[error("it has the digest {actual}, and should have {expected}")]
    Digest {
        /// What the release says.
        expected: Digest,
        /// What was downloaded.
        actual: Digest,
    },
    /// Two digests for one file.
    #[error("the release's file of digests says {checksums}, and the release API {api}")]
    Disagreement {
        /// By the file.
        checksums: Digest,
        /// By the API.
        api: Digest,
    },
    /// No digest at all.
    #[error("the release says no digest of it, so it cannot be verified")]
    Unverifiable,
    /// The API's answer is something else.
    #[error("it is not what a release API answers")]
    Listing(#[source] serde_json::Error),
    /// The file of digests is something else.
    #[error("it is no file of SHA-256 digests")]
    Checksums(#[source] ChecksumsError),
    /// The disk of the output.
    #[error("cannot write it")]
    Write(#[source] io::Error),
    /// The disk of the cache.
    #[error("cannot use the cache of downloads")]
    Cache(#[source] io::Error),
}

impl FetchFault {
    /// Whether another try can have another end.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Limited { .. } | Self::Busy { .. } | Self::Cut(..) | Self::Changed => true,
            Self::Network { source, .. } => !is_distrust(source),
            _ => false,
        }
    }

    /// Whether what was downloaded is at fault, and of no use any more.
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

/// What the server says of when to come back.
fn come_back(after: Option<Duration>) -> String {
    after.map_or_else(String::new, |after| {
        format!(" and asks to wait {}", seconds(after))
    })
}

/// A time for people.
pub(super) fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        10..120 => format!("{} s", time.as_secs()),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

/// All that was to be had, or the error that says what was not.
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

/// Names with their reasons, on one line.
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
                 hand them to `stage stage-runtime`"
                    .to_owned()
            }
            Self::Token(_) => "set GH_TOKEN to a token, or unset it and GITHUB_TOKEN".to_owned(),
            Self::Certificates(_) => {
                "set SSL_CERT_FILE to a file of PEM certificates, or unset it".to_owned()
            }
            Self::Client(_) => {
                "check the proxies of the environment and the certificates of this machine"
                    .to_owned()
            }
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
                "check that the tag is published for this platform, and the addresses and names \
                 in [release] of stage.toml; name with --platform-tag the platforms that it has"
            }
            Self::Refused(_) => {
                "set GH_TOKEN to a token that may read the release; a token that has expired is \
                 refused too"
            }
            Self::Limited { .. } => {
                "run the command again after that time; GH_TOKEN with a token raises the limit of \
                 the release API, and what is downloaded already is kept"
            }
            Self::Busy { .. } | Self::Cut(..) => {
                "run the command again, with more --retries if need be; what is downloaded already \
                 is kept"
            }
            Self::Network { source, .. } if is_distrust(source) => {
                "if a proxy or mirror has a certificate of your own authority, set SSL_CERT_FILE \
                 to the file with its root"
            }
            Self::Network { .. } => {
                "check the address, the network and the proxies of the environment \
                 (HTTPS_PROXY, NO_PROXY); --timeout gives a slow server longer"
            }
            Self::Status(_)
            | Self::RedirectLoop(_)
            | Self::TooManyRedirects(..)
            | Self::Redirect(_)
            | Self::Downgrade(_)
            | Self::Encoded(_)
            | Self::Page => {
                "open the address in a browser: a proxy, or a page to log in, may be in between; \
                 --base-url names another mirror"
            }
            Self::Changed => "run the command again when the release is no longer being uploaded",
            Self::Announced { .. } | Self::TooLong(_) | Self::Digest { .. } => {
                "do not use this file: the server has another one than the release; tell whoever \
                 runs it, or use another --base-url"
            }
            Self::Disagreement { .. } => {
                "do not use this release before its maintainers have said which of the two is right"
            }
            Self::Unverifiable => {
                "--allow-unverified takes it as the server gives it, if you trust the server and \
                 the connection"
            }
            Self::Listing(_) | Self::Checksums(_) => {
                "check the addresses in [release] of stage.toml, or --base-url"
            }
            Self::Write(error) | Self::Cache(error) => return io_help(error),
        }
        .to_owned()
    }
}
