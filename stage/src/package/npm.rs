//! npm packages: one per platform. The root package has them as optional dependencies.
//!
//! Their names are in [`names::npm`](crate::record::names::npm): all of them are versions of one package,
//! or each is a package of its own.

pub mod launcher;

use std::io::{self, BufWriter};
use std::path::Path;

use fs_err::File;
use native_claims::facts::{self, Facts};
use serde_json::{Value, json};

use super::entry::Entry;
use super::error::PackageError;
use super::input::Input;
use super::{sbom, tgz};
use crate::compress::Compressed;
use crate::contents::Contents;
use crate::product::{Libc, Product};
use crate::record::names::npm::{file_name, platform_package, platform_version};
use crate::record::timestamp::Timestamp;
use crate::record::{Artifact, ArtifactKind};

/// The directory of the tree in a platform package.
pub fn tree_directory(target: &str) -> String {
    format!("vendor/{target}")
}

/// Returns the fields of `package.json` that every package of a product has.
pub fn package_json(product: &Product, name: &str, npm_version: &str, description: &str) -> Value {
    let identity = &product.identity;
    let repository = &*identity.repository;
    let repository = repository.strip_suffix(".git").unwrap_or(repository);
    let mut package = json!({
        "name": name,
        "version": npm_version,
        "description": description,
        "license": identity.license,
    });
    // npm takes one author, and reads `Name <mail>`.
    if let Some((author, others)) = identity.authors.split_first() {
        package["author"] = json!(author);
        if !others.is_empty() {
            package["contributors"] = json!(others);
        }
    }
    package["homepage"] = json!(identity.homepage);
    let repository = format!("git+{repository}.git");
    package["repository"] = json!({ "type": "git", "url": repository });
    if let Some(url) = &identity.issues {
        package["bugs"] = json!(url);
    }
    package["engines"] = json!({ "node": product.npm.node });
    package
}

/// Returns the commands that the root package installs.
pub fn commands(product: &Product) -> impl Iterator<Item = &str> {
    let more = product.identity.commands.iter().skip(1);
    std::iter::once(&*product.npm.bin).chain(more.map(|name| &**name))
}

/// Returns the C library that the entrypoint needs: none, if it is static.
fn libc_of(input: &Input) -> Option<Libc> {
    let entrypoint = input.contents.get(input.bundle.entrypoint().as_str())?;
    match entrypoint.facts()? {
        Facts::Elf(elf) if &*input.platform.npm.os == "linux" => match elf.libc? {
            facts::Libc::Glibc => Some(Libc::Glibc),
            facts::Libc::Musl => Some(Libc::Musl),
            facts::Libc::Other => None,
        },
        _ => None,
    }
}

/// Writes the package of the input's platform.
pub fn write(input: &Input) -> Result<(Artifact, Contents), PackageError> {
    let Input {
        product, platform, ..
    } = *input;
    let name = platform_package(product, platform);
    let version = platform_version(product, input.version, platform);
    let what = format!(
        "{} {} for {}",
        product.identity.title,
        input.version.upstream(),
        platform.npm.name
    );
    let mut package = package_json(product, &name, &version, &what);
    package["os"] = json!(platform.npm.systems().collect::<Vec<_>>());
    package["cpu"] = json!(platform.npm.cpus());
    if let Some(libc) = platform.npm.libc.or_else(|| libc_of(input)) {
        package["libc"] = json!([libc.as_str()]);
    }
    let readme = format!(
        "# {name}\n\n{what}. It is an optional dependency of `{}`, which installs the one that fits \
         the machine: install that one.\n",
        product.npm.package
    );
    let mut entries = package_entries(product, &package, &readme);
    let subject = sbom::Subject {
        name: &name,
        purl: sbom::npm_purl(&name, &version),
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
    let name = file_name(&name, &version);
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
