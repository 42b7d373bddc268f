//! Where a release is: the addresses in `stage.toml`, or the same paths at another host.
//!
//! `--base-url` replaces scheme and host, in front of the path that an address has in `stage.toml`.
//! So one loopback server or mirror can serve both the downloads and the forge's API; a mirror that
//! has only the downloads answers 404 for the API.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;

use crate::product::ReleaseText;

/// The replacement for scheme and host: a URL with a host, perhaps with the beginning of a path.
#[derive(Clone)]
pub struct BaseUrl(Url);

/// The error for a text that is not a base URL.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("expected an http:// or https:// URL without `?` and `#`")]
pub struct BaseUrlError;

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, BaseUrlError> {
        let url = Url::parse(text).map_err(|_| BaseUrlError)?;
        let web = matches!(url.scheme(), "http" | "https");
        if web && url.query().is_none() && url.fragment().is_none() {
            Ok(Self(url))
        } else {
            Err(BaseUrlError)
        }
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.0))
    }
}

impl BaseUrl {
    /// Returns the address with this base in place of its scheme and host.
    fn with(&self, address: &Url) -> Url {
        let mut url = self.0.clone();
        let path = format!("{}{}", url.path().trim_end_matches('/'), address.path());
        url.set_path(&path);
        url.set_query(address.query());
        url
    }
}

/// The addresses of one release.
#[derive(Clone, Debug)]
pub(super) struct Addresses<'a> {
    text: &'a ReleaseText,
    base: Option<&'a BaseUrl>,
    tag: &'a str,
}

impl<'a> Addresses<'a> {
    /// Returns the release tag.
    pub fn tag(&self) -> &'a str {
        self.tag
    }

    /// Returns the addresses for a release tag.
    pub fn new(text: &'a ReleaseText, base: Option<&'a BaseUrl>, tag: &'a str) -> Self {
        Self { text, base, tag }
    }

    /// Returns the address of the forge's API for the release; `None` if `stage.toml` has none.
    pub fn api(&self) -> Option<Url> {
        let url = self.text.api_url.as_ref()?.of(self.tag);
        Some(self.rebased(url))
    }

    /// Returns the address from which an asset is downloaded.
    pub fn asset(&self, name: &str) -> Url {
        self.rebased(self.text.download_url.of(self.tag, name))
    }

    /// Returns an address at the only host that may be sent a token. The base does not change it: a
    /// mirror has no use for a token of the forge.
    pub fn trusted(&self) -> Option<Url> {
        Some(self.text.api_url.as_ref()?.of(self.tag))
    }

    fn rebased(&self, url: Url) -> Url {
        match self.base {
            Some(base) => base.with(&url),
            None => url,
        }
    }
}

/// Returns an address for messages: without a user name and password, and without the query, where
/// storage hosts put signatures.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Only addresses without a host refuse this, and they have nothing to hide.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::{Product, ProductSource};

    #[test]
    fn a_base_takes_the_place_of_the_host() {
        let product = Product::load(&ProductSource::BuiltIn).unwrap();
        let text = product.release.as_ref().unwrap();
        let base: BaseUrl = "http://me:secret@127.0.0.1:8000/mirror/".parse().unwrap();
        let addresses = Addresses::new(text, Some(&base), "rust-v1.0.0");
        assert_eq!(
            shown(&addresses.asset("a")),
            "http://127.0.0.1:8000/mirror/openai/codex/releases/download/rust-v1.0.0/a"
        );
        assert_eq!(
            addresses.api().unwrap().as_str(),
            "http://me:secret@127.0.0.1:8000/mirror/repos/openai/codex/releases/tags/rust-v1.0.0"
        );
        assert_eq!(
            addresses.trusted().unwrap().host_str(),
            Some("api.github.com")
        );
        assert!(!format!("{addresses:?}").contains("secret"));
    }

    #[test]
    fn a_base_is_the_address_of_a_web_server() {
        for bad in [
            "",
            "mirror",
            "/path",
            "file:///a",
            "ftp://host",
            "http://",
            "http://a/?b",
            "http://a/#b",
        ] {
            assert!(bad.parse::<BaseUrl>().is_err(), "{bad}");
        }
    }
}
