//! The commands of the runtime in the facade crate: the generated file that lists them, and the
//! programs that `cargo install` installs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::package::crates::identifier;
use crate::product::{CommandName, Platform, Product};
use crate::record::manifest::Manifest;

/// Returns the commands that `cargo install` installs.
pub(super) fn installed(product: &Product) -> &[CommandName] {
    if product.krate.commands {
        &product.identity.commands
    } else {
        &[]
    }
}

/// Returns the path of the source of a command's program in the crate.
pub(super) fn program_path(command: &CommandName) -> String {
    format!("src/bin/{command}.rs")
}

/// Returns the sources of the programs: their paths in the crate, and contents.
pub(super) fn programs(product: &Product) -> impl Iterator<Item = (String, Vec<u8>)> {
    let program = |command: &CommandName| {
        let code = include_str!("command.rs.in")
            .replace("@crate@", &identifier(&product.krate.name))
            .replace("@command@", command);
        (program_path(command), code.into_bytes())
    };
    installed(product).iter().map(program)
}

/// Returns the generated file. `runtime-bin/src/executable.rs` says what is made of it.
pub(super) fn code(product: &Product, platforms: &[(&Platform, &Manifest)]) -> String {
    let names = product.identity.commands.iter();
    let names = names.map(|name| &**name).collect::<Vec<&str>>();
    let table = |commands: &BTreeMap<String, String>| {
        // In the order of the product, in which users read them.
        let commands = names
            .iter()
            .filter_map(|name| commands.get_key_value(*name));
        format!("{:?}", commands.collect::<Vec<_>>())
    };
    let mut more = String::new();
    let mut add = |cfg: &str, commands: &BTreeMap<String, String>| {
        let table = table(commands);
        // Writing to a String cannot fail.
        let _ = write!(
            more,
            "{cfg}pub(crate) const MORE: &[(&str, &str)] = &{table};\n\n"
        );
    };
    if platforms
        .iter()
        .any(|(_, manifest)| !manifest.bundle.commands.is_empty())
    {
        for (platform, manifest) in platforms {
            let cfg = format!("#[cfg({})]\n", platform.krate.cfg);
            add(&cfg, &manifest.bundle.commands);
        }
        let cfgs = platforms.iter().map(|(platform, _)| &*platform.krate.cfg);
        let cfgs = cfgs.fold(String::new(), |all, cfg| all + "    " + cfg + ",\n");
        add(&format!("#[cfg(not(any(\n{cfgs})))]\n"), &BTreeMap::new());
    } else {
        add("", &BTreeMap::new());
    }
    include_str!("commands.rs.in")
        .replace("@names@", &format!("{names:?}"))
        .replace("@more@\n", more.trim_start_matches('\n'))
        .trim_end()
        .to_owned()
        + "\n"
}
