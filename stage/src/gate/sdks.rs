//! SDKs in a set: each must be pinned to exactly the runtime beside it.

use std::io;
use std::path::Path;

use toml_edit::DocumentMut;

use crate::base::files::names_in;
use crate::package::index;
use crate::product::Product;
use crate::record::ListedFile;
use crate::record::hash;
use crate::record::names::platform_of_crate;
use crate::record::problem::{Problem, SetFault};
use crate::record::release_json::StagedSdk;
use crate::record::walk::walk;
use crate::sdk::{self, Ecosystem, Pin, SdkSource};
use crate::version::ReleaseVersion;

/// Returns the SDKs that `stage` has staged in a directory.
pub fn staged(root: &Path, product: &Product) -> io::Result<Vec<StagedSdk>> {
    let mut sdks = Vec::new();
    for ecosystem in [Ecosystem::Cargo, Ecosystem::Python] {
        for name in names_in(&root.join(ecosystem.directory()))? {
            let path = format!("{}/{name}", ecosystem.directory());
            let of_runtime = ecosystem == Ecosystem::Cargo
                && (path == index::facade_path(product)
                    || platform_of_crate(product, &name).is_some());
            if of_runtime || !ecosystem.is_staged(&root.join(&path)) {
                continue;
            }
            sdks.push(StagedSdk::new(path.clone(), files(&root.join(path))?));
        }
    }
    sdks.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sdks)
}

fn files(directory: &Path) -> io::Result<Vec<ListedFile>> {
    let found = walk(directory)?.into_iter();
    let listed = found.filter(|found| found.odd.is_none()).map(|found| {
        let (size, sha256) = hash::measure(&directory.join(&found.path))?;
        let path = found.path;
        Ok(ListedFile { path, size, sha256 })
    });
    listed.collect()
}

/// Returns the problems with the pins of SDKs.
pub fn check(
    root: &Path,
    product: &Product,
    version: &ReleaseVersion,
    sdks: &[StagedSdk],
) -> Vec<Problem> {
    let check = |sdk: &StagedSdk| {
        let reason = wrong_pin(&root.join(&sdk.path), product, version)?;
        Some(Problem::new(&*sdk.path, SetFault::Pin(reason)))
    };
    sdks.iter().filter_map(check).collect()
}

/// Returns why an SDK is not pinned to this version. To find out, pins it again and compares the
/// manifests.
fn wrong_pin(directory: &Path, product: &Product, version: &ReleaseVersion) -> Option<String> {
    let source = SdkSource::Directory(directory.to_path_buf());
    let own_version = own_version(directory);
    let pin = Pin {
        product,
        version,
        sdk_version: own_version.as_deref(),
        beside_facade: true,
    };
    let pinned = match sdk::pin(&source, &pin) {
        Ok(pinned) => pinned,
        Err(error) => return Some(format!("it is not an SDK of this release: {error}")),
    };
    let manifest = pinned.ecosystem.manifest();
    let there = fs_err::read(directory.join(manifest)).ok();
    let expected = pinned.files.get(manifest).map(|file| &file.content);
    (there.as_ref() != expected).then(|| {
        let requirement = &pinned.requirement;
        format!(
            "{manifest} does not pin version {version} of the runtime beside it; it should \
             require {requirement}"
        )
    })
}

/// Returns the SDK's own version, from its manifest.
fn own_version(directory: &Path) -> Option<String> {
    let in_manifest = |ecosystem: Ecosystem, table: &str| {
        let text = fs_err::read_to_string(directory.join(ecosystem.manifest())).ok()?;
        let manifest = text.parse::<DocumentMut>().ok()?;
        let version = manifest.get(table)?.get("version")?.as_str()?;
        Some(version.to_owned())
    };
    in_manifest(Ecosystem::Cargo, "package").or_else(|| in_manifest(Ecosystem::Python, "project"))
}
