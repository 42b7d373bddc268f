//! What a file of a bundle is for, by its path.
//!
//! Projects publish an executable beside its licence, README, man pages and completions. Packages
//! put each of these where its ecosystem expects it. Where there is anything else, it is data that
//! the executable may look for beside itself, and so the tree must stay as it is.

use crate::product::{is_license_name, is_text_name};

/// A shell that has files of completions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionShell {
    /// `NAME.bash`, `NAME.bash-completion`, `NAME.sh`
    Bash,
    /// `_NAME`, `NAME.zsh`
    Zsh,
    /// `NAME.fish`
    Fish,
    /// `NAME.ps1`, `NAME.elvish`, `NAME.nu`: shells without a directory for the completions of all
    /// users
    Other,
}

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The executable of a command.
    Command,
    /// The file that describes the bundle.
    Metadata,
    /// A licence or a notice.
    License,
    /// A page of the manual, in this section.
    ManPage(char),
    /// A page of the manual in another language, which [`manual_language`] returns.
    TranslatedManPage(char),
    /// Completions for a shell.
    Completion(CompletionShell),
    /// Something to read: README, change log, documentation.
    Document,
    /// Anything else.
    Data,
}

impl Role {
    /// Returns the role of a file that is neither a command nor the metadata.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let lower = path.to_ascii_lowercase();
        let (directory, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
        let mut directories = directory.split('/').filter(|part| !part.is_empty());
        let documents = directories
            .clone()
            .all(|part| DOCUMENT_DIRECTORIES.contains(&part));
        if directories.clone().any(|part| COMPLETIONS.contains(&part)) {
            let is_text = name
                .rsplit_once('.')
                .is_some_and(|(_, suffix)| suffix == "md");
            let other = if is_text { Self::Document } else { Self::Data };
            return completion(name).map_or(other, Self::Completion);
        }
        let manual = directories
            .clone()
            .any(|part| part == "man" || part.strip_prefix("man").is_some_and(is_section));
        if (documents || manual)
            && let Some(section) = section(path.rsplit('/').next().unwrap_or(path))
        {
            return match manual_language(path) {
                Some(_) => Self::TranslatedManPage(section),
                None => Self::ManPage(section),
            };
        }
        let licenses = directories.all(|part| LICENSE_DIRECTORIES.contains(&part));
        if (documents || licenses) && is_license_name(name) {
            return Self::License;
        }
        if licenses && !directory.is_empty() && is_text_name(name) {
            return Self::License;
        }
        // In the root, a program may look for a text or a page of its own.
        let (stem, suffix) = name.rsplit_once('.').unwrap_or((name, ""));
        let known = DOCUMENTS
            .iter()
            .chain(&LEGAL)
            .any(|start| stem.starts_with(start));
        let read = if known || !directory.is_empty() {
            TEXT_SUFFIXES.contains(&suffix)
        } else {
            MARKUP_SUFFIXES.contains(&suffix)
        };
        let build = directory.is_empty() && BUILD_FILES.contains(&name);
        if documents && (read || build || DOCUMENTS.contains(&name)) {
            return Self::Document;
        }
        Self::Data
    }
}

/// Returns the language of a page of the manual, as the name of its directory has it: `de` of
/// `man/de/man1/x.1`, `pt_BR` of `man/pt_BR/x.1`. `None` if no directory says one.
#[must_use]
pub fn manual_language(path: &str) -> Option<&str> {
    let (directory, _) = path.rsplit_once('/')?;
    let parts = directory.split('/').collect::<Vec<_>>();
    let lower = |part: &str| part.to_ascii_lowercase();
    let is_man = |part: &str| lower(part) == "man" || lower(part) == "manual";
    let is_of_section = |part: &str| lower(part).strip_prefix("man").is_some_and(is_section);
    let mut places = parts.iter().enumerate();
    let (_, language) = places.find(|(at, part)| {
        let below_man = *at > 0 && is_man(parts[at - 1]);
        let above_section = parts.get(at + 1).is_some_and(|next| is_of_section(next));
        let above_pages = at + 1 == parts.len();
        is_language(part, below_man && above_section)
            && (above_section || (below_man && above_pages))
    })?;
    Some(*language)
}

/// Returns whether the name of a directory is that of a language: `de`, `pt_BR`, `zh_CN.UTF-8`,
/// `sr@latin`. `surely`: what stands around it says that it is one, so that it may be `ast` too.
fn is_language(name: &str, surely: bool) -> bool {
    let name = name.split(['.', '@']).next().unwrap_or(name);
    let (language, country) = name
        .split_once('_')
        .map_or((name, None), |(language, country)| {
            (language, Some(country))
        });
    let letters = language.chars().all(|c| c.is_ascii_lowercase());
    let long = language.len() == 3 && (surely || country.is_some());
    let country = country.is_none_or(|country| {
        (2..=4).contains(&country.len()) && country.starts_with(|c: char| c.is_ascii_uppercase())
    });
    letters && (language.len() == 2 || long) && country
}

/// Directories with documentation.
const DOCUMENT_DIRECTORIES: [&str; 5] = ["doc", "docs", "documentation", "man", "manual"];

/// Directories with licences of the parts of a program.
const LICENSE_DIRECTORIES: [&str; 6] = [
    "license",
    "licenses",
    "licence",
    "licences",
    "third-party-licenses",
    "third_party_licenses",
];

/// Directories with completions.
const COMPLETIONS: [&str; 7] = [
    "autocomplete",
    "complete",
    "completion",
    "completions",
    "bash-completion",
    "site-functions",
    "vendor_completions.d",
];

/// Names of documents without a suffix.
const DOCUMENTS: [&str; 7] = [
    "readme",
    "changelog",
    "changes",
    "history",
    "news",
    "authors",
    "contributors",
];

/// How the names of documents about licences begin.
const LEGAL: [&str; 4] = ["license", "notice", "thirdparty", "third-party"];

/// Suffixes of documents.
const TEXT_SUFFIXES: [&str; 8] = ["md", "markdown", "txt", "rst", "adoc", "html", "pdf", "1st"];

/// Suffixes of texts that are written to be read.
const MARKUP_SUFFIXES: [&str; 4] = ["md", "markdown", "rst", "adoc"];

/// Suffixes of completions for other shells than bash, zsh and fish: those of their scripts, and
/// their names (just has `just.elvish` and `just.powershell`).
const OTHER_SHELLS: [&str; 15] = [
    "ps1",
    "psm1",
    "powershell",
    "pwsh",
    "elv",
    "elvish",
    "nu",
    "nushell",
    "csh",
    "tcsh",
    "ksh",
    "xsh",
    "xonsh",
    // Fig and xonsh.
    "ts",
    "py",
];

/// Files of the source's build, in the root, that some projects (just) have in their archives. No
/// program reads its own.
const BUILD_FILES: [&str; 4] = ["cargo.lock", "cargo.toml", "go.mod", "go.sum"];

fn is_section(text: &str) -> bool {
    matches!(text.as_bytes(), [b'1'..=b'9', ..])
}

/// Returns the section of the manual that a name has: `rg.1`, `rg.1.gz`.
fn section(name: &str) -> Option<char> {
    let name = name.strip_suffix(".gz").unwrap_or(name);
    let (page, section) = name.rsplit_once('.')?;
    let library = page.split('.').any(|part| part == "so");
    let mut section = section.chars();
    match (section.next(), section.next()) {
        (Some(section @ '1'..='9'), None) if !page.is_empty() && !library => Some(section),
        _ => None,
    }
}

/// Returns the shell of a file of completions.
fn completion(name: &str) -> Option<CompletionShell> {
    let suffix = name.rsplit_once('.').map(|(_, suffix)| suffix);
    Some(match suffix {
        None if name.starts_with('_') => CompletionShell::Zsh,
        Some("zsh") => CompletionShell::Zsh,
        Some("fish") => CompletionShell::Fish,
        // bash-completion's own directories have files without a suffix.
        Some("bash" | "bash-completion" | "sh") | None => CompletionShell::Bash,
        Some(suffix) if OTHER_SHELLS.contains(&suffix) => CompletionShell::Other,
        Some(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_what_a_file_is_for() {
        for (path, role) in [
            ("man/de/man1/rg.1", Role::TranslatedManPage('1')),
            ("share/man/pt_BR/man1/rg.1.gz", Role::TranslatedManPage('1')),
            ("man/zh_CN.UTF-8/rg.1", Role::TranslatedManPage('1')),
            ("man/ast/man5/rg.5", Role::TranslatedManPage('5')),
            ("de/man1/rg.1", Role::TranslatedManPage('1')),
            ("doc/man1/rg.1", Role::ManPage('1')),
            ("usr/lib/man/man1/rg.1", Role::ManPage('1')),
            ("man/cli/rg.1", Role::ManPage('1')),
            ("LICENSE", Role::License),
            ("LICENSE-MIT", Role::License),
            ("LICENCE.txt", Role::License),
            ("UNLICENSE", Role::License),
            ("COPYING", Role::License),
            ("ThirdPartyNotices.txt", Role::Document),
            ("licenses/zlib.txt", Role::License),
            ("README.md", Role::Document),
            ("README", Role::Document),
            ("CHANGELOG.md", Role::Document),
            ("doc/GUIDE.md", Role::Document),
            ("doc/rg.1", Role::ManPage('1')),
            ("rg.1", Role::ManPage('1')),
            ("man/man5/tool.conf.5.gz", Role::ManPage('5')),
            ("share/man/man1/node.1", Role::ManPage('1')),
            ("complete/_rg", Role::Completion(CompletionShell::Zsh)),
            ("complete/rg.bash", Role::Completion(CompletionShell::Bash)),
            ("complete/rg.fish", Role::Completion(CompletionShell::Fish)),
            ("complete/_rg.ps1", Role::Completion(CompletionShell::Other)),
            (
                "completions/just.elvish",
                Role::Completion(CompletionShell::Other),
            ),
            (
                "completions/just.powershell",
                Role::Completion(CompletionShell::Other),
            ),
            ("GRAMMAR.md", Role::Document),
            ("Cargo.lock", Role::Document),
            ("Cargo.toml", Role::Document),
            ("go.mod", Role::Document),
            ("completions/gh.zsh", Role::Completion(CompletionShell::Zsh)),
            // Near misses.
            ("lib/libz.so.1", Role::Data),
            ("libz.so.1", Role::Data),
            ("license.exe", Role::Data),
            ("licensed", Role::Data),
            ("share/data.txt", Role::Data),
            ("lib/node_modules/npm/README.md", Role::Data),
            ("lib/node_modules/npm/LICENSE", Role::Data),
            ("words.txt", Role::Data),
            ("index.html", Role::Data),
            ("complete/data.json", Role::Data),
            ("rg.1.GZ", Role::Data),
            ("config.toml", Role::Data),
            ("Cargo.lock.bak", Role::Data),
            ("template/Cargo.toml", Role::Data),
            ("docs/go.mod", Role::Data),
            ("completions/just.exe", Role::Data),
            ("just.powershell", Role::Data),
            ("docs/app.js", Role::Data),
            (".1", Role::Data),
        ] {
            assert_eq!(Role::of(path), role, "{path}");
        }
    }
}
