//! The files METADATA, WHEEL and RECORD.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use native_claims::WheelTags;

use crate::base::digest::Digest;
use crate::package::entry::{Body, Entry};
use crate::package::input::Input;
use crate::product::{AuthorParts, Product};

/// Returns the file METADATA. `licenses` are the names of the licence files.
pub fn metadata<'a>(input: &Input, licenses: impl Iterator<Item = &'a str>) -> String {
    let Product {
        identity, wheel, ..
    } = input.product;
    let mut text = String::new();
    let mut field = |name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name}: {value}");
    };
    field("Metadata-Version", "2.4");
    field("Name", &wheel.distribution);
    field("Version", &input.version.python());
    field("Summary", &wheel.summary);
    if !wheel.keywords.is_empty() {
        field("Keywords", &wheel.keywords.join(","));
    }
    let authors = identity
        .authors
        .iter()
        .map(|author| AuthorParts::parse(author));
    let (with_email, named) = authors.partition::<Vec<_>, _>(|author| author.email.is_some());
    for (name, authors) in [("Author", named), ("Author-email", with_email)] {
        let authors = authors
            .into_iter()
            .map(AuthorParts::to_field)
            .collect::<Vec<_>>();
        if !authors.is_empty() {
            field(name, &authors.join(", "));
        }
    }
    field("License-Expression", &identity.license);
    for name in licenses {
        field("License-File", name);
    }
    for classifier in &wheel.classifiers {
        field("Classifier", classifier);
    }
    field("Requires-Python", &wheel.requires_python);
    for requirement in &wheel.dependencies {
        field("Requires-Dist", requirement);
    }
    for (extra, requirements) in &wheel.extras {
        let extra = normal_extra(extra);
        field("Provides-Extra", &extra);
        for requirement in requirements {
            field("Requires-Dist", &for_extra(requirement, &extra));
        }
    }
    for (label, url) in urls(input.product) {
        field("Project-URL", &format!("{label}, {url}"));
    }
    field("Description-Content-Type", "text/markdown");
    format!("{text}\n{}", wheel.description)
}

/// Returns the pages of a product by the names that people read. A page that the product names itself
/// replaces the one that every product has.
fn urls(product: &Product) -> Vec<(&str, &str)> {
    let identity = &product.identity;
    let usual = [
        ("Homepage", Some(&identity.homepage)),
        ("Repository", Some(&identity.repository)),
        ("Issues", identity.issues.as_ref()),
    ];
    // Indexes take two names that differ in these for the same one.
    let normal = |label: &str| {
        let letters = label.chars().filter(|c| c.is_alphanumeric());
        letters.collect::<String>().to_lowercase()
    };
    let is_named = |label: &str| {
        let mut own = identity.urls.keys();
        own.any(|own| normal(own) == normal(label))
    };
    let usual = usual.into_iter().filter(|(label, _)| !is_named(label));
    let usual = usual.filter_map(|(label, url)| Some((label, &**url?)));
    let own = identity.urls.iter();
    usual
        .chain(own.map(|(label, url)| (&**label, &**url)))
        .collect()
}

/// Returns the name of an extra in its normal form (PEP 685).
fn normal_extra(name: &str) -> String {
    let words = name.split(['-', '_', '.']).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}

/// Returns a requirement for those who ask for an extra.
fn for_extra(requirement: &str, extra: &str) -> String {
    // An address may have a semicolon; a marker then has a space before it.
    let mark = if requirement.contains('@') { " ;" } else { ";" };
    match requirement.split_once(mark) {
        Some((what, marker)) => {
            let (what, marker) = (what.trim_end(), marker.trim());
            format!("{what} ; ({marker}) and extra == '{extra}'")
        }
        None => format!("{requirement} ; extra == '{extra}'"),
    }
}

/// Returns the file WHEEL. It lists each tag of a compressed set in full.
pub fn wheel(tags: &WheelTags) -> String {
    let mut text = format!(
        "Wheel-Version: 1.0\nGenerator: stage {}\nRoot-Is-Purelib: false\n",
        env!("CARGO_PKG_VERSION")
    );
    for tag in tags.iter() {
        let _ = writeln!(text, "Tag: py3-none-{tag}");
    }
    text
}

/// Returns the file RECORD: path, digest and size of every file but itself.
pub fn record(entries: &[Entry], own_name: &str) -> String {
    let mut text = String::new();
    for entry in entries {
        let digest = match &entry.body {
            Body::Literal(bytes) => Digest::of(bytes),
            Body::File(file) => file.sha256,
        };
        let digest = URL_SAFE_NO_PAD.encode(digest.as_bytes());
        let _ = writeln!(
            text,
            "{},sha256={digest},{}",
            csv_field(&entry.name),
            entry.size()
        );
    }
    text += &csv_field(own_name);
    text += ",,\n";
    text.shrink_to_fit();
    text
}

/// Returns a field of RECORD, quoted if needed, as Python's csv module does.
fn csv_field(text: &str) -> String {
    if text.contains([',', '"']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_of_an_extra_keeps_its_marker() {
        for (requirement, expected) in [
            ("a", "a ; extra == 'x'"),
            (
                "a[b]>=1; os_name == 'nt'",
                "a[b]>=1 ; (os_name == 'nt') and extra == 'x'",
            ),
            (
                "a>=1;python_version<'3.9' or os_name=='nt'",
                "a>=1 ; (python_version<'3.9' or os_name=='nt') and extra == 'x'",
            ),
            (
                "a @ https://h/p;q ; os_name == 'nt'",
                "a @ https://h/p;q ; (os_name == 'nt') and extra == 'x'",
            ),
            ("a @ https://h/p;q", "a @ https://h/p;q ; extra == 'x'"),
        ] {
            assert_eq!(for_extra(requirement, "x"), expected);
        }
        assert_eq!(normal_extra("Foo_.bar-1"), "foo-bar-1");
    }
}
