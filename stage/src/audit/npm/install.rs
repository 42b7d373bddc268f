//! What runs when a package is installed from a tarball.
//!
//! npm runs `preinstall`, `install` and `postinstall` of a dependency. `prepare` and its like run
//! for a directory or a git repository only. Where there is a `binding.gyp`, and neither an
//! `install` nor a `preinstall` script nor `"gypfile": false`, npm runs `node-gyp rebuild`.

use serde_json::Value;

use super::package::{NpmPackage, PACKAGE_JSON};
use crate::audit::finding::Findings;
use crate::audit::rule::Rule;

/// Finds what runs; `rule` is the one that it breaks.
pub(super) fn check(package: &NpmPackage, rule: &'static Rule, findings: &mut Findings) {
    for (place, detail) in what_runs(package) {
        findings.add_at(rule, place, detail);
    }
}

/// Whether anything runs: what is missing in the package may then come from elsewhere.
pub(super) fn runs_something(package: &NpmPackage) -> bool {
    !what_runs(package).is_empty()
}

/// What runs, and the file that says so.
fn what_runs(package: &NpmPackage) -> Vec<(&'static str, String)> {
    let scripts = package.json.get("scripts").and_then(Value::as_object);
    let script = |name: &str| {
        let script = scripts?.get(name)?.as_str()?;
        (!script.trim().is_empty()).then_some(script)
    };
    let run = ["preinstall", "install", "postinstall"]
        .into_iter()
        .filter_map(|name| {
            let script = script(name)?;
            Some((PACKAGE_JSON, format!("`{name}` runs {script:?}")))
        });
    let mut run = run.collect::<Vec<_>>();
    let binding = "binding.gyp";
    let is_there = package
        .contents
        .get(&format!("{}/{binding}", package.root))
        .is_some();
    let wanted = package.json.get("gypfile") != Some(&Value::Bool(false));
    if is_there && wanted && script("install").is_none() && script("preinstall").is_none() {
        run.push((binding, "npm runs `node-gyp rebuild` for it".to_owned()));
    }
    run
}
