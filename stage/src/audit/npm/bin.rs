//! What the commands of a package lead to.

use std::path::Path;

use super::commands::commands;
use super::package::{NpmPackage, PACKAGE_JSON};
use super::{install, machine};
use crate::audit::finding::Findings;
use crate::audit::rules;
use native_claims::facts::Facts;

/// Holds what the commands lead to against what systems run.
///
/// Where a program runs at installation, it may put another file there.
pub(super) fn check(package: &NpmPackage, findings: &mut Findings) {
    if install::runs_something(package) {
        return;
    }
    for (name, target) in commands(package) {
        let path = format!("{}/{target}", package.root);
        let Some(file) = package.contents.get(&path) else {
            let detail = format!("the command {name:?} leads to {target:?}, which is not there");
            findings.add_at(&rules::npm::BIN_MISSING, PACKAGE_JSON, detail);
            continue;
        };
        match file.facts() {
            Some(Facts::Script(script)) if script.interpreter.ends_with('\r') => {
                let detail = format!("the command {name:?} runs {:?}", script.interpreter);
                findings.add_at(&rules::npm::BIN_LINE_ENDS, &target, detail);
            }
            Some(_) => {}
            // A batch file, which the shim that npm makes on Windows calls.
            None if is_batch_file(&target) && machine::is_for_windows_alone(package) => {}
            None => {
                let detail = format!("the command {name:?} leads to it");
                findings.add_at(&rules::npm::BIN_NOT_A_PROGRAM, &target, detail);
            }
        }
        if !file.is_executable() {
            let detail = format!("its mode is {:04o}", file.mode.unwrap_or_default() & 0o7777);
            findings.add_at(&rules::npm::BIN_MODE, &target, detail);
        }
    }
}

fn is_batch_file(path: &str) -> bool {
    let extension = Path::new(path).extension();
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("cmd"))
}
