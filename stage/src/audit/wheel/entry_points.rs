//! The file `entry_points.txt` ([specification](https://packaging.python.org/en/latest/specifications/entry-points/)).

use std::collections::HashSet;

use crate::audit::finding::Findings;
use crate::audit::rules;

/// Holds the file against its specification.
pub(super) fn check(path: &str, text: Option<&str>, findings: &mut Findings) {
    let fault = match text {
        None => Err("it is not UTF-8".to_owned()),
        Some(text) => parse(text),
    };
    if let Err(reason) = fault {
        findings.add_at(&rules::wheel::ENTRY_POINTS, path, reason);
    }
}

/// Returns the commands of the group `console_scripts`, with the functions that they run.
pub(super) fn console_scripts(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut is_inside = false;
    text.lines().filter_map(move |line| {
        let entry = line.trim();
        if entry.starts_with('[') {
            is_inside = entry == "[console_scripts]";
        }
        let entry = (is_inside && !entry.starts_with(['#', ';'])).then_some(entry)?;
        let (name, value) = entry.split_once('=')?;
        Some((name.trim(), value.trim()))
    })
}

/// Reads the file as Python's `configparser` does, with `=` as the only delimiter.
fn parse(text: &str) -> Result<(), String> {
    let mut group = None;
    let mut seen = HashSet::new();
    for (index, line) in text.lines().enumerate() {
        let wrong = |reason: String| Err(format!("line {}: {reason}", index + 1));
        let entry = line.trim();
        if entry.is_empty() || entry.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = entry.strip_prefix('[') {
            match name.strip_suffix(']') {
                Some(name) if !name.is_empty() => group = Some(name),
                _ => return wrong(format!("{entry:?} is no group")),
            }
            continue;
        }
        let Some(group) = group else {
            return wrong("there is no group before it".to_owned());
        };
        let Some((name, value)) = entry.split_once('=') else {
            return wrong(format!("{entry:?} has no `=`"));
        };
        let (name, value) = (name.trim(), value.trim());
        if !seen.insert((group, name)) {
            return wrong(format!("{name:?} is there twice"));
        }
        if matches!(group, "console_scripts" | "gui_scripts") {
            let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
            if name.is_empty() || !name.chars().all(good) || name.starts_with('.') {
                return wrong(format!("{name:?} is no name of a command"));
            }
            if !is_function(value) {
                return wrong(format!("{value:?} is no function of a module"));
            }
        }
    }
    Ok(())
}

/// Whether a value is `package.module:object.attribute`, with extras or without.
fn is_function(value: &str) -> bool {
    let value = match value.split_once('[') {
        Some((value, extras)) if extras.trim_end().ends_with(']') => value.trim_end(),
        Some(_) => return false,
        None => value,
    };
    let is_path = |text: &str| {
        text.split('.').all(|part| {
            part.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_alphanumeric() || c == '_')
        })
    };
    let parts = value.split_once(':');
    parts.is_some_and(|(module, object)| is_path(module.trim()) && is_path(object.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_their_entries_are_read() {
        let text = "# comment\n[console_scripts]\na = a.b:c.d\nb-c=_x : y [extra]\n\n; comment\n\
                    [pytest11]\na = a.b\n[gui_scripts]\na = a:b\n";
        assert_eq!(parse(text), Ok(()));
        assert_eq!(parse(""), Ok(()));
    }

    #[test]
    fn commands_are_those_of_their_group() {
        let text =
            "[a]\nx = y:z\n[console_scripts]\n# c = d:e\na = a.b:c\n\nb-c=_x : y\n[d]\ne = f:g";
        let scripts = console_scripts(text).collect::<Vec<_>>();
        assert_eq!(scripts, [("a", "a.b:c"), ("b-c", "_x : y")]);
    }

    #[test]
    fn what_python_cannot_read_is_refused_with_the_line() {
        for (text, reason) in [
            (
                "[console_scripts]\na b = b:c",
                "line 2: \"a b\" is no name of a command",
            ),
            ("a = b:c", "line 1: there is no group"),
            ("[a", "line 1: \"[a\" is no group"),
            ("[]", "is no group"),
            ("[a]\nb", "line 2: \"b\" has no `=`"),
            ("[a]\nb = c\nb = d", "line 3: \"b\" is there twice"),
            ("[console_scripts]\na = b", "\"b\" is no function"),
            ("[console_scripts]\na = b:", "\"b:\" is no function"),
            ("[console_scripts]\na = b c:d", "is no function"),
            ("[console_scripts]\na = b:c [d", "is no function"),
            ("[console_scripts]\n../a = b:c", "\"../a\" is no name"),
            ("[gui_scripts]\n= b:c", "\"\" is no name"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
