use std::sync::LazyLock;

use stage::base::failure::Advice as _;
use stage::product::{Product, ProductSource};

use crate::check_error;

static PRODUCT: LazyLock<Product> = LazyLock::new(|| Product::load(&ProductSource::BuiltIn).unwrap());

/// Reads each line as a version. What is one reads the same in each of its spellings, and two are
/// ordered as both specifications order them.
pub fn check_versions(text: &str) {
    let mut read = Vec::new();
    for line in text.split('\n') {
        let version = match PRODUCT.parse_version(line) {
            Ok(version) => version,
            Err(error) => {
                check_error(&error, &error.help());
                continue;
            }
        };
        let (semantic, python) = (version.to_string(), version.python());
        let tag = PRODUCT.release_tag(&version);
        for spelling in [&semantic, &python, &tag] {
            assert_eq!(
                PRODUCT.parse_version(spelling).unwrap(),
                version,
                "{spelling}"
            );
        }
        assert!(line == python || line.ends_with(&semantic), "{line:?}");
        let semantic: semver::Version = semantic.parse().unwrap();
        let parsed: pep440_rs::Version = python.parse().unwrap();
        assert_eq!(parsed.to_string(), python);
        read.push((version, semantic, parsed));
    }
    for (version, semantic, python) in &read {
        for (other, other_semantic, other_python) in &read {
            assert_eq!(version.cmp(other), semantic.cmp(other_semantic), "{text:?}");
            assert_eq!(version.cmp(other), python.cmp(other_python), "{text:?}");
        }
    }
}
