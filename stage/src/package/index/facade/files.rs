//! The files of the facade crate.

use std::io;
use std::path::Path;

use super::names::{Names, example};
use super::{cargo_toml, commands, payload, readme};
use crate::package::crates::{CrateDirectory, allow_own_spelling};
use crate::product::Platform;
use crate::product::{self, Product};
use crate::record::manifest::Manifest;
use crate::record::{Artifact, ArtifactKind};
use crate::version::ReleaseVersion;

/// The files that are generated in a staged facade, in place of those in this repository.
const PAYLOAD_FILE: &str = "src/payload.rs";
const COMMANDS_FILE: &str = "src/commands.rs";

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
    staged: &[(&Platform, &Manifest)],
) -> io::Result<Vec<(String, Vec<u8>)>> {
    let platforms = staged.iter().map(|(platform, _)| *platform);
    let platforms = platforms.collect::<Vec<_>>();
    let default = Product::load(&product::ProductSource::BuiltIn).map_err(io::Error::other)?;
    let names = Names::new(&default, product);
    let mut files = Vec::new();
    for (name, content) in product::embedded("runtime-bin") {
        let text = std::str::from_utf8(content).map_err(io::Error::other)?;
        let text = match name {
            "Cargo.toml" => cargo_toml::cargo_toml(product, version, &platforms, text)?,
            PAYLOAD_FILE => payload::payload_code(product, version, &platforms),
            COMMANDS_FILE => commands::code(product, staged),
            "README.md" => readme::readme(product, &names.replace(text)),
            "src/lib.rs" => {
                allow_own_spelling(&product.krate.name, &names.replace(text), "#![deny(")
            }
            _ => names.replace(text),
        };
        let name = match name.strip_prefix("examples/") {
            Some(_) => format!("examples/{}.rs", example(product)),
            None => name.to_owned(),
        };
        files.push((name, text.into_bytes()));
    }
    files.extend(commands::programs(product));
    let licenses = product.license_files.iter();
    files.extend(licenses.map(|(name, text)| (name.clone(), text.as_bytes().to_owned())));
    Ok(files)
}
