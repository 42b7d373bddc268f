//! Checks the names and texts of stage.toml against each other.

use super::cargo_bin::cargo_bin_name;
use super::document::Document;
use super::environment::is_of_the_system;
use super::mistake::Mistake;
use super::names::NpmCommand;
use super::python_names::taken;
use super::stage_toml::{PackageFormat, ProductFile, WheelCommands};

/// Programs that virtual environments have, which a command of a wheel would replace, and whose removal
/// would break them.
const ENVIRONMENT_COMMANDS: [&str; 11] = [
    "activate",
    "activate_this",
    "deactivate",
    "easy_install",
    "pip",
    "pip3",
    "pydoc",
    "python",
    "python3",
    "pythonw",
    "wheel",
];

/// Checks the names and texts of stage.toml against each other.
pub(super) fn check_names(document: &Document, file: &ProductFile) -> Vec<Mistake> {
    let ProductFile {
        product,
        krate,
        npm,
        release,
        ..
    } = file;
    let mut mistakes = Vec::new();
    let mut wrong = |field: &str, reason: String| mistakes.push(document.mistake(field, reason));
    let empty = [
        (
            "product.tag-prefixes",
            product.tag_prefixes.is_empty(),
            "prefix",
        ),
        ("product.commands", product.commands.is_empty(), "command"),
        ("product.formats", product.formats.is_empty(), "format"),
    ];
    for (field, empty, what) in empty {
        if empty {
            wrong(field, format!("needs at least one {what}"));
        }
    }
    for (field, name) in [
        ("product.path-env", &product.path_env),
        ("crate.cache-dir-env", &krate.cache_dir_env),
    ] {
        if is_of_the_system(name) {
            wrong(
                field,
                format!("{name} is reserved: the system or a shell reads it"),
            );
        }
    }
    if krate.cache_dir_env == product.path_env {
        let reason = format!(
            "{} is also the value of `product.path-env`",
            product.path_env
        );
        wrong("crate.cache-dir-env", reason);
    }
    let mut environment = npm.environment.iter();
    if environment.any(|variable| variable.name.eq_ignore_ascii_case(&product.path_env)) {
        let reason = format!("sets {}, which is `product.path-env`", product.path_env);
        wrong("npm.environment", reason);
    }
    let import_package = &file.wheel.import_package;
    if product.formats.contains(&PackageFormat::Wheel)
        && let Some(why) = taken(import_package)
    {
        let reason = format!("cannot be {import_package:?}: {why}; use another one");
        wrong("wheel.import-package", reason);
    }
    let rest = check_commands(document, file);
    let extras = file.wheel.extras.keys().map(|name| normal(name));
    let extras = extras.collect::<Vec<_>>();
    for (at, name) in extras.iter().enumerate() {
        if extras[..at].contains(name) {
            let reason = format!("has {name:?} twice: Python does not tell `-`, `_` and `.` apart");
            wrong("wheel.extras", reason);
        }
    }
    for (at, name) in release
        .iter()
        .flat_map(|release| release.assets.iter())
        .enumerate()
    {
        if !name.tells_targets() {
            let reason = "is the same for all targets: it needs `{target}`, or `{os}` and `{arch}`";
            wrong(&format!("release.assets[{at}]"), reason.to_owned());
        }
    }
    mistakes.extend(rest);
    mistakes
}

/// Checks the commands: each ecosystem has names that one cannot have there.
fn check_commands(document: &Document, file: &ProductFile) -> Vec<Mistake> {
    let ProductFile {
        product,
        krate,
        npm,
        ..
    } = file;
    let mut mistakes = Vec::new();
    let mut wrong = |field: &str, reason: String| mistakes.push(document.mistake(field, reason));
    for (at, command) in product.commands.iter().enumerate() {
        // Windows does not tell `Tool` from `tool`.
        let mut before = product.commands[..at].iter();
        if let Some(other) = before.find(|other| other.eq_ignore_ascii_case(command)) {
            let reason = format!("{other:?} and {command:?} are one command on Windows");
            wrong("product.commands", reason);
        }
        let is_in_npm = at > 0 || !document.has("npm.bin");
        if is_in_npm
            && product.formats.contains(&PackageFormat::Npm)
            && let Err(error) = command.parse::<NpmCommand>()
        {
            wrong("product.commands", error.to_string());
        }
        let replaced = ENVIRONMENT_COMMANDS
            .iter()
            .any(|own| own.eq_ignore_ascii_case(command));
        if replaced
            && product.formats.contains(&PackageFormat::Wheel)
            && file.wheel.commands != Some(WheelCommands::None)
        {
            let reason = format!(
                "{command:?} would replace a program of every Python environment that the wheel is \
                 installed in; rename it, or set `wheel.commands = \"none\"`"
            );
            wrong("product.commands", reason);
        }
        if at > 0 && npm.bin.eq_ignore_ascii_case(command) {
            wrong(
                "npm.bin",
                format!("{command:?} is also one of `product.commands`, another one"),
            );
        }
        if krate.commands
            && product.formats.contains(&PackageFormat::Crate)
            && let Err(reason) = cargo_bin_name(command)
        {
            wrong("product.commands", format!("{command:?} {reason}"));
        }
    }
    mistakes
}

/// Returns the form of a name of Python's in which two names are the same:
/// <https://packaging.python.org/en/latest/specifications/name-normalization/>
fn normal(name: &str) -> String {
    let words = name.split(['-', '_', '.']).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}
