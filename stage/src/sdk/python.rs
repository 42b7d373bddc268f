//! The pin of a Python project.

use toml_edit::{Array, DocumentMut, Item, Value, value};

use super::error::Fault;
use super::{Edited, Pin, is_package_name};
use crate::package::crates::GENERATED;

/// Writes version and pin into a `pyproject.toml`
/// ([specification](https://packaging.python.org/en/latest/specifications/pyproject-toml/)).
pub(super) fn pin(text: &str, pin: &Pin) -> Result<Edited, Fault> {
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| Fault::Manifest(error.to_string()))?;
    let version = pin.version.python();
    let own_version = match pin.sdk_version {
        Some(version) => version
            .parse::<pep440_rs::Version>()
            .map_err(|_| Fault::Version(version.to_owned(), "Python package"))?
            .to_string(),
        None => version.clone(),
    };
    let Some(project) = document
        .get_mut("project")
        .and_then(Item::as_table_like_mut)
    else {
        return Err(Fault::Manifest(
            "it has no [project] table, where requirements stand".to_owned(),
        ));
    };
    let name = project
        .get("name")
        .and_then(Item::as_str)
        .unwrap_or_default();
    if !is_package_name(name) {
        return Err(Fault::Manifest(format!("{name:?} is no name of a package")));
    }
    let name = name.to_owned();
    let Some(old) = project.get_mut("version").and_then(Item::as_value_mut) else {
        return Err(Fault::Manifest(
            "`project.version` is not written there: give the project a version of its own, which \
             is replaced, and take `version` out of `dynamic`"
                .to_owned(),
        ));
    };
    replace(old, &own_version);

    let product = pin.product;
    let current = &*product.wheel.distribution;
    let former = product.wheel.former_names.iter().map(|name| &**name);
    let names = [current].into_iter().chain(former).map(ToOwned::to_owned);
    let names = names.collect::<Vec<String>>();
    let mut places = Vec::new();
    let mut pinned = String::new();
    each_list(&mut document, &mut |place, list| {
        for (index, item) in list.iter_mut().enumerate() {
            let requirement = item.as_str().and_then(Requirement::parse);
            let Some(requirement) = requirement else {
                continue;
            };
            if names
                .iter()
                .any(|name| normalized(name) == normalized(requirement.name))
            {
                places.push(format!("{place}[{index}]"));
                pinned = requirement.pinned(current, &version);
                replace(item, &pinned);
            }
        }
    });
    match places.len() {
        1 => {}
        0 => return Err(Fault::NoPin(names)),
        _ => return Err(Fault::SeveralPins(places)),
    }
    let sources = document
        .get_mut("tool")
        .and_then(|tool| tool.get_mut("uv"))
        .and_then(|uv| uv.get_mut("sources"))
        .and_then(Item::as_table_like_mut);
    if let Some(sources) = sources {
        // There a development version may take the place of the one that is published.
        for name in &names {
            sources.remove(name);
        }
    }
    let text = document.to_string();
    let text = text.strip_prefix(GENERATED).unwrap_or(&text);
    Ok(Edited {
        name,
        version: own_version,
        requirement: pinned,
        text: format!("{GENERATED}{text}"),
    })
}

/// Visits every list of requirements.
fn each_list(document: &mut DocumentMut, visit: &mut impl FnMut(&str, &mut Array)) {
    let mut list = |place: &str, item: Option<&mut Item>| {
        if let Some(list) = item.and_then(Item::as_array_mut) {
            visit(place, list);
        }
    };
    if let Some(project) = document.get_mut("project") {
        list("project.dependencies", project.get_mut("dependencies"));
    }
    for path in [
        &["project", "optional-dependencies"][..],
        &["dependency-groups"],
    ] {
        let item = path
            .iter()
            .try_fold(document.as_item_mut(), |item, key| item.get_mut(key));
        let groups = item.and_then(Item::as_table_like_mut);
        for (name, item) in groups.into_iter().flat_map(|groups| groups.iter_mut()) {
            list(&format!("{}.{}", path.join("."), name.get()), Some(item));
        }
    }
}

/// Replaces a string, with the space and the comments around it kept.
fn replace(old: &mut Value, new: &str) {
    let decor = old.decor().clone();
    if let Ok(mut new) = value(new).into_value() {
        *new.decor_mut() = decor;
        *old = new;
    }
}

/// A requirement, as far as a pin is concerned
/// ([dependency specifiers](https://packaging.python.org/en/latest/specifications/dependency-specifiers/)).
struct Requirement<'a> {
    name: &'a str,
    /// In brackets, or nothing.
    extras: &'a str,
    /// What follows the semicolon.
    marker: Option<&'a str>,
}

impl<'a> Requirement<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
        let (name, rest) = text.split_at(end.unwrap_or(text.len()));
        let rest = rest.trim_start();
        let (extras, rest) = match rest.find(']') {
            Some(end) if rest.starts_with('[') => rest.split_at(end + 1),
            _ => ("", rest),
        };
        // In an address a semicolon may stand for itself; with a space before it, it does not.
        let semicolon = if rest.trim_start().starts_with('@') {
            rest.find(" ;")
        } else {
            rest.find(';')
        };
        let marker = semicolon.map(|at| rest[at..].trim_start().trim_start_matches(';').trim());
        (!name.is_empty()).then_some(Self {
            name,
            extras,
            marker,
        })
    }

    /// The same for exactly one version of the package, as it is called by now.
    fn pinned(&self, current: &str, version: &str) -> String {
        let name = if normalized(self.name) == normalized(current) {
            self.name
        } else {
            current
        };
        let extras = self.extras;
        let marker = self.marker.map(|marker| format!("; {marker}"));
        format!("{name}{extras}=={version}{}", marker.unwrap_or_default())
    }
}

/// A name by which packages are compared.
fn normalized(name: &str) -> String {
    let mut normalized = String::new();
    for c in name.to_lowercase().chars() {
        let c = if matches!(c, '_' | '.') { '-' } else { c };
        if c != '-' || !normalized.ends_with('-') {
            normalized.push(c);
        }
    }
    normalized
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::{Product, Source};

    fn pinned(text: &str) -> Result<String, String> {
        let product = Product::load(&Source::BuiltIn).unwrap();
        let pin = Pin {
            product: &product,
            version: product.parse_version("0.116.0-alpha.1").unwrap(),
            sdk_version: None,
            beside_facade: false,
        };
        super::pin(text, &pin)
            .map(|edited| edited.text)
            .map_err(|fault| fault.at("pyproject.toml").to_string())
    }

    #[test]
    fn the_pin_is_replaced_where_it_stands() {
        for (old, new) in [
            (
                "openai-codex-cli-bin==0.1",
                "openai-codex-cli-bin==0.116.0a1",
            ),
            (
                "openai_codex_cli_bin >=1,<2",
                "openai_codex_cli_bin==0.116.0a1",
            ),
            ("codex-cli-bin", "openai-codex-cli-bin==0.116.0a1"),
            (
                "openai-codex-cli-bin [x] ~= 1.0 ; python_version > '3.9'",
                "openai-codex-cli-bin[x]==0.116.0a1; python_version > '3.9'",
            ),
            (
                "openai-codex-cli-bin @ file:///a;b ; os_name == 'nt'",
                "openai-codex-cli-bin==0.116.0a1; os_name == 'nt'",
            ),
        ] {
            let text = |version: &str, requirement: &str| {
                format!(
                    "# An SDK.\n[project]\nname = \"sdk\"\nversion = \"{version}\" # ours\n\
                     dependencies = [\n  \"pydantic>=2\", # kept\n  \"{requirement}\",  # the pin\n]\n"
                )
            };
            let expected = format!("{GENERATED}{}", text("0.116.0a1", new));
            assert_eq!(pinned(&text("9", old)).unwrap(), expected);
            assert_eq!(pinned(&expected).unwrap(), expected);
        }
    }

    #[test]
    fn a_project_without_a_place_for_one_pin_is_refused() {
        let project = "[project]\nname = \"sdk\"\n";
        for (rest, reason) in [
            (
                "version = \"1\"",
                "requires none of openai-codex-cli-bin, codex-cli-bin",
            ),
            (
                "version = \"1\"\ndependencies = [\"codex-cli-bin\", \"openai-codex-cli-bin\"]",
                "requires the runtime 2 times: project.dependencies[0], project.dependencies[1]",
            ),
            (
                "version = \"1\"\ndependencies = [\"codex-cli-bin\"]\n\
                 [dependency-groups]\ndev = [\"openai.codex_cli-bin\"]",
                "project.dependencies[0], dependency-groups.dev[0]",
            ),
            (
                "dynamic = [\"version\"]",
                "`project.version` is not written there",
            ),
            ("version = ", "pyproject.toml: "),
        ] {
            let error = pinned(&format!("{project}{rest}\n")).unwrap_err();
            assert!(error.contains(reason), "{rest}: {error}");
        }
        assert!(
            pinned("[tool.poetry]\n")
                .unwrap_err()
                .contains("no [project]")
        );
    }
}
