//! The npm root package: a launcher, and the data about the platforms that it reads.

use std::io;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::compress::Compressed;
use crate::package::entry::Entry;
use crate::package::npm;
use crate::product::Platform;
use crate::product::Product;
use crate::record::manifest::Manifest;
use crate::record::names::npm as names;
use crate::record::timestamp::Timestamp;
use crate::record::{Artifact, ArtifactKind};
use crate::version::ReleaseVersion;

/// The program that users call. It finds the platform package and runs the runtime in it.
const LAUNCHER: &str = include_str!("../../package/npm/launcher.js");

/// Returns the path of the root package in a staging directory.
pub fn path(product: &Product, version: &ReleaseVersion) -> String {
    let name = names::file_name(product, &version.to_string());
    format!("{}/{name}", ArtifactKind::Npm.directory())
}

/// Writes the root package for these platforms.
pub fn write(
    product: &Product,
    version: &ReleaseVersion,
    timestamp: Timestamp,
    platforms: &[(&Platform, &Manifest)],
    out: &Path,
) -> io::Result<Artifact> {
    let entries = entries(product, version, platforms);
    let name = names::file_name(product, &version.to_string());
    npm::write_tarball(&entries, &Compressed::default(), timestamp, out, &name)
}

/// Returns the entries of the root package for these platforms.
pub fn entries(
    product: &Product,
    version: &ReleaseVersion,
    platforms: &[(&Platform, &Manifest)],
) -> Vec<Entry<'static>> {
    let text = &product.npm;
    let bin = format!("bin/{}.js", &*text.bin);
    let dependencies = platforms.iter().map(|(platform, _)| {
        let platform_version = names::platform_version(version, platform);
        (
            names::alias(product, platform),
            json!(format!("npm:{}@{platform_version}", text.package)),
        )
    });
    let mut package = npm::package_json(product, &version.to_string(), &text.summary);
    package["bin"] = json!({ &*text.bin: bin });
    package["optionalDependencies"] = Value::Object(dependencies.collect());

    let readme = format!("# {}\n\n{}\n", text.package, text.description.trim());
    let mut entries = npm::package_entries(product, &package, &readme);
    let known = known_platforms(product, version, platforms);
    entries.push(Entry::text(
        "package/platforms.json",
        format!("{known:#}\n"),
    ));
    let mut launcher = Entry::text(format!("package/{bin}"), LAUNCHER);
    launcher.executable = true;
    entries.push(launcher);
    entries
}

/// Returns the data that the launcher reads. The launcher describes the fields.
fn known_platforms(
    product: &Product,
    version: &ReleaseVersion,
    platforms: &[(&Platform, &Manifest)],
) -> Value {
    let machines = |(platform, manifest): &(&Platform, &Manifest)| {
        let mut known = json!({
            "package": names::alias(product, platform),
            "target": platform.target,
            "entrypoint": manifest.bundle.entrypoint,
        });
        if let Some(path_dir) = &manifest.bundle.path_dir {
            known["pathDir"] = json!(path_dir);
        }
        let npm = &platform.npm;
        let machines = npm
            .systems()
            .flat_map(|os| npm.cpus().iter().map(move |cpu| format!("{os}-{cpu}")));
        machines
            .map(|machine| (machine, known.clone()))
            .collect::<Vec<_>>()
    };
    json!({
        "name": product.npm.package,
        "version": version,
        "title": product.identity.title,
        "pathEnv": product.identity.path_env,
        "metadata": &*product.bundle.metadata,
        "environment": product.npm.environment,
        "platforms": platforms.iter().flat_map(machines).collect::<Map<_, _>>(),
    })
}
