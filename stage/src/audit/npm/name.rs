//! Names of packages.

use serde_json::Value;

use super::package::PACKAGE_JSON;
use crate::audit::finding::Findings;
use crate::audit::rules;

/// Most characters of a name.
const LONGEST: usize = 214;

/// Names that the registry keeps for itself.
const TAKEN: [&str; 2] = ["node_modules", "favicon.ico"];

/// Holds the name of a package against npm's rules.
pub(super) fn check(name: Option<&Value>, findings: &mut Findings) {
    let fault = match name {
        Some(Value::String(name)) => {
            let fault = fault(name);
            if fault.is_none() && is_old(name) {
                findings.add_at(&rules::npm::OLD_NAME, PACKAGE_JSON, format!("{name:?}"));
            }
            fault.map(|fault| format!("{name:?} {fault}"))
        }
        Some(_) => Some("it is no text".to_owned()),
        None => Some("there is none".to_owned()),
    };
    if let Some(fault) = fault {
        findings.add_at(&rules::npm::NAME, PACKAGE_JSON, fault);
    }
}

/// Why npm takes this name from nobody.
fn fault(name: &str) -> Option<&'static str> {
    if name.len() > LONGEST {
        return Some("has more than 214 characters");
    }
    if TAKEN.iter().any(|taken| taken.eq_ignore_ascii_case(name)) {
        return Some("is a name that npm keeps for itself");
    }
    let scoped = name.strip_prefix('@').map(|rest| rest.split_once('/'));
    let words = match scoped {
        None => [name, name],
        Some(Some((scope, name))) => [scope, name],
        Some(None) => return Some("has a scope and no name"),
    };
    for word in words {
        if word.is_empty() {
            return Some("has an empty part");
        }
        if word.starts_with(['.', '_']) {
            return Some("begins with a `.` or `_`");
        }
        // What a URL holds as it is, by `encodeURIComponent` of JavaScript.
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.!~*'()".contains(c);
        if !word.chars().all(plain) {
            return Some("has characters that a URL does not hold as they are");
        }
    }
    None
}

/// Whether npm takes this name only for packages that have it already.
fn is_old(name: &str) -> bool {
    name.contains(|c: char| c.is_ascii_uppercase() || "~'!()*".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_npm_takes_have_no_fault() {
        for name in ["react", "@openai/codex", "a.b_c-d", "@types/node", "7zip"] {
            assert!(fault(name).is_none() && !is_old(name), "{name}");
        }
        for name in ["JSONStream", "what's-up!"] {
            assert!(fault(name).is_none() && is_old(name), "{name}");
        }
    }

    #[test]
    fn names_that_npm_refuses_have_one() {
        let long = "a".repeat(LONGEST + 1);
        for name in [
            "",
            " a",
            "a/b",
            "@a",
            "@/b",
            "@a/",
            "@a/b/c",
            ".a",
            "_a",
            "@a/.b",
            "node_modules",
            "Favicon.ico",
            "größe",
            "a:b",
            &long,
        ] {
            assert!(fault(name).is_some(), "{name}");
        }
    }
}
