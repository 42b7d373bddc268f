//! What a product has that says nothing, worked out from what it says.

use std::str::FromStr;

use native_claims::ObjectFormat;
use toml::Value;

use super::document::{Document, literal};
use super::known_targets::{KnownNpm, KnownTarget};
use super::names::{
    CommandName, CrateName, DistributionName, NpmCommand, NpmPackage, ProductName, PythonIdentifier,
};
use super::python_names::taken;
use super::texts::{Keyword, OneLine, Title, WebUrl};
use crate::base::template::replace_all;

/// Returns what stands in stage.toml where it says nothing.
pub(super) fn of_product(document: &Document, readme: Option<&str>) -> String {
    // Nothing is made of a value that is wrong: it is a mistake where it stands, and only there.
    let text = |field: &str, is_right: fn(&str) -> bool| {
        document.text_of(field).filter(|text| is_right(text))
    };
    let name = text("product.name", is::<ProductName>);
    let name = name.unwrap_or_else(|| "product".to_owned());
    let title = text("product.title", is::<Title>).unwrap_or_else(|| name.clone());
    let repository = text("product.repository", is::<WebUrl>);
    let summary = text("product.summary", is::<OneLine>);
    let summary = summary.unwrap_or_else(|| format!("Native executables of {title}"));
    let commands = document.texts_of("product.commands").unwrap_or_default();
    let command = commands
        .into_iter()
        .next()
        .filter(|text| is::<CommandName>(text));
    let command = command.unwrap_or_else(|| name.clone());
    // npm may not have this one. Then `npm.bin` has to be said, or npm left out.
    let bin = if is::<NpmCommand>(&command) {
        &command
    } else {
        "command"
    };
    let keywords = document.texts_of("product.keywords").unwrap_or_default();
    let keywords = keywords.into_iter().filter(|text| is::<Keyword>(text));
    let keywords = keywords.map(Value::String).collect();
    let distribution = text("wheel.distribution", is::<DistributionName>);
    let distribution = distribution.unwrap_or_else(|| name.clone());
    let description = match readme {
        Some(readme) => readme.to_owned(),
        None => format!("# {title}\n\n{summary}.\n"),
    };
    let repository = repository.as_deref().map(|url| url.trim_end_matches('/'));
    let issues = repository.map(|url| url.strip_suffix(".git").unwrap_or(url));
    let issues = issues.filter(|url| FORGES.iter().any(|forge| url.starts_with(forge)));
    let issues = issues.map(|url| format!("issues = {}", literal(&format!("{url}/issues"))));
    let mut defaults = replace_all(
        include_str!("defaults.toml"),
        &[
            ("@Title@", inside(&title)),
            ("@Name@", inside(&name)),
            ("@ENV@", variable(&name)),
            ("@name@", literal(&name)),
            ("@title@", literal(&title)),
            ("@summary@", literal(&summary)),
            (
                "@repository@",
                literal(repository.unwrap_or("https://example.org")),
            ),
            ("@issues@", issues.unwrap_or_default()),
            ("@command@", literal(&command)),
            ("@bin@", literal(bin)),
            ("@keywords@", Value::Array(keywords).to_string()),
            ("@import@", literal(&python_name(&distribution))),
            ("@crate@", literal(&crate_name(&name))),
            ("@package@", literal(&npm_name(&name))),
            ("@description@", literal(&description)),
        ],
    );
    if let Some(repository) = repository {
        // A forge that is named may have no API like GitHub's, and who has a layout of their own has names
        // of their own.
        let named = ["release.download-url", "bundle.metadata"];
        if !named.iter().any(|field| document.has(field))
            && let Some(release) = github_release(&name, repository)
        {
            defaults.push_str(&release);
        }
    }
    defaults
}

/// Returns whether a text may be a value of a type.
fn is<T: FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

/// Forges that have the issues of a repository at `/issues`.
const FORGES: [&str; 3] = [
    "https://github.com/",
    "https://gitlab.com/",
    "https://codeberg.org/",
];

/// Returns the `[release]` of a repository on GitHub. Its assets are named as projects name them most.
fn github_release(name: &str, repository: &str) -> Option<String> {
    let path = repository.strip_prefix("https://github.com/")?;
    let path = path.strip_suffix(".git").unwrap_or(path);
    let mut parts = path.split('/');
    let good = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    let (owner, repository) = (parts.next()?, parts.next()?);
    if parts.next().is_some() || !good(owner) || !good(repository) {
        return None;
    }
    let assets = [
        "{target}",
        "{version}-{target}",
        "{tag}-{target}",
        "{version}_{os}_{arch}",
    ]
    .into_iter()
    .flat_map(|rest| {
        let separator = if rest.contains('_') { '_' } else { '-' };
        [".tar.gz", ".tar.xz", ".zip"].map(|end| literal(&format!("{name}{separator}{rest}{end}")))
    });
    let assets = assets.collect::<Vec<_>>().join(", ");
    Some(format!(
        "\n[release]\n\
         download-url = \"https://github.com/{owner}/{repository}/releases/download/{{tag}}/{{asset}}\"\n\
         api-url = \"https://api.github.com/repos/{owner}/{repository}/releases/tags/{{tag}}\"\n\
         assets = [{assets}]\n"
    ))
}

/// Returns what stands in the file of a target where it says nothing. What packages are called, and
/// which machines they are for, depends on the other targets of the product.
pub(super) fn of_platform(known: &KnownTarget, targets: &[&'static KnownTarget]) -> String {
    let npm = known.npm.unwrap_or(KnownNpm {
        name: "none",
        os: "none",
    });
    let beside = |other: &&&KnownTarget| {
        other.triple != known.triple
            && other.npm.is_some_and(|other| other.os == npm.os)
            && other.cpu() == known.cpu()
    };
    let beside = targets.iter().filter(beside).collect::<Vec<_>>();
    let cpus = known.npm_cpus().collect::<Vec<_>>();
    // Alone, it needs no name that tells it from another build.
    let name = match &cpus[..] {
        [cpu] if beside.is_empty() => format!("{}-{cpu}", npm.os),
        _ => npm.name.to_owned(),
    };
    let cpus = if cpus.is_empty() { vec!["none"] } else { cpus };
    let cpus = cpus.into_iter().map(literal).collect::<Vec<_>>();
    // Alone, it serves whom its bytes allow.
    let libc = known.npm_libc();
    let libc = libc.filter(|_| !beside.is_empty());
    let libc = libc.map(|libc| format!("libc = {}\n", literal(libc)));
    let cfg = known.cfg_among(targets.iter().copied());
    format!(
        "target = {target}\n\
         [executable]\nformat = {format}\nmachine = {machine}\nsuffix = {suffix}\n\
         [npm]\nname = {name}\nos = {os}\ncpu = [{cpus}]\n{libc}\
         [crate]\ncfg = {cfg}\n\
         [ci]\nrunner = {runner}\n",
        target = literal(known.triple),
        format = literal(match known.format {
            ObjectFormat::Elf => "elf",
            ObjectFormat::MachO => "mach-o",
            ObjectFormat::Pe => "pe",
            ObjectFormat::Xcoff => "xcoff",
        }),
        machine = known.machines().next().unwrap_or_default(),
        suffix = literal(known.suffix),
        name = literal(&name),
        os = literal(npm.os),
        cpus = cpus.join(", "),
        libc = libc.unwrap_or_default(),
        cfg = literal(&cfg),
        runner = literal(known.runner),
    )
}

/// Returns a text as TOML writes it between the quotes of another one.
fn inside(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04X}", u32::from(c)),
        c => c.to_string(),
    });
    escaped.collect()
}

/// Returns the beginning of the names of a product's environment variables.
fn variable(name: &str) -> String {
    let variable = name.to_ascii_uppercase();
    let variable = variable.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    if variable.starts_with(|c: char| c.is_ascii_digit()) {
        format!("_{variable}")
    } else {
        variable
    }
}

/// Returns the import package of a distribution.
fn python_name(distribution: &str) -> String {
    let name = distribution.to_ascii_lowercase();
    let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    if is::<PythonIdentifier>(&name) && taken(&name).is_none() {
        return name;
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("_{name}")
    } else {
        // A keyword, or a module of Python.
        format!("{name}_")
    }
}

fn crate_name(name: &str) -> String {
    let name = name.to_ascii_lowercase().replace('.', "-");
    if is::<CrateName>(&name) {
        return name;
    }
    // It begins with a digit, or Rust reserves it.
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("bin-{name}")
    } else {
        format!("{name}-bin")
    }
}

fn npm_name(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    if is::<NpmPackage>(&name) {
        return name;
    }
    format!("bin-{}", name.trim_start_matches(['_', '.', '-']))
}
