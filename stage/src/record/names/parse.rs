//! From the name of an artifact back to its platform and tags.

use super::{crates, npm, wheel};
use crate::product::Platform;
use crate::product::Product;
use crate::record::artifact::ArtifactKind;
use crate::version::ReleaseVersion;
use native_claims::WheelTags;

/// Returns the platform whose artifact of this version has this name.
///
/// `None` for everything else in the directory of the kind: artifacts of other versions and other
/// products, a user's own files, and what a release has once for all platforms.
pub fn platform_of<'a>(
    product: &'a Product,
    version: &ReleaseVersion,
    kind: ArtifactKind,
    name: &str,
) -> Option<&'a Platform> {
    let is_of = |platform: &&Platform| match kind {
        ArtifactKind::Wheel => {
            let tags = wheel_tags(product, version, name);
            tags.is_some_and(|tags| platform.accepts(tags.first()))
        }
        ArtifactKind::Crate => is_crate_of(product, platform, name),
        ArtifactKind::Npm => name == npm::platform_file_name(product, version, platform),
    };
    product.platforms.iter().find(is_of)
}

/// Returns the platform whose crate has this name, whatever its version.
pub fn platform_of_crate<'a>(product: &'a Product, name: &str) -> Option<&'a Platform> {
    let mut platforms = product.platforms.iter();
    platforms.find(|platform| is_crate_of(product, platform, name))
}

/// Returns the tags of the wheel of this version that has this name.
pub fn wheel_tags(product: &Product, version: &ReleaseVersion, name: &str) -> Option<WheelTags> {
    let tags = name.strip_prefix(&wheel::file_name_before_tags(product, version))?;
    tags.strip_suffix(".whl")?.parse().ok()
}

/// Returns the path of an artifact of a kind in a staging directory: of the platform crate, of the
/// wheel with these tags, or of the npm package. Without tags, a pattern of the wheel's name.
pub fn expected_path(
    product: &Product,
    version: &ReleaseVersion,
    platform: &Platform,
    kind: ArtifactKind,
    tags: Option<&WheelTags>,
) -> String {
    let name = match kind {
        ArtifactKind::Wheel => {
            let before = wheel::file_name_before_tags(product, version);
            let tags = tags.map_or_else(|| "*".to_owned(), ToString::to_string);
            format!("{before}{tags}.whl")
        }
        ArtifactKind::Crate => crates::platform_crate(product, platform),
        ArtifactKind::Npm => npm::platform_file_name(product, version, platform),
    };
    format!("{}/{name}", kind.directory())
}

/// Returns whether a crate is the platform crate or a part crate of a platform.
fn is_crate_of(product: &Product, platform: &Platform, name: &str) -> bool {
    let part = name.strip_prefix(&crates::platform_crate(product, platform));
    part.is_some_and(|part| part.is_empty() || is_part(part))
}

/// Returns whether this is the suffix of a part crate: `-part2` and higher.
fn is_part(suffix: &str) -> bool {
    let number = suffix
        .strip_prefix("-part")
        .and_then(|number| number.parse::<u16>().ok());
    number.is_some_and(|number| number >= 2 && suffix == format!("-part{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::{NpmPlatforms, ProductSource};

    #[test]
    fn only_artifacts_of_this_version_belong_to_a_platform() {
        let product = Product::load(&ProductSource::BuiltIn).unwrap();
        let version = product.parse_version("0.116.0-alpha.1").unwrap();
        let target = |kind, name: &str| {
            platform_of(&product, &version, kind, name).map(|platform| &*platform.target)
        };
        let linux = Some("x86_64-unknown-linux-musl");
        for (kind, name, expected) in [
            (
                ArtifactKind::Wheel,
                "openai_codex_cli_bin-0.116.0a1-py3-none-manylinux_2_28_x86_64.whl",
                linux,
            ),
            (
                ArtifactKind::Wheel,
                "openai_codex_cli_bin-0.116.0-py3-none-manylinux_2_28_x86_64.whl",
                None,
            ),
            (
                ArtifactKind::Wheel,
                "openai_codex_cli_bin-0.116.0a1-py3-none-any.whl",
                None,
            ),
            (
                ArtifactKind::Npm,
                "openai-codex-0.116.0-alpha.1-linux-x64.tgz",
                linux,
            ),
            (ArtifactKind::Npm, "openai-codex-0.116.0-alpha.1.tgz", None),
            (
                ArtifactKind::Npm,
                "openai-codex-sdk-0.116.0-alpha.1.tgz",
                None,
            ),
            (
                ArtifactKind::Crate,
                "codex-cli-bin-x86_64-unknown-linux-musl",
                linux,
            ),
            (
                ArtifactKind::Crate,
                "codex-cli-bin-x86_64-unknown-linux-musl-part24",
                linux,
            ),
            (
                ArtifactKind::Crate,
                "codex-cli-bin-x86_64-unknown-linux-musl-part1",
                None,
            ),
            (
                ArtifactKind::Crate,
                "codex-cli-bin-x86_64-unknown-linux-musl-part02",
                None,
            ),
            (
                ArtifactKind::Crate,
                "codex-cli-bin-x86_64-unknown-linux-musl-partner",
                None,
            ),
            (ArtifactKind::Crate, "codex-cli-bin", None),
        ] {
            assert_eq!(target(kind, name), expected, "{name}");
        }
    }

    #[test]
    fn packages_of_platforms_have_names_of_their_own() {
        let mut product = Product::load(&ProductSource::BuiltIn).unwrap();
        product.npm.platforms = NpmPlatforms::Packages;
        let version = product.parse_version("1.2.3").unwrap();
        for (name, expected) in [
            (
                "openai-codex-linux-x64-1.2.3.tgz",
                Some("x86_64-unknown-linux-musl"),
            ),
            (
                "openai-codex-linux-arm64-1.2.3.tgz",
                Some("aarch64-unknown-linux-musl"),
            ),
            ("openai-codex-linux-x64-1.2.4.tgz", None),
            ("openai-codex-1.2.3-linux-x64.tgz", None),
            ("openai-codex-1.2.3.tgz", None),
        ] {
            let platform = platform_of(&product, &version, ArtifactKind::Npm, name);
            assert_eq!(
                platform.map(|platform| &*platform.target),
                expected,
                "{name}"
            );
        }
    }
}
