//! The commands that a package installs.

use std::path::Path;

use serde_json::Value;

use super::{Findings, PACKAGE_JSON, Package, install, machine, rules};
use native_claims::facts::Facts;

/// The commands of a package with the file that each leads to, relative to the package.
pub(super) fn commands(package: &Package) -> Vec<(String, String)> {
    let command = |(name, target): (&String, &Value)| {
        let target = target.as_str().unwrap_or_default();
        (name.clone(), normal(target))
    };
    match package.json.get("bin") {
        Some(Value::String(target)) => {
            // The command has the name of the package, without its scope.
            let name = package.text("name").unwrap_or_default();
            let name = name.rsplit('/').next().unwrap_or(name);
            vec![(name.to_owned(), normal(target))]
        }
        Some(Value::Object(bin)) => bin.iter().map(command).collect(),
        _ => Vec::new(),
    }
}

/// A path below the package, as npm reads it: `..` does not lead out.
pub(super) fn normal(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Holds what the commands lead to against what systems run.
///
/// Where a program runs at installation, it may put another file there.
pub(super) fn check(package: &Package, findings: &mut Findings) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_below_the_package() {
        for (path, expected) in [
            ("./bin/a.js", "bin/a.js"),
            ("bin\\a.js", "bin/a.js"),
            ("/bin/a.js", "bin/a.js"),
            ("../../bin/../a.js", "a.js"),
            ("", ""),
        ] {
            assert_eq!(normal(path), expected);
        }
    }
}
