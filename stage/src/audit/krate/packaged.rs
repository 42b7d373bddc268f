//! What a `.crate` file has to be beside its crate.

use super::manifest::{CARGO_TOML, CargoManifest};
use super::package::Krate;
use crate::audit::finding::Findings;
use crate::audit::rules;

/// Holds the places of the files, and what the crate depends on by path, against the rules.
/// `root` is the directory of the crate.
pub(super) fn check(krate: &Krate, root: &str, findings: &mut Findings) {
    check_top_folder(krate, root, findings);
    check_paths(krate, findings);
}

/// Cargo unpacks nothing but `NAME-VERSION/`.
fn check_top_folder(krate: &Krate, root: &str, findings: &mut Findings) {
    let CargoManifest { name, version, .. } = &krate.manifest;
    if let (Some(name), Some(version)) = (name, version) {
        let expected = format!("{name}-{version}");
        if root != expected {
            let detail = format!("it is {root:?} and not {expected:?}");
            findings.add(&rules::crates::TOP_FOLDER, detail);
        }
    }
    for (path, _) in krate.contents.iter() {
        if !path.starts_with(&krate.prefix) {
            let detail = format!("it is not below {}", krate.prefix);
            findings.add_at(&rules::crates::TOP_FOLDER, path, detail);
        }
    }
}

fn check_paths(krate: &Krate, findings: &mut Findings) {
    for dependency in &krate.manifest.dependencies {
        if let Some(path) = &dependency.path {
            let detail = format!("{} is at {path:?}", dependency.shown());
            findings.add_at(&rules::crates::PATH_IN_PACKAGE, CARGO_TOML, detail);
        }
    }
}
