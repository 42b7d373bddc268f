//! The commands that come next. They work as they stand.

use std::path::Path;

use super::proposal::Proposal;
use super::target::Assigned;
use crate::product::Product;
use crate::product::known_targets;

/// Where the archives of a product are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// In its folder.
    Folder,
    /// In a release that `stage` downloads by the addresses of the product.
    Release {
        /// Whether the release says the digests of its files.
        has_digests: bool,
    },
    /// In a release whose addresses the product does not have.
    Elsewhere,
}

/// The directory that the commands stage into. One of the first name often has the archives.
fn staging_dir() -> &'static str {
    if Path::new("dist").exists() {
        "staged"
    } else {
        "dist"
    }
}

/// Where a tag stands that nobody knows.
pub const TAG: &str = "TAG";

/// Returns a command for each target.
#[must_use]
pub fn commands(
    proposal: &Proposal<'_>,
    product: Option<&Product>,
    folder: &Path,
    source: Source,
) -> Vec<String> {
    let tag = proposal
        .release
        .as_ref()
        .map_or(TAG, |(release, _)| &release.tag);
    let shown = folder.display().to_string();
    let staging_dir = staging_dir();
    let commands = proposal.archives.iter().map(|assigned| {
        let triple = assigned.target.triple;
        let name = &assigned.archive.name;
        let mut words = vec!["stage stage-runtime".to_owned(), staging_dir.to_owned()];
        words.extend(match source {
            Source::Folder if shown != "." => Some(folder.join(name).display().to_string()),
            Source::Folder | Source::Elsewhere => Some(beside(name)),
            Source::Release { .. } => None,
        });
        words.extend(["--release-tag".to_owned(), tag.to_owned()]);
        // Where the bytes may be those of two targets, and where nothing else says it.
        let by_target = matches!(source, Source::Release { .. });
        if by_target || product.is_some_and(|product| is_ambiguous(assigned, product)) {
            words.extend(["--platform-tag".to_owned(), triple.to_owned()]);
        }
        if source == (Source::Release { has_digests: false }) {
            words.push("--allow-unverified".to_owned());
        }
        words.extend(["--product".to_owned(), shown.clone()]);
        let (program, arguments) = words.split_at(1);
        let arguments = arguments.iter().map(|argument| quoted(argument));
        let words = program.iter().cloned().chain(arguments).collect::<Vec<_>>();
        words.join(" ")
    });
    commands.collect()
}

/// Whether a program may be for several targets of a product.
fn is_ambiguous(assigned: &Assigned<'_>, product: &Product) -> bool {
    let programs = assigned.archive.commands();
    let Some(program) = programs.first() else {
        return false;
    };
    let known = product
        .platforms
        .iter()
        .filter_map(|platform| platform.known);
    known
        .filter(|known| known_targets::matches(known, &program.origin))
        .count()
        > 1
}

/// A name that no command takes for an option.
fn beside(name: &str) -> String {
    if name.starts_with('-') {
        format!("./{name}")
    } else {
        name.to_owned()
    }
}

/// Quotes an argument for a shell, if it has to be: for `cmd` and PowerShell on Windows, for a shell of
/// POSIX elsewhere.
fn quoted(argument: &str) -> String {
    let plain = |c: char| {
        c.is_ascii_alphanumeric() || "._-/+=:@".contains(c) || (cfg!(windows) && c == '\\')
    };
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else if cfg!(windows) {
        // No name on Windows has a quote.
        format!("\"{argument}\"")
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}
