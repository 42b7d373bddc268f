//! Names of wheels.

use crate::product::Product;
use crate::version::ReleaseVersion;

/// The file name of a wheel, as far as the wheels of a release have it in common.
pub fn file_name_before_tags(product: &Product, version: &ReleaseVersion) -> String {
    format!(
        "{}-{}-py3-none-",
        file_name_prefix(product),
        version.python()
    )
}

/// The distribution's name as file names have it.
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
