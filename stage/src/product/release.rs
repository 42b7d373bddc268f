//! Where upstream publishes the runtimes of a release, and under which names.

use reqwest::Url;
use schemars::JsonSchema;
use serde::Deserialize;

use super::checked::{constraint, must};
use super::texts::file_name;

/// The placeholder for the release tag in an address.
const TAG: &str = "{tag}";

/// The placeholder for the name of an asset in an address.
const ASSET: &str = "{asset}";

/// What the name of a file of a release may name.
const NAME_PLACEHOLDERS: [&str; 5] = ["{target}", "{version}", TAG, "{os}", "{arch}"];

constraint! {
    /// The name of a file of a release, with placeholders: `{target}` for the target triple,
    /// `{version}`, `{tag}` for the release tag, `{os}` and `{arch}` as Go names them.
    AssetName, AssetNameRule, |text| {
        let mut example = text.to_owned();
        for placeholder in NAME_PLACEHOLDERS {
            let once = text.matches(placeholder).count() <= 1;
            must(once, &format!("contains `{placeholder}` more than once"))?;
            example = example.replace(placeholder, "x");
        }
        must(
            !example.contains(['{', '}']),
            &format!("contains a placeholder other than {}", NAME_PLACEHOLDERS.map(|name| format!("`{name}`")).join(", ")),
        )?;
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
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(with = "Vec<AssetName>")]
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
    /// Returns the names in order.
    pub fn iter(&self) -> impl Iterator<Item = &AssetName> {
        self.0.iter()
    }
}

/// The values of the placeholders in the names of the files of a release.
#[derive(Clone, Copy, Debug)]
pub struct AssetValues<'a> {
    /// The version, without a prefix.
    pub version: &'a str,
    /// The release tag.
    pub tag: &'a str,
    /// The target of the file, if it is for one: its triple, and its system and CPU as Go names them.
    pub target: Option<(&'a str, &'a str, &'a str)>,
}

impl AssetName {
    /// Returns whether the name differs from target to target.
    pub(super) fn tells_targets(&self) -> bool {
        self.contains("{target}") || (self.contains("{os}") && self.contains("{arch}"))
    }

    /// Returns the name of a file of a release.
    #[must_use]
    pub fn of(&self, values: &AssetValues) -> String {
        let AssetValues {
            version,
            tag,
            target,
        } = values;
        let values = [
            target.map(|(triple, ..)| triple.to_owned()),
            Some((*version).to_owned()),
            // `/` of a tag cannot be in the name of a file.
            tag.rsplit('/').next().map(str::to_owned),
            target.map(|(_, os, _)| os.to_owned()),
            target.map(|(.., arch)| arch.to_owned()),
        ];
        let values = NAME_PLACEHOLDERS.into_iter().zip(values);
        values.fold(self.to_string(), |name, (placeholder, value)| match value {
            Some(value) => name.replace(placeholder, &value),
            None => name,
        })
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
        let name: AssetName = "tool-{version}-{tag}.zip".parse().unwrap();
        let values = AssetValues {
            version: "1.2.0",
            tag: "release/v1.2",
            target: None,
        };
        assert_eq!(name.of(&values), "tool-1.2.0-v1.2.zip");
    }

    #[test]
    fn mistakes_are_refused() {
        for bad in [
            "",
            "{target}/a",
            "{target}{target}",
            "{Tag}-{target}",
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
