//! What `Cargo.toml` says, as far as the rules look at it.

use std::str::FromStr as _;

use toml::{Table, Value};

use crate::audit::finding::Findings;
use crate::audit::rules;

/// The file that makes a directory a crate.
pub(super) const CARGO_TOML: &str = "Cargo.toml";

/// Most characters of a name.
const LONGEST_NAME: usize = 64;

/// Names that the registry keeps for the parts of Rust, as it compares them: in small letters, with
/// `_` for `-`. It has more of them, which come and go.
const RESERVED_NAMES: [&str; 5] = ["alloc", "core", "proc_macro", "std", "test"];

/// Most parentheses of the condition of a target.
const DEEPEST_CFG: usize = 1000;

/// Most characters that are shown of the condition of a target.
const LONGEST_SHOWN: usize = 200;

/// What `Cargo.toml` says of a package.
pub(super) struct CargoManifest {
    /// The name, if it is a text.
    pub name: Option<String>,
    /// The version, unless the workspace has it.
    pub version: Option<String>,
    /// Of every target and kind, but for the development's.
    pub dependencies: Vec<CargoDependency>,
    table: Table,
}

/// A dependency.
pub(super) struct CargoDependency {
    /// The package's own name.
    pub name: String,
    /// The table that it is in: `target.'cfg(unix)'.dependencies`.
    pub table: String,
    /// The version that is wanted.
    pub wanted: Option<String>,
    /// The directory that it is in.
    pub path: Option<String>,
    /// Whether it is in a git repository.
    pub is_git: bool,
}

impl CargoDependency {
    fn new(key: &str, table: &str, value: &Value) -> Option<Self> {
        let text = |field: &str| Some(value.get(field)?.as_str()?.to_owned());
        if value.get("workspace").is_some() {
            return None;
        }
        Some(Self {
            name: text("package").unwrap_or_else(|| key.to_owned()),
            table: table.to_owned(),
            wanted: value
                .as_str()
                .map(str::to_owned)
                .or_else(|| text("version")),
            path: text("path"),
            is_git: value.get("git").is_some(),
        })
    }

    /// For a person: the dependency, and where it is.
    pub fn shown(&self) -> String {
        format!("`{}` of [{}]", self.name, self.table)
    }

    /// The version that is wanted, if it is exactly one.
    pub fn exact(&self) -> Option<semver::Version> {
        let version = self.wanted.as_ref()?.trim().strip_prefix('=')?;
        semver::Version::parse(version.trim_start()).ok()
    }
}

impl CargoManifest {
    /// Reads the text of a `Cargo.toml`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let table: Table = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let package = table.get("package").and_then(Value::as_table);
        let package = package.ok_or("it has no [package]")?;
        let text = |field: &str| Some(package.get(field)?.as_str()?.to_owned());
        Ok(Self {
            name: text("name"),
            version: text("version"),
            dependencies: dependencies(&table, &["dependencies", "build-dependencies"]),
            table,
        })
    }

    fn package(&self) -> Option<&Table> {
        self.table.get("package")?.as_table()
    }

    /// A path in a table: of `[lib]`, `[[bin]]`, `build` of `[package]`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.table.get(key)
    }

    /// A field of `[package]`.
    pub fn field(&self, key: &str) -> Option<&Value> {
        self.package()?.get(key)
    }

    /// A field of `[package]`, if it is a text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.field(key)?.as_str()
    }

    /// The texts in a list of `[package]`.
    pub fn texts(&self, key: &str) -> Vec<&str> {
        let list = self.field(key).and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// The dependencies of tests and examples, of every target.
    pub fn dev_dependencies(&self) -> Vec<CargoDependency> {
        dependencies(&self.table, &["dev-dependencies"])
    }

    /// Whether there is a `[workspace]`.
    pub fn has_workspace(&self) -> bool {
        self.table.get("workspace").is_some_and(Value::is_table)
    }

    /// Holds what every crate says against the rules.
    pub fn check(&self, findings: &mut Findings) {
        if let Some(fault) = self.name_fault() {
            findings.add_at(&rules::crates::NAME, CARGO_TOML, fault);
        }
        let fault = match (&self.version, self.field("version")) {
            (Some(version), _) => semver::Version::parse(version)
                .err()
                .map(|error| format!("{version:?}: {error}")),
            (None, Some(Value::Table(inherited))) if inherited.contains_key("workspace") => None,
            (None, Some(_)) => Some("it is no text".to_owned()),
            (None, None) => Some("there is none".to_owned()),
        };
        if let Some(fault) = fault {
            findings.add_at(&rules::crates::VERSION, CARGO_TOML, fault);
        }
        let targets = self.table.get("target").and_then(Value::as_table);
        for target in targets.into_iter().flat_map(Table::keys) {
            // What reads it goes a call deeper with each parenthesis, and Cargo's stack ends too.
            let fault = if target.matches('(').count() > DEEPEST_CFG {
                Some("it has too many parentheses".to_owned())
            } else {
                let parsed = cargo_platform::Platform::from_str(target);
                parsed.err().map(|error| error.to_string())
            };
            if let Some(fault) = fault {
                let target: String = target.chars().take(LONGEST_SHOWN).collect();
                let detail = format!("[target.{target:?}]: {fault}");
                findings.add_at(&rules::crates::CFG, CARGO_TOML, detail);
            }
        }
    }

    fn name_fault(&self) -> Option<String> {
        let Some(name) = &self.name else {
            return Some("there is none".to_owned());
        };
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let canonical = name.to_ascii_lowercase().replace('-', "_");
        let reason = if RESERVED_NAMES.contains(&&*canonical) {
            "is reserved"
        } else if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            "does not begin with a letter"
        } else if !name.chars().all(good) {
            "has more in it than letters, digits, `-` and `_`"
        } else if name.len() > LONGEST_NAME {
            "has more than 64 characters"
        } else {
            return None;
        };
        Some(format!("{name:?} {reason}"))
    }
}

/// The dependencies in tables of these names, of every target.
fn dependencies(table: &Table, kinds: &[&str]) -> Vec<CargoDependency> {
    let of = |table: &Table, prefix: &str| {
        let kinds = kinds.iter().filter_map(|kind| {
            let dependencies = table.get(*kind)?.as_table()?;
            let name = format!("{prefix}{kind}");
            let dependencies = dependencies.iter();
            let read =
                dependencies.filter_map(|(key, value)| CargoDependency::new(key, &name, value));
            Some(read.collect::<Vec<_>>())
        });
        kinds.flatten().collect::<Vec<_>>()
    };
    let targets = table.get("target").and_then(Value::as_table);
    let targets = targets
        .into_iter()
        .flatten()
        .filter_map(|(target, value)| Some(of(value.as_table()?, &format!("target.{target:?}."))));
    let mut dependencies = of(table, "");
    dependencies.extend(targets.flatten());
    dependencies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_of_every_target_are_found() {
        let manifest = CargoManifest::parse(
            r#"
            [package]
            name = "a"
            [dependencies]
            b = "1"
            c = { workspace = true }
            [target.'cfg(unix)'.build-dependencies]
            d = { package = "e", version = "= 1.2.3", path = "../e" }
            "#,
        )
        .unwrap();
        let shown = manifest.dependencies.iter().map(CargoDependency::shown);
        let shown = shown.collect::<Vec<_>>();
        let target = "`e` of [target.\"cfg(unix)\".build-dependencies]";
        assert_eq!(shown, ["`b` of [dependencies]", target]);
        assert_eq!(manifest.dependencies[0].exact(), None);
        let exact = manifest.dependencies[1].exact().unwrap();
        assert_eq!(exact.to_string(), "1.2.3");
    }

    #[test]
    fn what_is_no_manifest_is_refused() {
        for text in ["", "[package", "[workspace]", "package = 1"] {
            assert!(CargoManifest::parse(text).is_err(), "{text}");
        }
    }
}
