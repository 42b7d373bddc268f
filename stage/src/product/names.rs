//! Names and expressions that have to follow the rules of a registry, a compiler or a shell.

use std::str::FromStr as _;

use super::checked::{constraint, must};
use super::texts::{file_name, one_line};

constraint! {
    /// An SPDX licence expression, as PyPI and crates.io read it.
    LicenseExpression, LicenseExpressionRule, |text| {
        spdx::Expression::parse(text)
            .map(|_| ())
            .map_err(|error| format!("is not an SPDX licence expression: {}", error.reason))
    }
}
constraint! {
    /// The name of a product, from which the names of its packages are made.
    ProductName, ProductNameRule, |text| {
        let good = word(text, |c| c.is_ascii_alphanumeric(), "._-")
            && text.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        must(good, "cannot name a product: use letters, digits and, between them, `._-`")?;
        file_name(text)
    }
}
constraint! {
    /// A requirement of a Python distribution, by PEP 508. Its grammar is checked in the wheel.
    Requirement, RequirementRule, |text| {
        one_line(text)?;
        let name = text.split(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c)).next();
        let good = name.is_some_and(|name| name.parse::<DistributionName>().is_ok());
        must(good, "is not a requirement such as `numpy>=2`: it does not begin with the name of a distribution")
    }
}
constraint! {
    /// The name of an environment variable.
    EnvName, EnvNameRule, |text| {
        let good = word(text, |c| c.is_ascii_alphabetic() || c == '_', "_");
        must(good, "cannot name an environment variable: use letters, digits and `_`")
    }
}
constraint! {
    /// The prefix of a release tag, before the version; it may be empty.
    TagPrefix, TagPrefixRule, |text| {
        let good = text.chars().all(|c| c.is_ascii_alphanumeric() || "._/-".contains(c))
            && !text.starts_with(['.', '/', '-'])
            && !["..", "//", "/."].iter().any(|odd| text.contains(odd));
        must(good, "cannot begin a git tag: use letters, digits and `._/-`")?;
        let merges = text.ends_with(|c: char| c.is_ascii_digit());
        must(!merges, "ends in a digit, which would run into the version")
    }
}
constraint! {
    /// The name of a Python distribution, by PEP 508.
    DistributionName, DistributionNameRule, |text| {
        let good = word(text, |c| c.is_ascii_alphanumeric(), "._-")
            && text.ends_with(|c: char| c.is_ascii_alphanumeric());
        must(
            good,
            "cannot name a Python distribution: use letters, digits and, between them, `._-`",
        )
    }
}
constraint! {
    /// An ASCII identifier of Python that is not a keyword.
    PythonIdentifier, PythonIdentifierRule, |text| {
        let good = word(text, |c| c.is_ascii_alphabetic() || c == '_', "_");
        must(good, "is not a Python identifier: use letters, digits and `_`")?;
        must(!PYTHON_KEYWORDS.contains(&text), "is a Python keyword")
    }
}
constraint! {
    /// A version specifier of Python, by PEP 440.
    PythonSpecifier, PythonSpecifierRule, |text| {
        let parsed = pep440_rs::VersionSpecifiers::from_str(text);
        let parsed = parsed.map_err(|error| {
            // The lines after the first one are a picture of the place.
            let error = error.to_string();
            let reason = error.lines().next().unwrap_or_default();
            format!("is not a Python version specifier: {}", reason.trim_end_matches(':'))
        })?;
        must(parsed.iter().next().is_some() && one_line(text).is_ok(), "is not a Python version specifier")
    }
}
constraint! {
    /// The name of a crate. It begins the names of other crates, and code can import it.
    CrateName, CrateNameRule, |text| {
        let good = word(text, |c| c.is_ascii_alphabetic(), "_-");
        must(good, "cannot name a crate: use a letter, then letters, digits, `-` and `_`")?;
        must(!RUST_NAMES.contains(&text), "is a name that Rust reserves")
    }
}
constraint! {
    /// A condition on the target of a build, without the `cfg()`.
    CargoCfg, CargoCfgRule, |text| {
        // Rust has escapes in strings, and Cargo does not.
        let good = one_line(text).is_ok() && !text.contains('\\');
        let parsed = cargo_platform::CfgExpr::from_str(text).map_err(|error| error.to_string());
        match parsed {
            Ok(_) => must(good, "is not a cfg expression"),
            Err(reason) => Err(format!("is not a cfg expression: {reason}")),
        }
    }
}
constraint! {
    /// A Rust target triple that can stand in the name of a crate.
    TargetTriple, TargetTripleRule, |text| {
        let good = word(text, lowercase, "_-") && !text.contains(|c: char| c.is_ascii_uppercase());
        must(good, "is not a target triple: use lower-case letters, digits, `_` and `-`")
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
            "cannot name an npm package: use `name` or `@scope/name`, \
             with lower-case letters, digits and, after the first character, `._-`",
        )
    }
}
constraint! {
    /// The name of a command, as people type it.
    CommandName, CommandNameRule, |text| {
        let good = word(text, |c| c.is_ascii_alphanumeric() || c == '_', "._+-");
        must(good, "cannot name a command: use letters, digits and, after the first character, `._+-`")?;
        let suffix = WINDOWS_PROGRAMS.iter().find(|suffix| text.to_ascii_lowercase().ends_with(*suffix));
        if let Some(suffix) = suffix {
            return Err(format!("cannot name a command: leave out `{suffix}`, which Windows adds"));
        }
        file_name(text)
    }
}
constraint! {
    /// The command that an npm package installs. The launcher, the scripts that package managers put
    /// before it, and the advice that it gives call other commands, which this one must not replace.
    NpmCommand, NpmCommandRule, |text| {
        file_name(text)?;
        // Windows finds `node.cmd` as `node`, and does not tell `Node` from `node`.
        let lower = text.to_ascii_lowercase();
        let name = WINDOWS_PROGRAMS.iter().find_map(|suffix| lower.strip_suffix(suffix));
        let name = name.unwrap_or(&lower);
        must(
            !LAUNCHING_COMMANDS.contains(&name),
            "cannot name a command: starting or installing a command of npm runs a program of this name; `npm.bin` can be another name",
        )
    }
}
constraint! {
    /// The suffix of the names and versions of a platform's npm packages.
    NpmSuffix, NpmSuffixRule, |text| {
        let good = word(text, |c| c.is_ascii_lowercase(), "-")
            && !text.contains(|c: char| c.is_ascii_uppercase());
        must(good, "cannot end an npm version: use lower-case letters, digits and `-`, a letter first")
    }
}
constraint! {
    /// A system or a CPU, as Node.js names it.
    NodeName, NodeNameRule, |text| {
        let good = !text.is_empty() && text.chars().all(lowercase);
        must(good, "is not a name of Node.js: use lower-case letters and digits")
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
        must(good, "is not a range of Node.js versions, such as `>=16` or `^18.2 || >=20 <23`")
    }
}
constraint! {
    /// The suffix of an executable's file name: `.exe`, or nothing.
    ExecutableSuffix, ExecutableSuffixRule, |text| {
        let extension = text.strip_prefix('.');
        let good = extension.is_some_and(|extension| word(extension, |c| c.is_ascii_alphanumeric(), ""));
        must(text.is_empty() || good, "is neither empty nor a file extension such as `.exe`")
    }
}

/// Returns whether a text is a character that `first` accepts, then letters, digits and `others`.
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

/// What a shell of Windows adds to the name of a command.
const WINDOWS_PROGRAMS: [&str; 5] = [".exe", ".cmd", ".bat", ".com", ".ps1"];

/// Programs that run while a command of npm is started or installed. `node_modules/.bin` may be first
/// on the `PATH`: a command of one of these names would start itself for ever, or be run in the place
/// of the package manager.
const LAUNCHING_COMMANDS: [&str; 20] = [
    // The first line of the launcher, and the witness that tells it for whom a signal is.
    "node",
    "cat",
    // The scripts that npm and pnpm put before it: `cmd-shim`, `@zkochan/cmd-shim`.
    "cygpath",
    "dirname",
    "sed",
    "sh",
    "uname",
    "cmd",
    "powershell",
    "pwsh",
    // The package managers, which the launcher's advice names.
    "bun",
    "bunx",
    "corepack",
    "npm",
    "npx",
    "pnpm",
    "pnpx",
    "vp",
    "yarn",
    "yarnpkg",
];

/// <https://docs.python.org/3/reference/lexical_analysis.html#keywords>
const PYTHON_KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// Keywords, which no code could import, and the crates that every program can use:
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
        check::<NpmCommandRule>(
            &[
                "codex",
                "node-x",
                "nodejs",
                "nodemon",
                "npm-check",
                "unnode",
                "node.js",
                "my.cmd",
            ],
            &[
                "", "node", "Node", "node.exe", "NODE.CMD", "npm", "npx", "sed", "../node", "a/b",
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
