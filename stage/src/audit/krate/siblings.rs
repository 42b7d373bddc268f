//! The crates of a release beside each other.

use std::io::{self, Read as _};
use std::path::Path;

use fs_err as fs;

use super::manifest::{CARGO_TOML, CargoDependency, CargoManifest};
use super::package::Krate;
use crate::audit::finding::Findings;
use crate::audit::rules;

/// Most bytes of the `Cargo.toml` of another crate.
const LONGEST_MANIFEST: u64 = 1 << 20;

/// Holds what a crate's directory depends on by path against what is there.
pub(super) fn check(krate: &Krate, findings: &mut Findings) -> io::Result<()> {
    check_pins(krate, findings);
    let Some(directory) = krate.directory else {
        return Ok(());
    };
    for dependency in &krate.manifest.dependencies {
        let Some(path) = &dependency.path else {
            continue;
        };
        if let Some(fault) = fault(dependency, &directory.join(path))? {
            let detail = format!("{}, at {path:?}: {fault}", dependency.shown());
            findings.add_at(&rules::crates::SIBLING, CARGO_TOML, detail);
        }
    }
    Ok(())
}

/// Why the crate in a directory is not the one that is depended on.
fn fault(dependency: &CargoDependency, directory: &Path) -> io::Result<Option<String>> {
    let Some(text) = read(directory)? else {
        return Ok(Some("there is no crate".to_owned()));
    };
    let manifest = match CargoManifest::parse(&text) {
        Ok(manifest) => manifest,
        Err(reason) => return Ok(Some(format!("its Cargo.toml cannot be read: {reason}"))),
    };
    let name = manifest.name.unwrap_or_default();
    if name != dependency.name {
        return Ok(Some(format!("there is {name:?}")));
    }
    let Some(wanted) = &dependency.wanted else {
        return Ok(None);
    };
    let wanted = match semver::VersionReq::parse(wanted) {
        Ok(wanted) => wanted,
        Err(error) => return Ok(Some(format!("{wanted:?} is no requirement: {error}"))),
    };
    // A version that the workspace has is not known here.
    let Some(version) = manifest.version else {
        return Ok(None);
    };
    let fits = semver::Version::parse(&version).is_ok_and(|version| wanted.matches(&version));
    let fault = format!("it has version {version}, and {wanted} is wanted");
    Ok((!fits).then_some(fault))
}

/// The manifest of the crate in a directory, if there is one.
fn read(directory: &Path) -> io::Result<Option<String>> {
    let path = directory.join(CARGO_TOML);
    if !path.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?
        .take(LONGEST_MANIFEST)
        .read_to_end(&mut bytes)?;
    Ok(String::from_utf8(bytes).ok())
}

/// Holds the versions that a crate of the product wants of others of it against its own.
pub(super) fn check_pins(krate: &Krate, findings: &mut Findings) {
    if !krate.is_staged() {
        return;
    }
    let own = krate.manifest.version.as_deref();
    for dependency in &krate.manifest.dependencies {
        let is_family = krate.is_sibling(dependency);
        // A path in an archive is another rule's.
        let is_beside = krate.directory.is_some() && dependency.path.is_some();
        if !is_beside && !is_family {
            continue;
        }
        let exact = dependency.exact().map(|version| version.to_string());
        let wanted = dependency.wanted.as_deref().unwrap_or("any version");
        let fault = match exact {
            None => format!("wants {wanted:?}, which is not one exact version"),
            Some(exact) if is_family && own != Some(&exact) => {
                format!(
                    "wants {wanted:?}, and the crate itself is {}",
                    own.unwrap_or("none")
                )
            }
            Some(_) => continue,
        };
        let detail = format!("{} {fault}", dependency.shown());
        findings.add_at(&rules::crates::PIN, CARGO_TOML, detail);
    }
}
