//! The pin of a Cargo package.

use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

use super::error::PinFault;
use super::manifest::{lookup, remove, set};
use super::pinned::{Edited, Pin, is_package_name};
use crate::package::crates::Dependency;
use crate::record::names::platform_of_crate;

/// The tables with the requirements of a package, of its build and of its tests. Up to edition
/// 2021, Cargo also reads the spellings with an underscore.
const TABLES: [&str; 5] = [
    "dependencies",
    "build-dependencies",
    "build_dependencies",
    "dev-dependencies",
    "dev_dependencies",
];

/// The table in which a workspace has requirements for its packages.
const SHARED: [&str; 2] = ["workspace", "dependencies"];

/// The keys that say where the package of a requirement comes from. A pin replaces them.
const ORIGINS: [&str; 8] = [
    "branch",
    "git",
    "path",
    "registry",
    "registry-index",
    "rev",
    "tag",
    "workspace",
];

/// Writes version and pin into a `Cargo.toml`. From that of the built-in SDK, also removes what
/// only this repository needs.
pub(super) fn pin(
    mut document: DocumentMut,
    pin: &Pin,
    built_in: bool,
) -> Result<Edited, PinFault> {
    if built_in {
        // Its tests and benchmarks stay here, and so do the examples that need their crates.
        for key in ["bench", "dev-dependencies", "lints", "test"] {
            document.remove(key);
        }
        if let Some(package) = document.get_mut("package").and_then(Item::as_table_mut) {
            package.remove("autotests");
            package.remove("publish");
        }
    }
    let version = match pin.sdk_version {
        Some(version) => version
            .parse::<semver::Version>()
            .map_err(|_| PinFault::Version(version.to_owned(), "Rust crate"))?
            .to_string(),
        None => pin.version.to_string(),
    };
    let package = document
        .get_mut("package")
        .and_then(Item::as_table_like_mut);
    let Some(package) = package else {
        return Err(PinFault::Manifest(
            "it has no [package]: a workspace is not an SDK".to_owned(),
        ));
    };
    let name = package
        .get("name")
        .and_then(Item::as_str)
        .unwrap_or_default();
    if !is_package_name(name) {
        return Err(PinFault::Manifest(format!(
            "{name:?} is not a package name"
        )));
    }
    let product = pin.product;
    // On some systems, two names that differ in case are one directory.
    let lower = name.to_lowercase();
    if is_same(&lower, &product.krate.name) || platform_of_crate(product, &lower).is_some() {
        return Err(PinFault::OwnName(name.to_owned()));
    }
    let name = name.to_owned();
    set(package, "version", value(&version));
    // It will be the root of its own workspace.
    package.remove("workspace");
    let requirement = pin_dependency(&mut document, pin)?;
    remove_patches(&mut document, &names(pin));
    if document.get("workspace").is_none() {
        if let Some(inherited) = inherited("", document.as_table()) {
            return Err(PinFault::Manifest(format!(
                "`{inherited}` is inherited from a workspace, but a staged crate has no workspace: \
                 write the value itself"
            )));
        }
        // With a workspace of its own, it builds inside the directory of any other workspace.
        document.insert("workspace", Item::Table(Table::new()));
    }
    Ok(Edited {
        name,
        version,
        requirement,
        document,
    })
}

/// Finds the one requirement of the runtime, and makes it exact.
fn pin_dependency(document: &mut DocumentMut, pin: &Pin) -> Result<String, PinFault> {
    let names = names(pin);
    let shared = SHARED.iter().try_fold(document.as_item(), Item::get);
    let shared = shared.cloned().unwrap_or_default();
    let shared = |key: &str, item: &Item| is_inherited(item).then(|| shared.get(key).cloned())?;
    let mut found = Vec::new();
    for table in tables(document) {
        let dependencies = table.iter().try_fold(document.as_item(), Item::get);
        let dependencies = dependencies.and_then(Item::as_table_like);
        for (key, item) in dependencies.iter().flat_map(|table| table.iter()) {
            let shared = shared(key, item);
            if is_one_of(&names, package_name(key, shared.as_ref().unwrap_or(item))) {
                let mut path = table.clone();
                path.push(key.to_owned());
                found.push((path, shared));
            }
        }
    }
    let (path, shared) = match &found[..] {
        [one] => one,
        [] => return Err(PinFault::NoPin(names)),
        several => {
            let places = several.iter().map(|(path, _)| path.join("."));
            return Err(PinFault::SeveralPins(places.collect()));
        }
    };
    let path = path.iter().map(String::as_str).collect::<Vec<_>>();
    let dependency = lookup(document.as_item_mut(), &path);
    let (Some(key), Some(dependency)) = (path.last(), dependency) else {
        return Err(PinFault::NoPin(names));
    };
    if let Some(shared) = shared {
        inherit(dependency, shared);
    }
    let requirement = write(dependency, key, pin);
    // Other packages of the workspace may inherit it too.
    if shared.is_some()
        && let Some(shared) = lookup(document.as_item_mut(), &[SHARED[0], SHARED[1], key])
    {
        write(shared, key, pin);
    }
    Ok(requirement)
}

/// Copies into a requirement what it inherits and a pin does not set.
fn inherit(dependency: &mut Item, shared: &Item) {
    let Some(dependency) = dependency.as_table_like_mut() else {
        return;
    };
    if let Some(features) = shared.get("features").and_then(Item::as_array) {
        let mut all = features.clone();
        let own = dependency.get("features").and_then(Item::as_array);
        for feature in own.into_iter().flatten().filter_map(Value::as_str) {
            all.push(feature);
        }
        set(dependency, "features", value(all));
    }
    if let Some(default) = shared.get("default-features")
        && !dependency.contains_key("default-features")
    {
        set(dependency, "default-features", default.clone());
    }
}

/// Makes one requirement exact, and returns its new text.
fn write(item: &mut Item, key: &str, pin: &Pin) -> String {
    let current = pin.product.krate.name.to_string();
    let Dependency {
        version,
        path,
        registry,
        ..
    } = Dependency::sibling(pin.product, &current, pin.version);
    if item.as_table_like().is_none() {
        let decor = item.as_value().map(|value| value.decor().clone());
        let mut table = value(InlineTable::new());
        if let (Some(value), Some(decor)) = (table.as_value_mut(), decor) {
            *value.decor_mut() = decor;
        }
        *item = table;
    }
    if let Some(dependency) = item.as_table_like_mut() {
        for origin in ORIGINS {
            dependency.remove(origin);
        }
        set(dependency, "version", value(&version));
        if pin.beside_facade {
            set(dependency, "path", value(path));
        }
        if let Some(registry) = registry {
            set(dependency, "registry", value(registry));
        }
        // The code uses the key as the name of the crate, so it stays even if the package has a new
        // name.
        if is_same(key, &current) {
            dependency.remove("package");
        } else {
            set(dependency, "package", value(&current));
        }
    }
    format!("{current} = \"{version}\"")
}

/// Removes patches that would replace the pinned package with another one.
fn remove_patches(document: &mut DocumentMut, names: &[String]) {
    let patches = document.get_mut("patch").and_then(Item::as_table_like_mut);
    for (_, source) in patches.into_iter().flat_map(|patches| patches.iter_mut()) {
        remove(source, |key, item| {
            is_one_of(names, package_name(key, item))
        });
    }
    if let Some(replaced) = document.get_mut("replace") {
        // A key has a name and a version, with or without the address of a registry.
        remove(replaced, |key, _| {
            let mut parts = key.split(['#', '/', ':', '@']);
            parts.any(|part| is_one_of(names, part))
        });
    }
}

/// Returns the names of the runtime's crate: the current one, then the former ones.
fn names(pin: &Pin) -> Vec<String> {
    let krate = &pin.product.krate;
    let names = [&krate.name].into_iter().chain(&krate.former_names);
    names.map(ToString::to_string).collect()
}

fn is_one_of(names: &[String], name: &str) -> bool {
    names.iter().any(|known| is_same(known, name))
}

/// Compares names as Cargo looks them up: `-` and `_` are the same.
fn is_same(one: &str, other: &str) -> bool {
    one.replace('_', "-") == other.replace('_', "-")
}

/// Returns the package that a requirement names.
fn package_name<'a>(key: &'a str, item: &'a Item) -> &'a str {
    item.get("package").and_then(Item::as_str).unwrap_or(key)
}

fn is_inherited(item: &Item) -> bool {
    item.get("workspace").and_then(Item::as_bool) == Some(true)
}

/// Returns the paths of all tables of requirements, including those for single targets.
fn tables(document: &DocumentMut) -> Vec<Vec<String>> {
    let mut tables = Vec::from(TABLES.map(|name| vec![name.to_owned()]));
    let targets = document.get("target").and_then(Item::as_table_like);
    for (target, _) in targets.iter().flat_map(|targets| targets.iter()) {
        tables.extend(
            TABLES.map(|name| vec!["target".to_owned(), target.to_owned(), name.to_owned()]),
        );
    }
    tables
}

/// Returns the path of the first value that is `workspace = true`. Skips the metadata of the
/// package, which is for other tools.
fn inherited(path: &str, table: &dyn TableLike) -> Option<String> {
    table.iter().find_map(|(key, item)| {
        let here = format!("{path}{key}");
        if here == "package.metadata" {
            return None;
        }
        let inner = item.as_table_like()?;
        if is_inherited(item) {
            return Some(here);
        }
        inherited(&format!("{here}."), inner)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::{Product, ProductSource};
    use crate::record::names::crates::GENERATED;
    use crate::sdk::manifest;

    fn pinned(text: &str, beside_facade: bool) -> Result<String, String> {
        let mut product = Product::load(&ProductSource::BuiltIn).unwrap();
        product.krate.former_names = vec!["codex-runtime".parse().unwrap()];
        let pin = Pin {
            product: &product,
            version: &product.parse_version("0.163.0").unwrap(),
            sdk_version: None,
            beside_facade,
        };
        manifest::parse(text)
            .and_then(|document| super::pin(document, &pin, false))
            .map(|edited| manifest::print(&edited.document, text))
            .map_err(|fault| fault.at("Cargo.toml").to_string())
    }

    const PACKAGE: &str = "[package]\nname = \"sdk\"\nversion = \"0.1.0\" # ours\n";

    #[test]
    fn the_pin_is_replaced_where_it_stands() {
        for (old, new) in [
            (
                "codex-cli-bin = \"0.1\" # the runtime",
                "codex-cli-bin = { version = \"=0.163.0\" } # the runtime",
            ),
            (
                "codex-cli-bin = { git = \"x\", branch = \"y\", features = [\"embed\"] }",
                "codex-cli-bin = { features = [\"embed\"] , version = \"=0.163.0\" }",
            ),
            (
                "runtime = { package = \"codex-runtime\", version = \"1\" }",
                "runtime = { package = \"codex-cli-bin\", version = \"=0.163.0\" }",
            ),
            (
                "codex-runtime = { version = \"1\" }",
                "codex-runtime = { version = \"=0.163.0\" , package = \"codex-cli-bin\" }",
            ),
        ] {
            let text = format!("{PACKAGE}\n[dependencies]\n{old}\nserde = \"1\" # kept\n");
            let expected = format!(
                "{GENERATED}[package]\nname = \"sdk\"\nversion = \"0.163.0\" # ours\n\n\
                 [dependencies]\n{new}\nserde = \"1\" # kept\n\n[workspace]\n"
            );
            assert_eq!(pinned(&text, false).unwrap(), expected);
        }
        let text = format!("{PACKAGE}[target.'cfg(unix)'.dependencies]\ncodex_cli_bin = \"1\"\n");
        let text = pinned(&text, true).unwrap();
        assert!(
            text.contains(
                "codex_cli_bin = { version = \"=0.163.0\", path = \"../codex-cli-bin\" }"
            ),
            "{text}"
        );
        // What is pinned can be pinned again.
        let again = pinned(&text, true).unwrap();
        assert_eq!(again, text);
    }

    #[test]
    fn a_workspace_of_its_own_is_inherited_from() {
        let text = |own: &str, shared: &str| {
            format!(
                "{PACKAGE}metadata.tool = {{ workspace = true }}\n\n[dependencies]\n{own}\n\
                 serde.workspace = true\n\n[workspace.dependencies]\nserde = \"1\"\n{shared}\n"
            )
        };
        let was = text(
            "runtime = { workspace = true, features = [\"on-disk\"] }",
            "runtime = { package = \"codex-runtime\", version = \"1\", features = [\"embed\"] }",
        );
        let is = text(
            "runtime = { features = [\"embed\", \"on-disk\"] , version = \"=0.163.0\", \
             package = \"codex-cli-bin\" }",
            "runtime = { package = \"codex-cli-bin\", version = \"=0.163.0\", \
             features = [\"embed\"] }",
        );
        let is = format!("{GENERATED}{is}").replace("0.1.0", "0.163.0");
        assert_eq!(pinned(&was, false).unwrap(), is);
    }

    #[test]
    fn nothing_takes_the_place_of_the_pin() {
        let dependencies = "[dependencies]\ncodex-cli-bin = { version = \"=0.163.0\" }\n\n";
        let was = format!(
            "{PACKAGE}workspace = \"../..\"\n{dependencies}[patch.other]\n\
             codex_cli_bin = {{ path = \"x\" }}\nx = {{ package = \"codex-runtime\", path = \"x\" }}\n\
             serde = {{ path = \"y\" }}\n\n[replace]\n\"codex-cli-bin:0.1.0\" = {{ path = \"x\" }}\n\
             \"other://index#codex-runtime@0.1.0\" = {{ path = \"x\" }}\n\
             \"serde:1.0.0\" = {{ path = \"y\" }}\n"
        );
        let is = format!(
            "{GENERATED}{PACKAGE}{dependencies}[patch.other]\nserde = {{ path = \"y\" }}\n\n\
             [replace]\n\"serde:1.0.0\" = {{ path = \"y\" }}\n\n[workspace]\n"
        );
        let is = is.replace("\"0.1.0\"", "\"0.163.0\"");
        assert_eq!(pinned(&was, false).unwrap(), is);
    }

    #[test]
    fn a_manifest_without_a_place_for_one_pin_is_refused() {
        for (rest, reason) in [
            (
                "",
                "does not require the runtime: it names none of codex-cli-bin, codex-runtime",
            ),
            (
                "[dependencies]\ncodex-cli-bin = \"1\"\nx = { package = \"codex-runtime\" }\n",
                "requires the runtime 2 times: dependencies.codex-cli-bin, dependencies.x",
            ),
            (
                "[dependencies]\ncodex-cli-bin = \"1\"\nserde.workspace = true\n",
                "`dependencies.serde` is inherited",
            ),
            (
                "[dependencies]\ncodex-cli-bin = \"1\"\n[build_dependencies]\ncodex-cli-bin = \"1\"\n",
                "2 times: dependencies.codex-cli-bin, build_dependencies.codex-cli-bin",
            ),
            ("[dependencies", "unclosed table"),
        ] {
            let error = pinned(&format!("{PACKAGE}{rest}"), false).unwrap_err();
            assert!(error.contains(reason), "{rest}: {error}");
        }
        for (text, reason) in [
            ("[workspace]", "no [package]"),
            ("[package]\nname = \"../x\"", "is not a package name"),
            (
                "[package]\nname = \"codex-cli-bin\"",
                "`codex-cli-bin` is the name of a package of the runtime",
            ),
            (
                "[package]\nname = \"Codex-cli-bin-x86_64-unknown-linux-musl\"",
                "is the name of a package of the runtime",
            ),
        ] {
            let error = pinned(text, false).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }
}
