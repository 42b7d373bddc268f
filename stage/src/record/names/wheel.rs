//! Names of wheels.

use crate::product::Product;
use crate::version::ReleaseVersion;

/// Returns the common beginning of the file names of a release's wheels, up to the tags.
pub fn file_name_before_tags(product: &Product, version: &ReleaseVersion) -> String {
    format!(
        "{}-{}-py3-none-",
        file_name_prefix(product),
        version.python()
    )
}

/// Returns what the names of the directories `.data` and `.dist-info` begin with.
pub fn data_stem(product: &Product, version: &ReleaseVersion) -> String {
    format!("{}-{}", file_name_prefix(product), version.python())
}

/// Returns the distribution's name in the form that file names use.
pub fn file_name_prefix(product: &Product) -> String {
    let mut escaped = String::new();
    for c in product.wheel.distribution.to_lowercase().chars() {
        let c = if matches!(c, '-' | '.') { '_' } else { c };
        if c != '_' || !escaped.ends_with('_') {
            escaped.push(c);
        }
    }
    escaped
}
