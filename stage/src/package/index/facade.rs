//! The facade crate.
//!
//! It is the source in `runtime-bin/`, unchanged but for three things. One generated file names the
//! payloads. README.md and the example, which is named after the crate, have the product's own
//! names. And the crate depends on the platform crates of exactly those targets that have one, and
//! passes its features on to them.

use std::io;
use std::path::Path;

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, value};

use crate::package::crates::{
    CrateDirectory, Dependency, FEATURES, handed_on, identifier, included,
};
use crate::product::Platform;
use crate::product::{self, Author, Product};
use crate::record::manifest::Manifest;
use crate::record::names::crates::{GENERATED, platform_crate};
use crate::record::{Artifact, ArtifactKind};
use crate::version::ReleaseVersion;

/// The file that is generated in a staged facade, in place of the one in this repository.
const GENERATED_FILE: &str = "src/payload.rs";

/// Returns the path of the facade crate in a staging directory.
pub fn path(product: &Product) -> String {
    format!("{}/{}", ArtifactKind::Crate.directory(), product.krate.name)
}

/// Writes the facade crate for these platforms.
pub fn write(
    product: &Product,
    version: &ReleaseVersion,
    platforms: &[(&Platform, &Manifest)],
    out: &Path,
) -> io::Result<Artifact> {
    let mut directory = CrateDirectory::create(out, &product.krate.name)?;
    for (name, content) in files(product, version, platforms)? {
        directory.write(&name, content)?;
    }
    let (artifact, _) = directory.finish();
    Ok(artifact)
}

/// Returns the files of the facade crate for these platforms: their paths in it, and contents.
pub fn files(
    product: &Product,
    version: &ReleaseVersion,
    platforms: &[(&Platform, &Manifest)],
) -> io::Result<Vec<(String, Vec<u8>)>> {
    let platforms = platforms
        .iter()
        .map(|(platform, _)| *platform)
        .collect::<Vec<_>>();
    let default = Product::load(&product::ProductSource::BuiltIn).map_err(io::Error::other)?;
    let names = own_names(&default).into_iter().zip(own_names(product));
    let names = names.collect::<Vec<_>>();
    let renamed = |text: &str| replace_all(text, &names);
    let mut files = Vec::new();
    for (name, content) in product::embedded("runtime-bin") {
        let text = || std::str::from_utf8(content).map_err(io::Error::other);
        files.push(match name {
            "Cargo.toml" => {
                let text = cargo_toml(product, version, &platforms, text()?)?;
                (name.to_owned(), text.into_bytes())
            }
            GENERATED_FILE => {
                let code = payload_code(product, version, &platforms);
                (name.to_owned(), code.into_bytes())
            }
            _ if name.starts_with("src/") => (name.to_owned(), content.to_owned()),
            _ => (renamed(name), renamed(text()?).into_bytes()),
        });
    }
    let licenses = product.license_files.iter();
    files.extend(licenses.map(|(name, text)| (name.clone(), text.as_bytes().to_owned())));
    Ok(files)
}

/// Returns the names of a product that README.md and the example contain. In this repository, they
/// contain those of the default product.
fn own_names(product: &Product) -> [String; 7] {
    let Product {
        identity, krate, ..
    } = product;
    [
        krate.name.to_string(),
        identifier(&krate.name),
        krate.summary.to_string(),
        krate.cache_dir_env.to_string(),
        identity.path_env.to_string(),
        identity.title.to_string(),
        identity.license.to_string(),
    ]
}

/// Replaces, in one pass, the first text of each pair by the second. If two begin at the same place,
/// replaces the longer one.
fn replace_all(text: &str, pairs: &[(String, String)]) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let here = pairs.iter().filter(|(old, _)| rest.starts_with(old));
        let (length, new) = match here.max_by_key(|(old, _)| old.len()) {
            Some((old, new)) => (old.len(), new.as_str()),
            None => (next.len_utf8(), &rest[..next.len_utf8()]),
        };
        result.push_str(new);
        rest = &rest[length..];
    }
    result
}

/// Turns the manifest of the crate in this repository into that of a release.
fn cargo_toml(
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
        package.insert(
            "include",
            array(included(product, &["/README.md", "/examples", "/src"])),
        );
    }
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

/// Returns the generated file. `runtime-bin/src/embedded.rs` describes its form.
fn payload_code(product: &Product, version: &ReleaseVersion, platforms: &[&Platform]) -> String {
    let targets = platforms
        .iter()
        .map(|platform| &*platform.target)
        .collect::<Vec<_>>();
    let literal = |text: &str| format!("{text:?}");
    let payload = |platform: &&Platform| {
        let name = identifier(&platform_crate(product, platform));
        include_str!("facade/platform.rs.in")
            .replace("@cfg@", &platform.krate.cfg)
            .replace("@name@", &name)
    };
    let cfgs = platforms.iter().map(|platform| &*platform.krate.cfg);
    include_str!("facade/payload.rs.in")
        .replace("@crate_name@", &literal(&product.krate.name))
        .replace("@version@", &literal(&version.to_string()))
        .replace("@path_env@", &literal(&product.identity.path_env))
        .replace("@cache_dir_env@", &literal(&product.krate.cache_dir_env))
        .replace("@metadata_file@", &literal(&product.bundle.metadata))
        .replace("@targets@", &format!("{targets:?}"))
        .replace(
            "@platforms@\n",
            &platforms.iter().map(payload).collect::<String>(),
        )
        .replace(
            "@cfgs@",
            &cfgs.fold(String::new(), |all, cfg| all + "\n    " + cfg + ","),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced_in_one_pass_the_longest_first() {
        let pairs = [("a", "b"), ("b", "a"), ("ab", "aXb")];
        let pairs = pairs.map(|(old, new)| (old.to_owned(), new.to_owned()));
        assert_eq!(replace_all("a b ab ü", &pairs), "b a aXb ü");
    }
}
