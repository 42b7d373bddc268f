//! Where upstream publishes the runtimes of a release, and under which names.

use reqwest::Url;
use serde::Deserialize;

use super::checked::{constraint, must};
use super::texts::file_name;

/// The placeholder for the target triple in the name of an asset.
const TARGET: &str = "{target}";

/// The placeholder for the release tag in an address.
const TAG: &str = "{tag}";

/// The placeholder for the name of an asset in an address.
const ASSET: &str = "{asset}";

constraint! {
    /// The name of an asset, with `{target}` for the target triple.
    AssetName, AssetNameRule, |text| {
        must(text.matches(TARGET).count() == 1, "does not contain `{target}` exactly once")?;
        let example = text.replace(TARGET, "target");
        must(!example.contains(['{', '}']), "contains a placeholder other than `{target}`")?;
        file_name(&example)
    }
}
constraint! {
    /// The address of an asset, with `{tag}` and `{asset}`.
    DownloadUrl, DownloadUrlRule, |text| address(text, &[TAG, ASSET])
}
constraint! {
    /// The address of a forge's description of a release, with `{tag}`.
    ApiUrl, ApiUrlRule, |text| address(text, &[TAG])
}

/// The names that the asset of a target may have, the preferred one first; never empty.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Vec<AssetName>")]
pub struct AssetNames(Vec<AssetName>);

impl TryFrom<Vec<AssetName>> for AssetNames {
    type Error = &'static str;

    fn try_from(names: Vec<AssetName>) -> Result<Self, Self::Error> {
        if names.is_empty() {
            return Err("needs at least one name");
        }
        Ok(Self(names))
    }
}

impl AssetNames {
    /// Returns the names that a target's asset may have.
    #[must_use]
    pub fn of(&self, target: &str) -> Vec<String> {
        self.0.iter().map(|name| name.of(target)).collect()
    }
}

impl AssetName {
    /// Returns the name of a target's asset.
    #[must_use]
    pub fn of(&self, target: &str) -> String {
        self.replace(TARGET, target)
    }
}

impl DownloadUrl {
    /// Returns the address of an asset of a release.
    #[must_use]
    pub fn of(&self, tag: &str, asset: &str) -> Url {
        fill(self, &[(TAG, tag), (ASSET, asset)])
    }
}

impl ApiUrl {
    /// Returns the address of a release's description.
    #[must_use]
    pub fn of(&self, tag: &str) -> Url {
        fill(self, &[(TAG, tag)])
    }
}

/// Checks an address with placeholders. Each must stand exactly once, in the path.
fn address(text: &str, placeholders: &[&str]) -> Result<(), String> {
    let mut example = text.to_owned();
    for placeholder in placeholders {
        let once = text.matches(placeholder).count() == 1;
        must(
            once,
            &format!("does not contain `{placeholder}` exactly once"),
        )?;
        example = example.replace(placeholder, "x");
    }
    must(
        !example.contains(['{', '}']),
        "contains an unknown placeholder",
    )?;
    let url = Url::parse(&example).map_err(|error| format!("is not a URL: {error}"))?;
    let web = matches!(url.scheme(), "http" | "https");
    must(web, "is not an http:// or https:// URL")?;
    let secret = !url.username().is_empty() || url.password().is_some();
    must(!secret, "contains a user name or a password")?;
    // No tag can change the host.
    let end = text.find(TAG).unwrap_or_default();
    let slashes = text.get(..end).map_or(0, |head| head.matches('/').count());
    must(
        slashes >= 3 && url.fragment().is_none(),
        "has a placeholder outside its path",
    )
}

/// Puts values into an address that was checked.
fn fill(template: &str, values: &[(&str, &str)]) -> Url {
    let text = values
        .iter()
        .fold(template.to_owned(), |text, (name, value)| {
            text.replace(name, &escape(value))
        });
    Url::parse(&text).expect("the address was checked, and what is put in is escaped")
}

/// Escapes a text for one segment of a path.
fn escape(text: &str) -> String {
    let escaped = text.bytes().map(|byte| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    escaped.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_escaped() {
        let url: DownloadUrl = "https://host/a/{tag}/{asset}".parse().unwrap();
        assert_eq!(url.of("v1", "b.zip").as_str(), "https://host/a/v1/b.zip");
        assert_eq!(
            url.of("release/1", "b c?").as_str(),
            "https://host/a/release%2F1/b%20c%3F"
        );
        let name: AssetName = "codex-{target}.exe.zip".parse().unwrap();
        assert_eq!(name.of("x"), "codex-x.exe.zip");
    }

    #[test]
    fn mistakes_are_refused() {
        for bad in [
            "",
            "a.tar.gz",
            "{target}/a",
            "{target}{target}",
            "{tag}-{target}",
            "aux.{target}",
        ] {
            assert!(bad.parse::<AssetName>().is_err(), "{bad}");
        }
        for bad in [
            "https://host/{tag}",
            "https://host/{asset}",
            "ftp://host/{tag}/{asset}",
            "https://{tag}/{asset}",
            "https://host{tag}/{asset}",
            "https://me:secret@host/{tag}/{asset}",
            "https://host/{tag}/{asset}/{name}",
            "https://host/{tag}/{tag}/{asset}",
            "/{tag}/{asset}",
        ] {
            assert!(bad.parse::<DownloadUrl>().is_err(), "{bad}");
        }
        assert!("https://host/releases".parse::<ApiUrl>().is_err());
    }
}
