//! The Python files of a wheel.

use std::fmt::Write as _;

use crate::base::template::replace_all;
use crate::bundle::WHEEL_FILES;
use crate::package::input::Input;
use crate::product::{Product, WheelCommands};
use strict_archive::PortablePath;

/// Texts with names in them, `@name@`, which are filled in for a product.
pub struct Templates {
    /// The contents of [`WHEEL_FILES`], in the same order.
    pub files: [&'static str; WHEEL_FILES.len()],
    /// The hook of `PyInstaller`.
    pub hook: &'static str,
    /// What the first of the files imports and how it finds the executables, with a line `# ---`
    /// between.
    find: &'static str,
}

/// The name of the hook's file, and the package of hooks itself:
/// <https://pyinstaller.org/en/stable/hooks.html#providing-pyinstaller-hooks-with-your-package>
pub const HOOK: &str = "hook-@import_package@.py";
pub const HOOKS: &str = include_str!("../python/__pyinstaller/__init__.py");

/// The file `entry_points.txt`, which tells `PyInstaller` where the hooks are.
const ENTRY_POINTS: &str =
    "[pyinstaller40]\nhook-dirs = @import_package@.__pyinstaller:get_hook_dirs\n";

/// Returns the templates for wheels that bring their commands onto `PATH` in this way.
///
/// The published wheels of the built-in product have files of their own. They know of one command, and
/// of a directory in front of `PATH`. Without commands on `PATH`, a product that is like it has them too.
pub fn templates(commands: WheelCommands, product: &Product) -> Templates {
    let several = [
        include_str!("../python/commands/__init__.py"),
        include_str!("../python/commands/__main__.py"),
        "",
    ];
    let hook_of_tree = include_str!("../python/__pyinstaller/hook.py");
    let is_plain = product.identity.commands.len() == 1 && product.bundle.path_dir.is_some();
    match commands {
        WheelCommands::None if is_plain => Templates {
            files: [
                include_str!("../python/__init__.py"),
                include_str!("../python/__main__.py"),
                "",
            ],
            hook: hook_of_tree,
            find: "",
        },
        WheelCommands::None | WheelCommands::EntryPoints => Templates {
            files: several,
            hook: hook_of_tree,
            find: include_str!("../python/commands/in_package.py"),
        },
        WheelCommands::Scripts => Templates {
            files: several,
            hook: include_str!("../python/commands/hook.py"),
            find: include_str!("../python/commands/in_scripts.py"),
        },
    }
}

/// Fills in templates for one wheel, with names that were checked when they were read.
pub struct Filler(Vec<(&'static str, String)>);

impl Filler {
    /// Takes the names from the product and the runtime. `files` are the executables of the commands,
    /// as the templates look for them.
    pub fn new(
        input: &Input,
        templates: &Templates,
        files: &[(String, String)],
        dist_info: &str,
    ) -> Self {
        let product = input.product;
        let path_dir = input.bundle.path_dir().map(PortablePath::as_str);
        let path_dir = path_dir.or(product.bundle.path_dir.as_deref());
        let (imports, find) = templates.find.split_once("# ---\n").unwrap_or_default();
        let names = files.iter().map(|(name, _)| quoted(name));
        let pairs = files
            .iter()
            .map(|(name, file)| format!("    {}: {},\n", quoted(name), quoted(file)));
        let functions = functions(files);
        let values = [
            ("@commands@", tuple(names)),
            ("@files@", format!("{{\n{}}}", pairs.collect::<String>())),
            ("@dist_info@", dist_info.to_owned()),
            ("@title@", product.identity.title.to_string()),
            ("@name@", product.identity.identifier()),
            ("@version@", input.version.upstream()),
            ("@python_version@", input.version.python()),
            ("@distribution@", product.wheel.distribution.to_string()),
            ("@import_package@", product.wheel.import_package.to_string()),
            ("@metadata@", product.bundle.metadata.to_string()),
            (
                "@entrypoint@",
                input.bundle.entrypoint().as_str().to_owned(),
            ),
            ("@path_dir@", path_dir.unwrap_or_default().to_owned()),
        ];
        // These have names in them.
        let parts = [
            ("@imports@", imports),
            ("@find@", find),
            ("@functions@", &functions),
            ("@advice@", include_str!("../python/advice.py")),
        ];
        let parts = parts.map(|(key, part)| (key, replace_all(part.trim_end(), &values)));
        Self(parts.into_iter().chain(values).collect())
    }

    /// Fills in a template.
    pub fn fill(&self, template: &str) -> String {
        replace_all(template, &self.0)
    }

    /// Returns the file `entry_points.txt`. With entry points for the commands, an installer makes a
    /// script for each.
    pub fn entry_points(&self, commands: WheelCommands, files: &[(String, String)]) -> String {
        let mut text = String::new();
        if commands == WheelCommands::EntryPoints {
            text += "[console_scripts]\n";
            for (index, (name, _)) in files.iter().enumerate() {
                let function = function(index);
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{name} = @import_package@.__main__:{function}");
            }
            text.push('\n');
        }
        self.fill(&(text + ENTRY_POINTS))
    }
}

/// Returns the name of the function that runs a command. Names of commands need not be those of
/// functions.
fn function(index: usize) -> String {
    match index {
        0 => "main".to_owned(),
        index => format!("main_{}", index + 1),
    }
}

/// Returns the functions that run the commands.
fn functions(files: &[(String, String)]) -> String {
    let functions = files.iter().enumerate().map(|(index, (name, _))| {
        let (function, quoted) = (function(index), quoted(name));
        format!(
            "\ndef {function}() -> int:\n    \"\"\"Runs `{name}`.\"\"\"\n    return \
             _run({quoted})\n\n"
        )
    });
    functions.collect()
}

/// Returns a literal of Python. Names of files have neither quotes nor backslashes in them.
fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn tuple(names: impl Iterator<Item = String>) -> String {
    match &names.collect::<Vec<_>>()[..] {
        [one] => format!("({one},)"),
        names => format!("({})", names.join(", ")),
    }
}
