//! `Cargo.toml` of the facade crate.

use std::io;

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, value};

use super::commands;
use crate::package::crates::{Dependency, FEATURES, handed_on, included};
use crate::product::{Author, Platform, Product};
use crate::record::names::crates::{GENERATED, platform_crate};
use crate::version::ReleaseVersion;

/// Turns the manifest of the crate in this repository into that of a release.
pub(super) fn cargo_toml(
    product: &Product,
    version: &ReleaseVersion,
    platforms: &[&Platform],
    text: &str,
) -> io::Result<String> {
    let mut document: DocumentMut = text.parse().map_err(io::Error::other)?;
    for key in ["lints", "dev-dependencies"] {
        document.remove(key);
    }
    let identity = &product.identity;
    let package = document["package"].or_insert(Item::Table(Table::new()));
    let array = |values: Vec<String>| value(values.into_iter().collect::<Array>());
    if let Some(package) = package.as_table_mut() {
        package.remove("publish");
        package.insert("name", value(&*product.krate.name));
        package.insert("version", value(version.to_string()));
        package.insert(
            "authors",
            array(identity.authors.iter().map(Author::to_string).collect()),
        );
        package.insert("description", value(&*product.krate.summary));
        package.insert("license", value(&*identity.license));
        package.insert("repository", value(&*identity.repository));
        package.insert("homepage", value(&*identity.homepage));
        let keywords = keywords(product);
        if !keywords.is_empty() {
            package.insert("keywords", array(keywords));
        }
        package.insert(
            "include",
            array(included(product, &["/README.md", "/examples", "/src"])),
        );
    }
    install(product, &mut document);
    let names = platforms
        .iter()
        .map(|platform| platform_crate(product, platform))
        .collect::<Vec<_>>();
    for feature in FEATURES {
        document["features"][feature] = array(handed_on(feature, &names));
    }
    let mut targets = Table::new();
    targets.set_implicit(true);
    for (platform, name) in platforms.iter().zip(&names) {
        let Dependency {
            version,
            path,
            default_features,
            registry,
        } = Dependency::sibling(product, name, version);
        let mut dependency = InlineTable::new();
        dependency.insert("version", version.into());
        dependency.insert("path", path.into());
        dependency.insert("default-features", default_features.into());
        if let Some(registry) = registry {
            dependency.insert("registry", registry.into());
        }
        let mut dependencies = Table::new();
        dependencies.insert(name, value(dependency));
        let mut target = Table::new();
        target.set_implicit(true);
        target.insert("dependencies", Item::Table(dependencies));
        targets.insert(&format!("cfg({})", platform.krate.cfg), Item::Table(target));
    }
    document.insert("target", Item::Table(targets));
    document.insert("workspace", Item::Table(Table::new()));
    Ok(format!("{GENERATED}{document}"))
}

/// Returns the keywords of a product that crates.io takes, as many as it takes:
/// <https://doc.rust-lang.org/cargo/reference/manifest.html#the-keywords-field>
fn keywords(product: &Product) -> Vec<String> {
    const MOST: usize = 5;
    const LONGEST: usize = 20;
    let taken = |word: &str| {
        word.len() <= LONGEST
            && word.starts_with(|c: char| c.is_ascii_alphanumeric())
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_-+".contains(c))
    };
    let mut keywords: Vec<String> = Vec::new();
    for word in product.identity.keywords.iter().filter(|word| taken(word)) {
        // The registry takes two that differ in case for the same one.
        if !keywords
            .iter()
            .any(|other| other.eq_ignore_ascii_case(word))
        {
            keywords.push(word.to_string());
        }
    }
    keywords.truncate(MOST);
    keywords
}

/// Adds the binaries that `cargo install` installs.
fn install(product: &Product, document: &mut DocumentMut) {
    let commands = commands::installed(product);
    let [first, more @ ..] = commands else {
        return;
    };
    let package = document["package"].or_insert(Item::Table(Table::new()));
    package["autobins"] = value(false);
    if !more.is_empty() {
        package["default-run"] = value(&**first);
    }
    let mut binaries = ArrayOfTables::new();
    for command in commands {
        let mut binary = Table::new();
        binary.insert("name", value(&**command));
        binary.insert("path", value(commands::program_path(command)));
        // Of a binary with the name of the library, the documentation would take the place of the library's.
        for key in ["doc", "test", "bench"] {
            binary.insert(key, value(false));
        }
        binaries.push(binary);
    }
    document.insert("bin", Item::ArrayOfTables(binaries));
}
