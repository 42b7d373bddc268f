//! What lies in a wheel and where.

use std::collections::BTreeSet;

use super::name::FileName;
use crate::audit::finding::Findings;
use crate::audit::rules;
use crate::contents::Contents;
use native_claims::facts::Facts;

/// Places that a .data directory can have files for, by what they are called in it.
const SCHEMES: [&str; 5] = ["purelib", "platlib", "headers", "scripts", "data"];

/// Holds where files lie against what installers make of it. `dist_info` is the directory of
/// metadata, if it is known which one is.
pub(super) fn check(
    name: Option<&FileName>,
    dist_info: Option<&str>,
    contents: &Contents,
    findings: &mut Findings,
) {
    // uv looks for the one beside the directory of metadata, whatever the file is called.
    let own = dist_info.and_then(|directory| directory.strip_suffix(".dist-info"));
    let mut foreign = BTreeSet::new();
    // Windows asks for no executable bit, and wheels that are packed there have none.
    let needs_bit = name.is_none_or(|name| {
        let mut platforms = name.platforms.iter();
        platforms.any(|platform| !platform.starts_with("win"))
    });
    for (path, file) in contents.iter() {
        if is_bytecode(path) {
            let detail = "it is compiled Python code";
            findings.add_at(&rules::wheel::BYTECODE, path, detail);
        }
        let Some((of, place)) = below_data(path) else {
            continue;
        };
        let (scheme, rest) = place.split_once('/').unwrap_or((place, ""));
        if rest.is_empty() || !SCHEMES.contains(&scheme) {
            let detail = if rest.is_empty() {
                "it is a file where pip looks for a directory".to_owned()
            } else {
                format!("`{scheme}` is not one of {}", SCHEMES.join(", "))
            };
            findings.add_at(&rules::wheel::DATA_SCHEME, path, detail);
            continue;
        }
        let is_foreign = own.is_some_and(|own| own != of);
        if is_foreign {
            foreign.insert(of);
        }
        if scheme == "scripts" {
            if !is_foreign && rest.contains('/') {
                findings.add_at(
                    &rules::wheel::DATA_SCRIPTS,
                    path,
                    "it does not lie in `scripts` itself",
                );
            }
            if needs_bit && !file.is_executable() {
                let detail = match file.mode {
                    Some(mode) => format!("its mode is {:04o}", mode & 0o7777),
                    None => "the archive gives it no mode".to_owned(),
                };
                findings.add_at(&rules::wheel::SCRIPT_MODE, path, detail);
            }
        }
    }
    for of in foreign {
        let own = own.unwrap_or_default();
        let detail = format!("the one of the wheel is `{own}.data`");
        findings.add_at(&rules::wheel::DATA_NAME, format!("{of}.data"), detail);
    }
}

/// Holds the places of native code against where the wheel says it has any. A wheel for every
/// platform has none of its own: what is in it are launchers to be copied.
pub(super) fn check_native(
    root_is_purelib: bool,
    name: &FileName,
    contents: &Contents,
    findings: &mut Findings,
) {
    if name.is_for_any() {
        return;
    }
    for (path, facts) in contents.objects() {
        let scheme = below_data(path).and_then(|(_, rest)| rest.split('/').next());
        let is_in_purelib = match scheme {
            None => root_is_purelib,
            Some(scheme) => scheme == "purelib",
        };
        if is_in_purelib && !matches!(facts, Facts::Script(_)) {
            let detail = "it is native code, and is installed with code for every platform";
            findings.add_at(&rules::wheel::PURELIB, path, detail);
        }
    }
}

fn is_bytecode(path: &str) -> bool {
    let (directories, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut directories = directories.split('/');
    directories.any(|directory| directory == "__pycache__")
        || name
            .rsplit_once('.')
            .is_some_and(|(_, extension)| matches!(extension, "pyc" | "pyo"))
}

/// What the name of a .data directory has before its ending, and what follows it in a path. pip
/// takes everything for one that ends so.
fn below_data(path: &str) -> Option<(&str, &str)> {
    let (top, rest) = path.split_once('/').unwrap_or((path, ""));
    Some((top.strip_suffix(".data")?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytecode_is_known_by_its_place_and_its_name() {
        for path in ["a/__pycache__/x", "__pycache__/x.pyc", "a.pyc", "a/b.pyo"] {
            assert!(is_bytecode(path), "{path}");
        }
        for path in ["a/pyc", "a/x.py", "a/__pycache__x/y", "__pycache__"] {
            assert!(!is_bytecode(path), "{path}");
        }
    }

    #[test]
    fn a_data_directory_is_at_the_top() {
        for (path, expected) in [
            ("a_b-1.0.data/scripts/x", Some(("a_b-1.0", "scripts/x"))),
            ("x.data", Some(("x", ""))),
            ("a_b/a_b-1.0.data/x", None),
            ("a_b-1.0.DATA/x", None),
        ] {
            assert_eq!(below_data(path), expected, "{path}");
        }
    }
}
