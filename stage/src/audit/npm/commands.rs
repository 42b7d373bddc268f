//! The commands that a package installs.

use serde_json::Value;

use super::package::NpmPackage;

/// The commands of a package with the file that each leads to, relative to the package.
pub(super) fn commands(package: &NpmPackage) -> Vec<(String, String)> {
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
