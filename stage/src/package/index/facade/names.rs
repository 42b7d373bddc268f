//! The product's names in the source of the facade crate.
//!
//! The source in `runtime-bin/` has the names of the default product, in documentation, in examples, and
//! nowhere else. They are longer than any word of a text, so that replacing them changes nothing else.

use super::commands;
use crate::base::template::replace_all;
use crate::package::crates::identifier;
use crate::package::text::{markdown, sentence};
use crate::product::{CommandName, Product};

/// The names of the default product, with those of another one.
pub(super) struct Names(Vec<(String, String)>);

impl Names {
    /// Pairs the names of two products.
    pub(super) fn new(default: &Product, product: &Product) -> Self {
        let (mut old, mut new) = (own_names(default), own_names(product));
        // What is run is the example, which may have a name of its own.
        let (crate_name, example) = (&default.krate.name, example(product));
        for command in ["run", "path", "verify"] {
            old.push(format!("{crate_name} {command}"));
            new.push(format!("{example} {command}"));
        }
        Self(old.into_iter().zip(new).collect())
    }

    /// Replaces the names of the default product by those of the other one.
    pub(super) fn replace(&self, text: &str) -> String {
        replace_all(text, &self.0)
    }
}

/// Returns the names of a product that the source can contain.
fn own_names(product: &Product) -> Vec<String> {
    let Product {
        identity,
        bundle,
        krate,
        ..
    } = product;
    vec![
        krate.name.to_string(),
        identifier(&krate.name),
        sentence(&markdown(&krate.summary)),
        markdown(&krate.summary),
        krate.cache_dir_env.to_string(),
        identity.path_env.to_string(),
        markdown(&identity.title),
        identity.license.to_string(),
        bundle.metadata.to_string(),
    ]
}

/// Returns the name of the example. It is that of the crate, unless a command has it: who installs the
/// example must not lose the command.
pub(super) fn example(product: &Product) -> String {
    let name = product.krate.name.to_string();
    let plain = |name: &str| identifier(name).to_lowercase();
    let same = |command: &CommandName| plain(command) == plain(&name);
    if commands::installed(product).iter().any(same) {
        name + "-runtime"
    } else {
        name
    }
}
