//! Texts that people read, and names of files.

use super::checked::{constraint, must};
use strict_archive::PortablePath;

constraint! {
    /// A text of one line, which any list of lines can hold.
    OneLine, OneLineRule, one_line
}
constraint! {
    /// A line that can stand in the documentation of Python code.
    Title, TitleRule, |text| {
        one_line(text)?;
        must(!text.contains(['"', '\\']), "contains a `\"` or a `\\`")
    }
}
constraint! {
    /// A line that can stand in a list that is separated by commas.
    Keyword, KeywordRule, |text| {
        one_line(text)?;
        must(!text.contains(','), "contains a comma")
    }
}
constraint! {
    /// What an address is called in the list of a project's addresses:
    /// <https://packaging.python.org/en/latest/specifications/core-metadata/#project-url-multiple-use>
    UrlName, UrlNameRule, |text| {
        one_line(text)?;
        must(text.chars().count() <= 32, "has more than 32 characters, which PyPI takes")?;
        must(!text.contains(','), "contains a comma")
    }
}
constraint! {
    /// The address of a page.
    WebUrl, WebUrlRule, |text| {
        one_line(text)?;
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let good = rest.is_some_and(|rest| {
            rest.starts_with(|c: char| c.is_ascii_alphanumeric())
                && !rest.contains(|c: char| c.is_whitespace() || "<>\"\\^`{|}".contains(c))
        });
        must(good, "is not an http:// or https:// URL")
    }
}
constraint! {
    /// A text of many lines.
    Prose, ProseRule, |text| {
        let odd = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
        odd.map_or(Ok(()), |c| Err(format!("contains the control character {c:?}")))
    }
}
constraint! {
    /// A path in the bundle, with `/`, that is valid on every system.
    TreePath, TreePathRule, tree_path
}
constraint! {
    /// The name of a file or directory: one component of a path.
    FileName, FileNameRule, file_name
}
constraint! {
    /// The name of a licence file. It must differ from the names of the packages' own files.
    LicenseFile, LicenseFileRule, |text| {
        file_name(text)?;
        let mut names = PACKAGE_FILES.iter();
        names.find(|name| name.eq_ignore_ascii_case(text)).map_or(Ok(()), |name| {
            Err(format!("cannot name a licence file: packages have a `{name}` of their own"))
        })
    }
}

/// How the names of licences and notices begin.
const LICENSES: [&str; 9] = [
    "license",
    "licence",
    "unlicense",
    "copying",
    "copyright",
    "notice",
    "patents",
    "thirdparty",
    "third-party",
];

/// Suffixes of files that are no texts, whatever else their names say.
const OTHER_SUFFIXES: [&str; 9] = ["exe", "dll", "so", "dylib", "js", "py", "json", "bin", "rs"];

/// Returns whether a file is a licence or a notice, by its name: `LICENSE`, `COPYING.txt`,
/// `license-mit`.
#[must_use]
pub fn is_license_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let begins = |word: &str| {
        let rest = lower.strip_prefix(word);
        rest.is_some_and(|rest| {
            !rest.starts_with(|c: char| c.is_ascii_alphanumeric()) || rest == "s"
        })
    };
    is_text_name(&lower) && LICENSES.iter().any(|word| begins(word))
}

/// Returns whether the suffix of a name in lower case may be that of a text.
pub(crate) fn is_text_name(lower: &str) -> bool {
    let suffix = lower.rsplit_once('.').map(|(_, suffix)| suffix);
    suffix.is_none_or(|suffix| !OTHER_SUFFIXES.contains(&suffix))
}

/// What the root of a package may contain beside the licence files, in any ecosystem.
const PACKAGE_FILES: [&str; 12] = [
    "README.md",
    "package.json",
    "platforms.json",
    "bin",
    "vendor",
    "Cargo.toml",
    "Cargo.toml.orig",
    "Cargo.lock",
    "src",
    "examples",
    "payload.bin",
    "payload.manifest",
];

pub(super) fn one_line(text: &str) -> Result<(), String> {
    // For Python, these two end a line.
    let ends_line = |c| matches!(c, '\u{2028}' | '\u{2029}');
    if let Some(c) = text.chars().find(|c| c.is_control() || ends_line(*c)) {
        return Err(format!("is not one line of text: it contains {c:?}"));
    }
    must(!text.trim().is_empty(), "is empty")?;
    must(text.trim() == text, "begins or ends with a space")
}

fn tree_path(text: &str) -> Result<(), String> {
    PortablePath::parse(text)
        .map(|_| ())
        .map_err(|fault| format!("is not a path in a bundle: {fault}"))
}

pub(super) fn file_name(text: &str) -> Result<(), String> {
    must(!text.contains('/'), "is not the name of a file")?;
    PortablePath::parse(text)
        .map(|_| ())
        .map_err(|fault| format!("is not the name of a file: {fault}"))
}
