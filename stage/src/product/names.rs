//! Names and expressions that a registry, a compiler or a shell has rules for.

use std::str::FromStr as _;

use super::checked::{constraint, must};
use super::texts::one_line;

constraint! {
    /// An SPDX licence expression, as PyPI and crates.io read it.
    LicenseExpression, LicenseExpressionRule, |text| {
        spdx::Expression::parse(text)
            .map(|_| ())
            .map_err(|error| format!("is no SPDX licence expression: {}", error.reason))
    }
}
constraint! {
    /// The name of an environment variable.
    EnvName, EnvNameRule, |text| {
        let good = word(text, |c| c.is_ascii_alphabetic() || c == '_', "_");
        must(good, "is no name of an environment variable: letters, digits and `_`")
    }
}
constraint! {
    /// What stands before the version in a release tag; it may be empty.
    TagPrefix, TagPrefixRule, |text| {
        let good = text.chars().all(|c| c.is_ascii_alphanumeric() || "._/-".contains(c))
            && !text.starts_with(['.', '/', '-'])
            && !["..", "//", "/."].iter().any(|odd| text.contains(odd));
        must(good, "is no beginning of a git tag: letters, digits and `._/-`")?;
        let merges = text.ends_with(|c: char| c.is_ascii_digit());
        must(!merges, "ends in a digit, which would be one number with the version")
    }
}
constraint! {
    /// The name of a Python distribution, by PEP 508.
    DistributionName, DistributionNameRule, |text| {
        let good = word(text, |c| c.is_ascii_alphanumeric(), "._-")
            && text.ends_with(|c: char| c.is_ascii_alphanumeric());
        must(
            good,
            "is no name of a Python distribution: letters, digits and, between them, `._-`",
        )
    }
}
constraint! {
    /// An ASCII identifier of Python that is no keyword.
    PythonIdentifier, PythonIdentifierRule, |text| {
        let good = word(text, |c| c.is_ascii_alphabetic() || c == '_', "_");
        must(good, "is no Python identifier: letters, digits and `_`")?;
        must(!PYTHON_KEYWORDS.contains(&text), "is a keyword of Python")
    }
}
constraint! {
    /// A version specifier of Python, by PEP 440.
    PythonSpecifier, PythonSpecifierRule, |text| {
        let parsed = pep440_rs::VersionSpecifiers::from_str(text);
        let parsed = parsed.map_err(|error| {
            // It goes on with a picture of where.
            let error = error.to_string();
            let reason = error.lines().next().unwrap_or_default();
            format!("is no version specifier of Python: {}", reason.trim_end_matches(':'))
        })?;
        must(parsed.iter().next().is_some() && one_line(text).is_ok(), "is no version specifier of Python")
    }
}
constraint! {
    /// The name of a crate that begins the names of others, and that code can use.
    CrateName, CrateNameRule, |text| {
        let good = word(text, |c| c.is_ascii_alphabetic(), "_-");
        must(good, "is no name of a crate: a letter, then letters, digits, `-` and `_`")?;
        must(!RUST_NAMES.contains(&text), "is a name that Rust has taken")
    }
}
constraint! {
    /// A condition on the target of a build, without the `cfg()`.
    CargoCfg, CargoCfgRule, |text| {
        // Cargo knows no escapes in its strings, and Rust does.
        let good = one_line(text).is_ok() && !text.contains('\\');
        let parsed = cargo_platform::CfgExpr::from_str(text).map_err(|error| error.to_string());
        match parsed {
            Ok(_) => must(good, "is no cfg expression"),
            Err(reason) => Err(format!("is no cfg expression: {reason}")),
        }
    }
}
constraint! {
    /// A Rust target triple that can stand in the name of a crate.
    TargetTriple, TargetTripleRule, |text| {
        let good = word(text, lowercase, "_-") && !text.contains(|c: char| c.is_ascii_uppercase());
        must(good, "is no target triple: small letters, digits, `_` and `-`")
    }
}
constraint! {
    /// The name of an npm package, with its scope if it has one.
    NpmPackage, NpmPackageRule, |text| {
        let scoped = text.strip_prefix('@').map(|rest| rest.split_once('/'));
        let good = match scoped {
            Some(Some((scope, name))) => npm_word(scope) && npm_word(name),
            Some(None) => false,
            None => npm_word(text) && !matches!(text, "node_modules" | "favicon.ico"),
        };
        must(
            good,
            "is no name of an npm package: `name` or `@scope/name`, \
             of small letters, digits and, after the first, `._-`",
        )
    }
}
constraint! {
    /// What ends the names and versions of the npm packages of a platform.
    NpmSuffix, NpmSuffixRule, |text| {
        let good = word(text, |c| c.is_ascii_lowercase(), "-")
            && !text.contains(|c: char| c.is_ascii_uppercase());
        must(good, "is no end of an npm version: a small letter, then small letters, digits, `-`")
    }
}
constraint! {
    /// A system or a CPU, as Node.js names it.
    NodeName, NodeNameRule, |text| {
        let good = !text.is_empty() && text.chars().all(lowercase);
        must(good, "is no name that Node.js has: small letters and digits")
    }
}
constraint! {
    /// A range of versions of Node.js: `>=16`, `^18.2 || >=20 <23`.
    NodeRange, NodeRangeRule, |text| {
        let comparator = |text: &str| {
            !text.contains(',') && semver::VersionReq::parse(text).is_ok()
        };
        let good = text.split("||").all(|both| {
            let mut comparators = both.split(' ').filter(|text| !text.is_empty()).peekable();
            comparators.peek().is_some() && comparators.all(comparator)
        });
        must(good, "is no range of Node.js versions, such as `>=16` or `^18.2 || >=20 <23`")
    }
}
constraint! {
    /// What the file name of an executable ends in: `.exe`, or nothing.
    ExecutableSuffix, ExecutableSuffixRule, |text| {
        let extension = text.strip_prefix('.');
        let good = extension.is_some_and(|extension| word(extension, |c| c.is_ascii_alphanumeric(), ""));
        must(text.is_empty() || good, "is neither empty nor a file extension such as `.exe`")
    }
}

/// Whether a text begins with a good character and goes on with letters, digits and `others`.
fn word(text: &str, first: impl Fn(char) -> bool, others: &str) -> bool {
    text.starts_with(first)
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

fn lowercase(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

fn npm_word(text: &str) -> bool {
    word(text, lowercase, "._-") && !text.contains(|c: char| c.is_ascii_uppercase())
}

/// <https://docs.python.org/3/reference/lexical_analysis.html#keywords>
const PYTHON_KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// Keywords, which no code could import, and the crates that are there without being named:
/// <https://doc.rust-lang.org/reference/keywords.html>
const RUST_NAMES: [&str; 55] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc-macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::checked::{Checked, Constraint};

    fn check<R: Constraint>(good: &[&str], bad: &[&str]) {
        for text in good {
            let read = text.parse::<Checked<R>>();
            assert!(read.is_ok(), "{}", read.unwrap_err());
        }
        for text in bad {
            assert!(text.parse::<Checked<R>>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn expressions_are_those_that_their_readers_accept() {
        check::<LicenseExpressionRule>(
            &[
                "Apache-2.0",
                "MIT OR Apache-2.0",
                "GPL-3.0-only WITH Classpath-exception-2.0",
            ],
            &["", "Apache", "apache 2", "MIT/Apache-2.0", "MIT OR"],
        );
        check::<PythonSpecifierRule>(
            &[">=3.10", ">= 3.9, <4", "~=3.10", "==3.12.*"],
            &["", " ", "3.10", ">=3.x", ">=3.10\n"],
        );
        check::<NodeRangeRule>(
            &[">=16", "^18.2 || >=20 <23", "20.x", "*"],
            &["", "||", ">=16,<20", "lts", ">=16 ||", ">=16\n"],
        );
        check::<CargoCfgRule>(
            &["unix", r#"all(target_os = "linux", not(windows))"#],
            &[
                "",
                "all(",
                "cfg(unix)",
                "unix, windows",
                "unix\n",
                r#"a = "\""#,
            ],
        );
    }

    #[test]
    fn names_are_those_that_a_registry_takes() {
        check::<DistributionNameRule>(&["a", "A.b_c-1", "7zip"], &["", "a-", ".a", "a b", "ä"]);
        check::<NpmPackageRule>(
            &["codex", "@openai/codex", "a.b_c"],
            &[
                "",
                "@/a",
                "@a/",
                "@a",
                "a/b",
                "@a/b/c",
                ".a",
                "A",
                "a b",
                "node_modules",
            ],
        );
        check::<CrateNameRule>(&["a", "a-b_C1"], &["", "1a", "_a", "a.b", "match", "std"]);
        check::<TagPrefixRule>(
            &["", "v", "rust-v", "release/"],
            &["v1", "-v", "/v", "a..b", "a b", "v~", "v\n"],
        );
        check::<ExecutableSuffixRule>(&["", ".exe"], &["exe", ".", ".a.b", "/.exe"]);
        check::<TargetTripleRule>(
            &["x86_64-unknown-linux-musl"],
            &["", "-a", "X", "a.b", "a/b"],
        );
    }
}
