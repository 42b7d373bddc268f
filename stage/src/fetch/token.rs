//! The token for the forge: which host gets it, and how it stays out of all messages.

use std::fmt;

use reqwest::Url;
use reqwest::header::HeaderValue;

/// The environment variables that may have a token; the first one that is set and not empty counts.
const VARIABLES: [&str; 2] = ["GH_TOKEN", "GITHUB_TOKEN"];

/// A token, and the host that may have it.
pub(super) struct Token {
    header: HeaderValue,
    host: Url,
}

/// A variable whose value cannot be sent in a header.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("{0} is not a token: it has characters that a token cannot have")]
pub struct TokenError(&'static str);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a token")
    }
}

impl Token {
    /// Reads the token in the environment, for this host. `None`: no token may be sent.
    pub fn from_environment(host: Option<Url>) -> Result<Option<Self>, TokenError> {
        let set = VARIABLES.into_iter().filter_map(|name| {
            let value = std::env::var_os(name).filter(|value| !value.is_empty())?;
            Some((name, value))
        });
        let (Some((name, value)), Some(host)) = (set.into_iter().next(), host) else {
            return Ok(None);
        };
        let text = value.to_str().ok_or(TokenError(name))?;
        let header = HeaderValue::from_str(&format!("Bearer {text}"));
        let mut header = header.map_err(|_| TokenError(name))?;
        header.set_sensitive(true);
        Ok(Some(Self { header, host }))
    }

    /// Returns the header to send to an address, if the address is at the token's host. A token
    /// crosses the network only over https.
    pub fn header_for(&self, url: &Url) -> Option<HeaderValue> {
        let private = url.scheme() == "https" || is_loopback(url);
        (private && url.origin() == self.host.origin()).then(|| self.header.clone())
    }
}

/// Returns whether an address is on this machine.
fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_host_gets_a_token() {
        let url = |text: &str| Url::parse(text).unwrap();
        let token = |host: &str| Token {
            header: HeaderValue::from_static("Bearer secret"),
            host: url(host),
        };
        for (host, to, sent) in [
            ("https://api.host/a", "https://api.host/b", true),
            ("https://api.host/a", "https://api.host:443/b", true),
            ("https://api.host/a", "http://api.host/b", false),
            ("https://api.host/a", "https://api.host:8443/b", false),
            ("https://api.host/a", "https://host/b", false),
            ("https://api.host/a", "https://api.host.example/b", false),
            ("http://api.host/a", "http://api.host/b", false),
            ("http://127.0.0.1:1/a", "http://127.0.0.1:1/b", true),
            ("http://127.0.0.1:1/a", "http://127.0.0.1:2/b", false),
            ("http://[::1]/a", "http://[::1]/b", true),
            ("http://localhost/a", "http://127.0.0.1/b", false),
        ] {
            assert_eq!(
                token(host).header_for(&url(to)).is_some(),
                sent,
                "{host} {to}"
            );
        }
        assert_eq!(format!("{:?}", token("https://host")), "a token");
    }
}
