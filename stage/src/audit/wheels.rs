//! The wheels that a runtime is packaged in if nobody names any.

use super::error::AuditError;
use super::tags::{self, Choice};
use super::true_tags::TrueTags;
use crate::bundle::Bundle;
use crate::contents::Contents;
use crate::product::Product;

/// Chooses the wheels of a bundle: of the tags that its platform lists those that are true, or, where it
/// lists none, those that its bytes allow. `allow` has the codes of rules that the caller lets stand.
pub fn choose(
    product: &Product,
    bundle: &Bundle,
    contents: &Contents,
    allow: &[String],
) -> Result<Choice, AuditError> {
    let platform = bundle.platform();
    let entrypoint = bundle.entrypoint().as_str();
    match platform.known.and_then(|known| known.wheel) {
        Some(wheel) if platform.wheel.tags.is_empty() => TrueTags {
            target: &platform.target,
            wheel,
            has_sibling: product.has_sibling(platform),
            entrypoint,
            allow,
        }
        .of(contents),
        _ => tags::choose(platform, contents, entrypoint, allow),
    }
}
