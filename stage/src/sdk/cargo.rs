//! The pin of a Cargo package.

use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, value};

use super::error::Fault;
use super::{Edited, Pin, is_package_name};
use crate::package::crates::{Dependency, GENERATED};

/// Where a package's own requirements are, and those of its build and its tests.
const TABLES: [&str; 3] = ["dependencies", "build-dependencies", "dev-dependencies"];

/// What a requirement says of where its package is from: a pin says that itself.
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

/// Writes version and pin into a `Cargo.toml`. The built-in SDK also loses what only this
/// repository needs.
pub(super) fn pin(text: &str, pin: &Pin, built_in: bool) -> Result<Edited, Fault> {
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| Fault::Manifest(error.to_string()))?;
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
            .map_err(|_| Fault::Version(version.to_owned(), "Rust crate"))?
            .to_string(),
        None => pin.version.to_string(),
    };
    let package = document
        .get_mut("package")
        .and_then(Item::as_table_like_mut);
    let Some(package) = package else {
        return Err(Fault::Manifest(
            "it has no [package]: a workspace is not an SDK".to_owned(),
        ));
    };
    let name = package
        .get("name")
        .and_then(Item::as_str)
        .unwrap_or_default();
    if !is_package_name(name) {
        return Err(Fault::Manifest(format!("{name:?} is no name of a package")));
    }
    let name = name.to_owned();
    set(package, "version", value(&version));
    let requirement = pin_dependency(&mut document, pin)?;
    if let Some(inherited) = inherited("", document.as_table()) {
        return Err(Fault::Manifest(format!(
            "`{inherited}` is inherited from a workspace, which a staged crate has none of: write \
             its value"
        )));
    }
    // A workspace of its own, so that it builds below any other one.
    if document.get("workspace").is_none() {
        document.insert("workspace", Item::Table(Table::new()));
    }
    let text = document.to_string();
    let text = text.strip_prefix(GENERATED).unwrap_or(&text);
    Ok(Edited {
        name,
        version,
        requirement,
        text: format!("{GENERATED}{text}"),
    })
}

/// Finds the one requirement of the runtime, and makes it exact.
fn pin_dependency(document: &mut DocumentMut, pin: &Pin) -> Result<String, Fault> {
    let product = pin.product;
    let current = product.krate.name.to_string();
    let mut names = vec![current.clone()];
    names.extend(product.krate.former_names.iter().map(ToString::to_string));

    let mut found = Vec::new();
    for table in tables(document) {
        let dependencies = lookup(document.as_item_mut(), &table);
        let dependencies = dependencies.as_deref().and_then(Item::as_table_like);
        for (key, item) in dependencies.iter().flat_map(|table| table.iter()) {
            let package = item.get("package").and_then(Item::as_str).unwrap_or(key);
            // Cargo takes either of `-` and `_` when it looks a name up.
            if names
                .iter()
                .any(|name| name.replace('_', "-") == package.replace('_', "-"))
            {
                found.push((table.clone(), key.to_owned()));
            }
        }
    }
    let place = |(table, key): &(Vec<String>, String)| format!("{}.{key}", table.join("."));
    let (table, key) = match &found[..] {
        [one] => one,
        [] => return Err(Fault::NoPin(names)),
        several => return Err(Fault::SeveralPins(several.iter().map(place).collect())),
    };
    let Dependency {
        version,
        path,
        registry,
        ..
    } = Dependency::sibling(product, &current, &pin.version);
    let table = lookup(document.as_item_mut(), table).and_then(Item::as_table_like_mut);
    let Some(item) = table.and_then(|table| table.get_mut(key)) else {
        return Err(Fault::NoPin(names));
    };
    if item.as_table_like().is_none() {
        let decor = item.as_value().map(|value| value.decor().clone());
        let mut table = value(InlineTable::new());
        if let (Some(value), Some(decor)) = (table.as_value_mut(), decor) {
            *value.decor_mut() = decor;
        }
        *item = table;
    }
    let Some(dependency) = item.as_table_like_mut() else {
        return Err(Fault::NoPin(names));
    };
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
    // The code knows the crate by the key: it stays, whatever the package is called by now.
    if key.replace('_', "-") == current.replace('_', "-") {
        dependency.remove("package");
    } else {
        set(dependency, "package", value(&current));
    }
    Ok(format!("{current} = \"{version}\""))
}

/// The paths of all tables of requirements, those of single targets included.
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

fn lookup<'a>(item: &'a mut Item, path: &[String]) -> Option<&'a mut Item> {
    path.iter().try_fold(item, |item, key| {
        let table: &mut dyn TableLike = item.as_table_like_mut()?;
        table.get_mut(key)
    })
}

/// Sets a value where it stands, with the comments around it; or at the end.
fn set(table: &mut dyn TableLike, key: &str, mut new: Item) {
    if let Some(old) = table.get(key).and_then(Item::as_value)
        && let Some(new) = new.as_value_mut()
    {
        *new.decor_mut() = old.decor().clone();
    }
    match table.get_mut(key) {
        Some(old) => *old = new,
        None => drop(table.insert(key, new)),
    }
}

/// The first thing that is `workspace = true`.
fn inherited(path: &str, table: &dyn TableLike) -> Option<String> {
    table.iter().find_map(|(key, item)| {
        let here = format!("{path}{key}");
        let inner = item.as_table_like()?;
        if inner.get("workspace").and_then(Item::as_bool) == Some(true) {
            return Some(here);
        }
        inherited(&format!("{here}."), inner)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::{Product, Source};

    fn pinned(text: &str, beside_facade: bool) -> Result<String, String> {
        let mut product = Product::load(&Source::BuiltIn).unwrap();
        product.krate.former_names = vec!["codex-runtime".parse().unwrap()];
        let pin = Pin {
            product: &product,
            version: product.parse_version("0.163.0").unwrap(),
            sdk_version: None,
            beside_facade,
        };
        let edited = super::pin(text, &pin, false);
        edited
            .map(|edited| edited.text)
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
    fn a_manifest_without_a_place_for_one_pin_is_refused() {
        for (rest, reason) in [
            ("", "requires none of codex-cli-bin, codex-runtime"),
            (
                "[dependencies]\ncodex-cli-bin = \"1\"\nx = { package = \"codex-runtime\" }\n",
                "requires the runtime 2 times: dependencies.codex-cli-bin, dependencies.x",
            ),
            (
                "[dependencies]\ncodex-cli-bin = \"1\"\nserde.workspace = true\n",
                "`dependencies.serde` is inherited",
            ),
            ("[dependencies", "unclosed table"),
        ] {
            let error = pinned(&format!("{PACKAGE}{rest}"), false).unwrap_err();
            assert!(error.contains(reason), "{rest}: {error}");
        }
        for (text, reason) in [
            ("[workspace]", "no [package]"),
            ("[package]\nname = \"../x\"", "no name of a package"),
        ] {
            let error = pinned(text, false).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }
}
