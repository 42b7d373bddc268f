//! What lies in a wheel and where.

use super::super::Findings;
use super::super::contents::Contents;
use super::super::facts::Facts;
use super::super::rules::wheel as rules;
use super::name::{FileName, normal_name};

/// Places that a .data directory can have files for, by what they are called in it.
const SCHEMES: [&str; 5] = ["purelib", "platlib", "headers", "scripts", "data"];

pub(super) fn check(name: Option<&FileName>, contents: &Contents, findings: &mut Findings) {
    // Windows asks for no executable bit, and wheels that are packed there have none.
    let needs_bit = name.is_none_or(|name| {
        let mut platforms = name.platforms.iter();
        platforms.any(|platform| !platform.starts_with("win"))
    });
    for (path, file) in contents.iter() {
        if is_bytecode(path) {
            let detail = "it is compiled Python code";
            findings.add_at(&rules::BYTECODE, path, detail);
        }
        let Some(place) = name.and_then(|name| below_data(path, name)) else {
            continue;
        };
        let (scheme, rest) = place.split_once('/').unwrap_or((place, ""));
        if rest.is_empty() || !SCHEMES.contains(&scheme) {
            let detail = format!("`{scheme}` is not one of {}", SCHEMES.join(", "));
            findings.add_at(&rules::DATA_SCHEME, path, detail);
        } else if scheme == "scripts" && needs_bit && !file.is_executable() {
            let detail = match file.mode {
                Some(mode) => format!("its mode is {:04o}", mode & 0o7777),
                None => "the archive gives it no mode".to_owned(),
            };
            findings.add_at(&rules::SCRIPT_MODE, path, detail);
        }
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
        let scheme = below_data(path, name).and_then(|rest| rest.split('/').next());
        let is_in_purelib = match scheme {
            None => root_is_purelib,
            Some(scheme) => scheme == "purelib",
        };
        if is_in_purelib && !matches!(facts, Facts::Script(_)) {
            let detail = "it is native code, and is installed with code for every platform";
            findings.add_at(&rules::PURELIB, path, detail);
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

/// What follows the .data directory of the wheel in a path.
fn below_data<'a>(path: &'a str, name: &FileName) -> Option<&'a str> {
    let (top, rest) = path.split_once('/')?;
    let (project, version) = top.strip_suffix(".data")?.rsplit_once('-')?;
    let is_own = version == name.version && normal_name(project) == normal_name(&name.name);
    is_own.then_some(rest)
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
    fn a_data_directory_is_that_of_the_wheel() {
        let name = FileName::parse("a_b-1.0-py3-none-any.whl").unwrap();
        assert_eq!(
            below_data("a_b-1.0.data/scripts/x", &name),
            Some("scripts/x")
        );
        assert_eq!(below_data("A.b-1.0.data/x", &name), Some("x"));
        assert_eq!(below_data("a_b-1.1.data/x", &name), None);
        assert_eq!(below_data("a_b/a_b-1.0.data/x", &name), None);
    }
}
