//! README.md of the facade crate.

use super::commands;
use crate::package::text::list;
use crate::product::Product;

/// The section before which the one about the commands stands.
const NEXT: &str = "## Features\n";

/// Adds what `cargo install` installs, if it installs anything.
pub(super) fn readme(product: &Product, text: &str) -> String {
    let commands = commands::installed(product);
    if commands.is_empty() {
        return text.to_owned();
    }
    let commands = commands.iter().map(|command| format!("`{command}`"));
    let section = include_str!("README.md.in")
        .replace("@crate@", &product.krate.name)
        .replace("@commands@", &list(&commands.collect::<Vec<_>>()));
    text.replacen(NEXT, &(section + NEXT), 1)
}
