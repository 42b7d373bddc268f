//! The pin of a Python project.

use toml_edit::{Array, DocumentMut, Item, Value, value};

use super::error::PinFault;
use super::manifest::{lookup, remove};
use super::pinned::{Edited, Pin, is_package_name};

/// Writes version and pin into a `pyproject.toml`
/// ([specification](https://packaging.python.org/en/latest/specifications/pyproject-toml/)).
pub(super) fn pin(mut document: DocumentMut, pin: &Pin) -> Result<Edited, PinFault> {
    let version = pin.version.python();
    let own_version = match pin.sdk_version {
        Some(version) => version
            .parse::<pep440_rs::Version>()
            .map_err(|_| PinFault::Version(version.to_owned(), "Python package"))?
            .to_string(),
        None => version.clone(),
    };
    let Some(project) = document
        .get_mut("project")
        .and_then(Item::as_table_like_mut)
    else {
        return Err(PinFault::Manifest(
            "it has no [project] table, which lists the requirements".to_owned(),
        ));
    };
    let name = project
        .get("name")
        .and_then(Item::as_str)
        .unwrap_or_default();
    if !is_package_name(name) {
        return Err(PinFault::Manifest(format!(
            "{name:?} is not a package name"
        )));
    }
    let product = pin.product;
    let current = &*product.wheel.distribution;
    if normalized(name) == normalized(current) {
        return Err(PinFault::OwnName(name.to_owned()));
    }
    let name = name.to_owned();
    let Some(old) = project.get_mut("version").and_then(Item::as_value_mut) else {
        return Err(PinFault::Manifest(
            "`project.version` is missing: give the project a version, which is replaced, and \
             remove `version` from `dynamic`"
                .to_owned(),
        ));
    };
    replace(old, &own_version);

    let former = product.wheel.former_names.iter().map(|name| &**name);
    let names = [current].into_iter().chain(former).map(ToOwned::to_owned);
    let names = names.collect::<Vec<String>>();
    let is_runtime = |name: &str| {
        names
            .iter()
            .any(|known| normalized(known) == normalized(name))
    };
    let mut places = Vec::new();
    let mut requirement_now = String::new();
    each_list(&mut document, &mut |place, list, brings| {
        for (index, item) in list.iter_mut().enumerate() {
            let requirement = item.as_str().and_then(Requirement::parse);
            let Some(requirement) = requirement else {
                continue;
            };
            if is_runtime(requirement.name) {
                let pinned = requirement.pinned(current, &version);
                replace(item, &pinned);
                if brings {
                    places.push(format!("{place}[{index}]"));
                    requirement_now = pinned;
                }
            }
        }
    });
    match places.len() {
        1 => {}
        0 => return Err(PinFault::NoPin(names)),
        _ => return Err(PinFault::SeveralPins(places)),
    }
    if let Some(sources) = lookup(document.as_item_mut(), &["tool", "uv", "sources"]) {
        // A source there could replace the published package with a development version.
        remove(sources, |key, _| is_runtime(key));
    }
    Ok(Edited {
        name,
        version: own_version,
        requirement: requirement_now,
        document,
    })
}

/// Lists of requirements.
const LISTS: [&[&str]; 3] = [
    &["project", "dependencies"],
    &["build-system", "requires"],
    &["tool", "uv", "dev-dependencies"],
];

/// Tables of lists of requirements.
const GROUPS: [&[&str]; 2] = [
    &["project", "optional-dependencies"],
    &["dependency-groups"],
];

/// Lists that install nothing, and only limit the versions of packages that other lists require.
const LIMITS: [&[&str]; 3] = [
    &["tool", "uv", "build-constraint-dependencies"],
    &["tool", "uv", "constraint-dependencies"],
    &["tool", "uv", "override-dependencies"],
];

/// Visits every list of requirements, and says whether its packages are installed because of it.
fn each_list(document: &mut DocumentMut, visit: &mut impl FnMut(&str, &mut Array, bool)) {
    let mut list = |place: &str, item: &mut Item, brings: bool| {
        if let Some(list) = item.as_array_mut() {
            visit(place, list, brings);
        }
    };
    let all = LISTS.iter().map(|path| (path, true));
    for (path, brings) in all.chain(LIMITS.iter().map(|path| (path, false))) {
        if let Some(item) = lookup(document.as_item_mut(), path) {
            list(&path.join("."), item, brings);
        }
    }
    for path in GROUPS {
        let groups = lookup(document.as_item_mut(), path).and_then(Item::as_table_like_mut);
        for (name, item) in groups.into_iter().flat_map(|groups| groups.iter_mut()) {
            list(&format!("{}.{}", path.join("."), name.get()), item, true);
        }
    }
}

/// Replaces a string, and keeps the space and the comments around it.
fn replace(old: &mut Value, new: &str) {
    let decor = old.decor().clone();
    if let Ok(mut new) = value(new).into_value() {
        *new.decor_mut() = decor;
        *old = new;
    }
}

/// The parts of a requirement that matter for a pin
/// ([dependency specifiers](https://packaging.python.org/en/latest/specifications/dependency-specifiers/)).
struct Requirement<'a> {
    name: &'a str,
    /// The extras with their brackets, or nothing.
    extras: &'a str,
    /// The text after the semicolon.
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
        // In a URL, a semicolon begins a marker only after a space; else it is part of the URL.
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

    /// Returns the same requirement for exactly one version of the package, by its current name.
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

/// Returns the normalized form of a name, by which packages are compared.
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
    use crate::product::{Product, ProductSource};
    use crate::record::names::crates::GENERATED;
    use crate::sdk::manifest;

    fn pinned(text: &str) -> Result<String, String> {
        let product = Product::load(&ProductSource::BuiltIn).unwrap();
        let pin = Pin {
            product: &product,
            version: &product.parse_version("0.116.0-alpha.1").unwrap(),
            sdk_version: None,
            beside_facade: false,
        };
        manifest::parse(text)
            .and_then(|document| super::pin(document, &pin))
            .map(|edited| manifest::print(&edited.document, text))
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
    fn nothing_else_holds_another_pin() {
        let project = "[project]\nname = \"sdk\"\nversion = \"0.116.0a1\"\n\
                       dependencies = [\"openai-codex-cli-bin==0.116.0a1\"]\n";
        for (was, is) in [
            ("[tool.ruff]\nline-length = 80\n", None),
            (
                "[tool.uv.sources]\n\"OpenAI_Codex.cli-bin\" = { path = \"x\" }\nother = { path = \"y\" }\n",
                Some("[tool.uv.sources]\nother = { path = \"y\" }\n"),
            ),
            (
                "[tool.uv]\noverride-dependencies = [\"codex-cli-bin==0.1\"]\n\
                 constraint-dependencies = [\"openai_codex_cli_bin<1\", \"x<1\"]\n",
                Some(
                    "[tool.uv]\noverride-dependencies = [\"openai-codex-cli-bin==0.116.0a1\"]\n\
                     constraint-dependencies = [\"openai_codex_cli_bin==0.116.0a1\", \"x<1\"]\n",
                ),
            ),
        ] {
            let is = format!("{GENERATED}{project}{}", is.unwrap_or(was));
            assert_eq!(pinned(&format!("{project}{was}")).unwrap(), is);
        }
    }

    #[test]
    fn a_project_without_a_place_for_one_pin_is_refused() {
        let project = "[project]\nname = \"sdk\"\n";
        for (rest, reason) in [
            (
                "version = \"1\"",
                "does not require the runtime: it names none of openai-codex-cli-bin, codex-cli-bin",
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
                "version = \"1\"\ndependencies = [\"codex-cli-bin\"]\n\
                 [build-system]\nrequires = [\"hatchling\", \"codex-cli-bin\"]",
                "project.dependencies[0], build-system.requires[1]",
            ),
            (
                "version = \"1\"\ndependencies = [\"codex-cli-bin\"]\n\
                 [tool.uv]\ndev-dependencies = [\"codex-cli-bin\"]",
                "project.dependencies[0], tool.uv.dev-dependencies[0]",
            ),
            ("dynamic = [\"version\"]", "`project.version` is missing"),
            ("version = ", "pyproject.toml: "),
        ] {
            let error = pinned(&format!("{project}{rest}\n")).unwrap_err();
            assert!(error.contains(reason), "{rest}: {error}");
        }
        let runtime = "[project]\nname = \"OpenAI.codex-cli_bin\"\n";
        assert!(
            pinned(runtime)
                .unwrap_err()
                .contains("`OpenAI.codex-cli_bin` is the name of a package of the runtime")
        );
        assert!(
            pinned("[tool.poetry]\n")
                .unwrap_err()
                .contains("no [project]")
        );
    }
}
