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
