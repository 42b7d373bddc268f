//! What the forge says about a release: its assets, in the form of
//! [GitHub's API](https://docs.github.com/rest/releases/releases#get-a-release-by-tag-name).

use reqwest::Url;
use serde::{Deserialize, Deserializer};

use crate::base::digest::Digest;

/// A release.
#[derive(Debug, Deserialize)]
pub(super) struct Listing {
    /// The tag.
    #[serde(default)]
    pub tag_name: Option<String>,
    /// The page of the release.
    #[serde(default)]
    pub html_url: Option<String>,
    pub assets: Vec<Asset>,
}

/// A file of a release.
#[derive(Debug, Deserialize)]
pub(super) struct Asset {
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// `None` for assets that were uploaded before the forge computed digests.
    #[serde(default, deserialize_with = "sha256")]
    pub digest: Option<Digest>,
    /// `uploaded` after the upload is complete.
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    browser_download_url: Option<String>,
}

impl Listing {
    /// Reads the answer of the API.
    pub fn parse(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// Returns a file whose upload is complete.
    pub fn get(&self, name: &str) -> Option<&Asset> {
        let mut assets = self.assets.iter();
        assets.find(|asset| asset.name == name && asset.is_uploaded())
    }
}

impl Asset {
    /// Returns the address at the API for the bytes, which also works for private releases.
    pub fn url(&self) -> Option<Url> {
        Url::parse(self.url.as_deref()?).ok()
    }

    /// Returns the address that people download it from.
    pub fn download_url(&self) -> Option<Url> {
        Url::parse(self.browser_download_url.as_deref()?).ok()
    }

    pub fn is_uploaded(&self) -> bool {
        self.state.as_ref().is_none_or(|state| state == "uploaded")
    }
}

/// Reads `sha256:<hex>`. A digest of another kind counts as no digest.
fn sha256<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Digest>, D::Error> {
    let text = Option::<String>::deserialize(source)?;
    let digits = text
        .as_deref()
        .and_then(|text| text.strip_prefix("sha256:"));
    digits
        .map(|digits| digits.parse().map_err(serde::de::Error::custom))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_assets_of_a_release() {
        let digest = Digest::of(b"");
        let text = format!(
            r#"{{"tag_name": "v1", "assets": [
                {{"name": "a", "size": 1, "digest": "sha256:{digest}", "state": "uploaded",
                  "url": "https://host/assets/1", "uploader": {{}}}},
                {{"name": "b", "size": 2, "digest": null}},
                {{"name": "c", "size": 3, "digest": "sha512:00"}},
                {{"name": "d", "size": 4, "state": "starter"}}
            ]}}"#
        );
        let listing = Listing::parse(text.as_bytes()).unwrap();
        let digest_of = |name| listing.get(name).unwrap().digest;
        assert_eq!(digest_of("a"), Some(digest));
        assert_eq!((digest_of("b"), digest_of("c")), (None, None));
        assert!(listing.get("d").is_none() && listing.get("e").is_none());
    }

    #[test]
    fn refuses_what_is_no_release() {
        for text in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"assets": [{"name": "a"}]}"#,
            r#"{"assets": [{"name": "a", "size": -1}]}"#,
            r#"{"assets": [{"name": "a", "size": 1, "digest": "sha256:00"}]}"#,
        ] {
            assert!(Listing::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
