//! Which commands a product has: the executables that all of its archives have.

use std::collections::{BTreeMap, BTreeSet};

use super::target::Assigned;
use crate::product::CommandName;

/// The commands of a product.
#[derive(Debug, Default)]
pub struct Commands {
    /// Their names, the first one first; empty if there is none in all archives.
    pub names: Vec<String>,
    /// What is left out, and why.
    pub left_out: Vec<(String, String)>,
}

/// Most names that a message lists.
const MOST_SHOWN: usize = 6;

/// Finds the commands. `product` is the name that the product has, if it is known: its command comes
/// first.
#[must_use]
pub fn find(archives: &[Assigned<'_>], product: Option<&str>) -> Commands {
    let mut found = Commands::default();
    let mut places: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for assigned in archives {
        for program in assigned.archive.commands() {
            let archives = places.entry(&program.command).or_default();
            archives.insert(&assigned.archive.name);
        }
    }
    for (command, archives_with) in &places {
        if archives_with.len() == archives.len() {
            match command.parse::<CommandName>() {
                Ok(_) => found.names.push((*command).to_owned()),
                Err(error) => found
                    .left_out
                    .push(((*command).to_owned(), error.to_string())),
            }
            continue;
        }
        let without = archives
            .iter()
            .map(|assigned| &*assigned.archive.name)
            .filter(|name| !archives_with.contains(name));
        let names = if archives_with.len() * 2 <= archives.len() {
            format!(
                "not a command: only {} has it",
                list(archives_with.iter().copied())
            )
        } else {
            format!("not a command: {} has no such executable", list(without))
        };
        found.left_out.push(((*command).to_owned(), names));
    }
    if let Some(first) = archives.first() {
        let commands = first.archive.commands();
        let others = first
            .archive
            .programs
            .iter()
            .filter(|program| !commands.iter().any(|command| command.path == program.path));
        let others = others.map(|program| &*program.path).collect::<Vec<_>>();
        if !others.is_empty() {
            let why = "outside of `bin/` and of the root, so they are no commands";
            found
                .left_out
                .push((list(others.into_iter()), why.to_owned()));
        }
    }
    let product = product.map(str::to_ascii_lowercase);
    found.names.sort_by_key(|name| {
        let lower = name.to_ascii_lowercase();
        (Some(lower) != product, name.len(), name.clone())
    });
    found
}

/// Lists names, of many the first ones.
fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names = names.collect::<Vec<_>>();
    let shown = names.iter().take(MOST_SHOWN).copied().collect::<Vec<_>>();
    match names.len().saturating_sub(MOST_SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
