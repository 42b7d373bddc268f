//! npm packages: one per platform. The root package has them as optional dependencies.
//!
//! All of them are versions of one package, as upstream publishes it: the platform package of
//! `0.163.0` is the version `0.163.0-linux-x64`, and the root package reaches it by an alias.

use std::io::{self, BufWriter};
use std::path::Path;

use fs_err::File;
use serde_json::{Value, json};

use super::entry::Entry;
use super::error::PackageError;
use super::input::Input;
use super::{sbom, tgz};
use crate::compress::Compressed;
use crate::contents::Contents;
use crate::product::Product;
use crate::record::names::npm::{file_name, platform_version};
use crate::record::timestamp::Timestamp;
use crate::record::{Artifact, ArtifactKind};

/// The directory of the tree in a platform package.
pub fn tree_directory(target: &str) -> String {
    format!("vendor/{target}")
}

/// Returns the fields of `package.json` that every package of a product has.
pub fn package_json(product: &Product, npm_version: &str, description: &str) -> Value {
    let identity = &product.identity;
    json!({
        "name": product.npm.package,
        "version": npm_version,
        "description": description,
        "license": identity.license,
        "author": identity.authors.join(", "),
        "homepage": identity.homepage,
        "repository": { "type": "git", "url": format!("git+{}.git", identity.repository) },
        "bugs": identity.issues,
        "engines": { "node": product.npm.node },
    })
}

/// Writes the package of the input's platform.
pub fn write(input: &Input) -> Result<(Artifact, Contents), PackageError> {
    let Input {
        product, platform, ..
    } = *input;
    let version = platform_version(&input.version, platform);
    let what = format!(
        "{} {} for {}",
        product.identity.title, input.version, platform.npm.name
    );
    let mut package = package_json(product, &version, &what);
    package["os"] = json!(platform.npm.systems().collect::<Vec<_>>());
    package["cpu"] = json!(platform.npm.cpus());
    let readme = format!(
        "# {0}\n\n{what}. It is an optional dependency of `{0}`, which installs the one that fits \
         the machine: install that one.\n",
        product.npm.package
    );
    let mut entries = package_entries(product, &package, &readme);
    let subject = sbom::Subject {
        name: &product.npm.package,
        purl: sbom::npm_purl(&product.npm.package, &version),
        version: version.clone(),
        parts: Vec::new(),
    };
    entries.push(Entry::text(
        format!("package/{}", sbom::FILE),
        sbom::text(input, &subject)?,
    ));
    let tree = format!("package/{}", tree_directory(&platform.target));
    entries.extend(
        input
            .bundle
            .files()
            .iter()
            .map(|file| Entry::file(&tree, file)),
    );
    let name = file_name(product, &version);
    let artifact = write_tarball(
        &entries,
        input.compressed,
        input.timestamp,
        input.out,
        &name,
    )?;
    Ok((artifact, Contents::of_entries(entries, input.contents)))
}

/// Returns the entries that every package has: `package.json`, README and licence files.
pub fn package_entries(product: &Product, package: &Value, readme: &str) -> Vec<Entry<'static>> {
    let licenses = product.license_files.iter();
    let licenses =
        licenses.map(|(name, text)| Entry::text(format!("package/{name}"), text.as_str()));
    [
        Entry::text("package/package.json", format!("{package:#}\n")),
        Entry::text("package/README.md", readme),
    ]
    .into_iter()
    .chain(licenses)
    .collect()
}

/// Writes a tarball below `out`, at its path in a staging directory.
pub fn write_tarball(
    entries: &[Entry],
    compressed: &Compressed,
    timestamp: Timestamp,
    out: &Path,
    name: &str,
) -> io::Result<Artifact> {
    let path = format!("{}/{name}", ArtifactKind::Npm.directory());
    let file = BufWriter::new(File::create_new(out.join(&path))?);
    let written = tgz::write(entries, compressed, timestamp, file)?;
    Ok(Artifact::file(ArtifactKind::Npm, path, written))
}
