//! What the packages of a target were made from, beside the runtime: the files of the product, as a
//! digest.
//!
//! Two jobs of a release may have two checkouts. Their packages would differ in licence, dependencies
//! or names, and nothing in a runtime shows that.

use std::collections::BTreeMap;

use super::document::Document;
use crate::base::digest::Digest;

/// The fields of `stage.toml` that no package of a platform carries: where runtimes are found, and how
/// much is accepted. A release may gain a target or a kind of package while it is staged.
const NOT_CARRIED: [&str; 7] = [
    "product.targets",
    "product.formats",
    "bundle.limits",
    "wheel.limits",
    "crate.limits",
    "npm.limits",
    "release",
];

/// The fields of a platform's file that its packages do not carry. The number of part crates shows
/// in their names.
const NOT_CARRIED_BY_PLATFORM: [&str; 3] = ["ci", "release", "crate.parts"];

/// Returns the digest of what all platforms of a product share: the fields of `stage.toml` with their
/// defaults, whatever their order, and the texts of the licence files.
pub(super) fn of_product(stage_toml: &Document, licenses: &BTreeMap<String, String>) -> Digest {
    let fields = stage_toml.canonical(&NOT_CARRIED);
    let licenses = licenses.iter().flat_map(|(name, text)| [&**name, &**text]);
    let parts = std::iter::once(&*fields).chain(licenses);
    Digest::of(parts.collect::<Vec<_>>().join("\0").as_bytes())
}

/// Returns the digest of a target: that of its product, and the fields of its own file with their
/// defaults.
pub(super) fn of_target(product: Digest, platform: &Document) -> Digest {
    let platform = platform.canonical(&NOT_CARRIED_BY_PLATFORM);
    Digest::of(format!("{product}\n{platform}").as_bytes())
}
