//! Where a wheel of commands puts the files of a runtime.
//!
//! A runtime of executables, without data that they look for beside themselves, is installed as
//! people expect of a native program: the executables with the other scripts of the environment, the
//! pages of the manual and the completions in the directories that `man` and the shells read, the
//! licences with the metadata. Documents, completions for shells that have no such directory, and the
//! file that describes the bundle stay out: nothing would read them there. The packages of the
//! other ecosystems carry these too. So what all of them have in common is every file that somebody
//! runs, reads by its place, or has to be given with the program.

use std::collections::BTreeMap;

use super::manifest::BundleRecord;
use crate::base::digest::Digest;
use crate::bundle::{CompletionShell, Role, manual_language, without_exe};
use crate::contents::{FileRecord, Mode};
use crate::product::{Product, WheelCommands};

/// The directory of executables, in the `.data` directory of a wheel.
pub const SCRIPTS: &str = "scripts";

/// The directory of licences: in the `.dist-info` directory of a wheel, and in the paths of this
/// module.
pub const LICENSES: &str = "licenses";

/// The directory in [`LICENSES`] of those licences of a runtime whose names the product's files have.
/// No licence of a runtime lies in a directory of this name: see [`Role::of`].
const OF_RUNTIME: &str = "runtime";

/// Two files of a runtime that would be installed as the same file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{first:?} and {second:?} would both be installed as {place:?}")]
pub struct Clash {
    /// One of the files, relative to the bundle.
    pub first: String,
    /// The other one.
    pub second: String,
    /// Where both would be, relative to the `.data` directory.
    pub place: String,
}

/// Returns how the wheels of a runtime bring its commands onto `PATH`. `has_data`: the runtime has
/// files that its executables look for.
#[must_use]
pub fn wheel_commands(product: &Product, has_data: bool) -> WheelCommands {
    match product.wheel.commands {
        Some(commands) => commands,
        None if has_data => WheelCommands::EntryPoints,
        None => WheelCommands::Scripts,
    }
}

impl BundleRecord {
    /// Returns the commands: their names, and the paths of their executables.
    pub fn all_commands<'a>(
        &'a self,
        product: &'a Product,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let first = product.identity.commands.first();
        let first = first.map(|name| (&**name, &*self.entrypoint));
        let more = self.commands.iter();
        first
            .into_iter()
            .chain(more.map(|(name, path)| (name.as_str(), path.as_str())))
    }

    /// Returns what a file is for.
    #[must_use]
    pub fn role(&self, product: &Product, path: &str) -> Role {
        if self.all_commands(product).any(|(_, own)| own == path) {
            Role::Command
        } else if path == &*product.bundle.metadata {
            Role::Metadata
        } else {
            Role::of(path)
        }
    }

    /// Returns how the wheels of the runtime bring its commands onto `PATH`.
    #[must_use]
    pub fn wheel_commands(&self, product: &Product) -> WheelCommands {
        let mut files = self.files.iter();
        let has_data = files.any(|file| self.role(product, &file.path) == Role::Data);
        wheel_commands(product, has_data)
    }

    /// Returns the files that a wheel of commands carries: by their paths in its `.data` directory, and
    /// the licences by their paths in its `.dist-info` directory. Each comes with its path in the
    /// bundle. Licences with the text of one of the product's are left out: the wheel has the
    /// product's.
    pub fn installed(&self, product: &Product) -> Result<Vec<(FileRecord, String)>, Clash> {
        let mut places = BTreeMap::<String, (FileRecord, String)>::new();
        let mut licenses = Licenses::new(product);
        let suffix = executable_suffix(&self.entrypoint);
        for file in &self.files {
            let path = &*file.path;
            let role = self.role(product, path);
            let mut installed = Vec::new();
            if role == Role::Command {
                let names = self.all_commands(product).filter(|(_, own)| *own == path);
                installed.extend(names.map(|(name, _)| format!("{SCRIPTS}/{name}{suffix}")));
            } else if role == Role::License {
                installed.extend(licenses.place(path, file.sha256));
            } else {
                let first = product.identity.commands.first();
                installed.extend(shared(role, path, first.map_or("", |name| name)));
            }
            for place in installed {
                let is_script = role == Role::Command;
                let record = FileRecord {
                    path: place.clone(),
                    mode: Mode::new(if is_script { 0o755 } else { 0o644 }),
                    ..file.clone()
                };
                // Some systems do not tell upper from lower case.
                let key = place.to_lowercase();
                match places.get(&key) {
                    Some((other, _)) if other.sha256 == record.sha256 => {}
                    Some((_, first)) => {
                        return Err(Clash {
                            first: first.clone(),
                            second: path.to_owned(),
                            place,
                        });
                    }
                    None => drop(places.insert(key, (record, path.to_owned()))),
                }
            }
        }
        let mut installed = places.into_values().collect::<Vec<_>>();
        installed.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
        Ok(installed)
    }
}

/// The licences of a runtime beside those of its product.
struct Licenses<'a> {
    product: &'a Product,
    seen: Vec<Digest>,
}

impl<'a> Licenses<'a> {
    fn new(product: &'a Product) -> Self {
        let texts = product.license_files.values();
        Self {
            product,
            seen: texts.map(|text| Digest::of(text.as_bytes())).collect(),
        }
    }

    fn place(&mut self, path: &str, sha256: Digest) -> Option<String> {
        if self.seen.contains(&sha256) {
            return None;
        }
        self.seen.push(sha256);
        // A file of the product's may also have the name of a directory of the runtime's.
        let top = path.split('/').next().unwrap_or(path);
        let mut names = self.product.license_files.keys();
        Some(if names.any(|name| name.eq_ignore_ascii_case(top)) {
            format!("{LICENSES}/{OF_RUNTIME}/{path}")
        } else {
            format!("{LICENSES}/{path}")
        })
    }
}

/// Returns the suffix of executables: `.exe`, or nothing.
fn executable_suffix(entrypoint: &str) -> &str {
    &entrypoint[without_exe(entrypoint).len()..]
}

/// Returns where a file goes that programs of the system read, below the `.data` directory.
fn shared(role: Role, path: &str, command: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    match role {
        Role::ManPage(section) => Some(format!("data/share/man/man{section}/{name}")),
        Role::TranslatedManPage(section) => {
            let language = manual_language(path)?;
            Some(format!("data/share/man/{language}/man{section}/{name}"))
        }
        Role::Completion(shell) => {
            let shell = shell_of(shell, path);
            let command = completed(name, command);
            match shell {
                CompletionShell::Bash => {
                    let directory = "data/share/bash-completion/completions";
                    Some(format!("{directory}/{command}"))
                }
                CompletionShell::Zsh => Some(format!("data/share/zsh/site-functions/_{command}")),
                CompletionShell::Fish => {
                    let directory = "data/share/fish/vendor_completions.d";
                    Some(format!("{directory}/{command}.fish"))
                }
                CompletionShell::Other => None,
            }
        }
        Role::Command | Role::Metadata | Role::License | Role::Document | Role::Data => None,
    }
}

/// Returns the shell of completions whose file has no suffix: it may have the shell's name, or lie in
/// a directory of that name.
fn shell_of(shell: CompletionShell, path: &str) -> CompletionShell {
    let lower = path.to_ascii_lowercase();
    let mut parts = lower.rsplit('/');
    let name = parts.next().unwrap_or_default();
    if shell != CompletionShell::Bash || name.contains('.') {
        return shell;
    }
    let said = |part: &str| match part {
        "zsh" => Some(CompletionShell::Zsh),
        "fish" => Some(CompletionShell::Fish),
        "powershell" | "pwsh" | "elvish" | "nushell" => Some(CompletionShell::Other),
        _ => None,
    };
    said(name).or_else(|| said(parts.next()?)).unwrap_or(shell)
}

/// Returns the command that a file of completions is for: its name without what tells the shell. A
/// file that is named after its shell alone is for the first command.
fn completed<'a>(name: &'a str, first: &'a str) -> &'a str {
    const SUFFIXES: [&str; 5] = [".bash-completion", ".bash", ".sh", ".zsh", ".fish"];
    const KINDS: [&str; 4] = ["-completions", "-completion", "_completion", ".completion"];
    const GENERIC: [&str; 6] = ["", "bash", "zsh", "fish", "completion", "completions"];
    let cut = |name: &'a str, ends: &[&str]| {
        let mut ends = ends.iter().filter_map(|end| {
            let start = name.len().checked_sub(end.len())?;
            let (start, found) = (name.get(..start)?, name.get(start..)?);
            found.eq_ignore_ascii_case(end).then_some(start)
        });
        ends.next().unwrap_or(name)
    };
    let stem = cut(cut(name, &SUFFIXES), &KINDS);
    let stem = stem.strip_prefix('_').unwrap_or(stem);
    let is_generic = GENERIC.iter().any(|word| word.eq_ignore_ascii_case(stem));
    if is_generic { first } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::ProductSource;

    const BASH: &str = "data/share/bash-completion/completions";
    const ZSH: &str = "data/share/zsh/site-functions";
    const FISH: &str = "data/share/fish/vendor_completions.d";

    fn product() -> Product {
        let mut product = Product::load(&ProductSource::BuiltIn).unwrap();
        product.identity.commands = vec!["rg".parse().unwrap(), "rgx".parse().unwrap()];
        product.license_files = [("LICENSE".to_owned(), "own".to_owned())].into();
        product.wheel.commands = None;
        product
    }

    fn record(files: &[(&str, &str)]) -> BundleRecord {
        let files = files.iter().map(|(path, content)| FileRecord {
            path: (*path).to_owned(),
            mode: Mode::new(0o644),
            size: 1,
            sha256: Digest::of(content.as_bytes()),
        });
        let files = files.collect::<Vec<_>>();
        BundleRecord {
            sha256: BundleRecord::digest(&files),
            entrypoint: "pkg/ripgrep.exe".to_owned(),
            commands: [("rgx".to_owned(), "pkg/rgx.exe".to_owned())].into(),
            path_dir: None,
            files,
        }
    }

    fn installed(files: &[(&str, &str)]) -> Result<Vec<(String, String)>, String> {
        let installed = record(files).installed(&product());
        let installed = installed.map_err(|clash| clash.to_string())?;
        let both = installed.into_iter();
        Ok(both.map(|(file, from)| (file.path, from)).collect())
    }

    #[test]
    fn every_file_goes_where_its_readers_look() {
        for (path, expected) in [
            ("pkg/ripgrep.exe", Some("scripts/rg.exe".to_owned())),
            ("pkg/rgx.exe", Some("scripts/rgx.exe".to_owned())),
            ("doc/rg.1", Some("data/share/man/man1/rg.1".to_owned())),
            (
                "man/rg.conf.5.gz",
                Some("data/share/man/man5/rg.conf.5.gz".to_owned()),
            ),
            ("complete/rg.bash", Some(format!("{BASH}/rg"))),
            ("completions/rg", Some(format!("{BASH}/rg"))),
            ("completions/bash/rg", Some(format!("{BASH}/rg"))),
            ("completions/rg.bash-completion", Some(format!("{BASH}/rg"))),
            ("completions/completion.bash", Some(format!("{BASH}/rg"))),
            ("completions/rgx-completion.sh", Some(format!("{BASH}/rgx"))),
            ("completions/my.tool.bash", Some(format!("{BASH}/my.tool"))),
            ("completions/bash", Some(format!("{BASH}/rg"))),
            ("complete/_rg", Some(format!("{ZSH}/_rg"))),
            ("complete/rgx.zsh", Some(format!("{ZSH}/_rgx"))),
            ("complete/_rgx.zsh", Some(format!("{ZSH}/_rgx"))),
            ("completions/zsh", Some(format!("{ZSH}/_rg"))),
            ("completions/zsh/rgx", Some(format!("{ZSH}/_rgx"))),
            ("complete/rg.fish", Some(format!("{FISH}/rg.fish"))),
            ("completions/fish", Some(format!("{FISH}/rg.fish"))),
            ("LICENSE-MIT", Some("licenses/LICENSE-MIT".to_owned())),
            (
                "licenses/zlib.txt",
                Some("licenses/licenses/zlib.txt".to_owned()),
            ),
            // What nothing would read there, and the product's own.
            ("complete/_rg.ps1", None),
            ("completions/powershell", None),
            ("README.md", None),
            ("CHANGELOG.md", None),
            ("codex-package.json", None),
            // A name that a file of the product's has.
            ("license", Some("licenses/runtime/license".to_owned())),
            ("doc/LICENSE", Some("licenses/doc/LICENSE".to_owned())),
        ] {
            let found = installed(&[(path, "x")]).unwrap();
            let found = found.into_iter().map(|(place, _)| place);
            assert_eq!(
                found.collect::<Vec<_>>(),
                Vec::from_iter(expected),
                "{path}"
            );
        }
    }

    #[test]
    fn a_licence_is_there_once() {
        let files = [
            ("LICENSE", "other"),
            ("LICENSE-A", "own"),
            ("LICENSE-B", "same"),
            ("LICENSE-C", "same"),
        ];
        let place = |place: &str, from: &str| (format!("licenses/{place}"), from.to_owned());
        let kept = vec![
            place("LICENSE-B", "LICENSE-B"),
            place("runtime/LICENSE", "LICENSE"),
        ];
        assert_eq!(installed(&files), Ok(kept));
    }

    #[test]
    fn a_licence_of_the_products_is_no_directory_of_the_runtimes() {
        let mut product = product();
        product.license_files = [("LICENSES".to_owned(), "own".to_owned())].into();
        let installed = record(&[("licenses/zlib.txt", "x")]).installed(&product);
        let places = installed.unwrap().into_iter().map(|(file, _)| file.path);
        assert_eq!(
            places.collect::<Vec<_>>(),
            ["licenses/runtime/licenses/zlib.txt"]
        );
    }

    #[test]
    fn two_files_for_one_place_are_refused_if_they_differ() {
        let one = [("completions/rg.bash", "a"), ("completions/rg.sh", "a")];
        assert_eq!(installed(&one).map(|files| files.len()), Ok(1));
        let two = [("doc/RG.1", "a"), ("doc/rg.1", "b")];
        let error = "\"doc/RG.1\" and \"doc/rg.1\" would both be installed as \
                     \"data/share/man/man1/rg.1\"";
        assert_eq!(installed(&two), Err(error.to_owned()));
    }

    #[test]
    fn data_makes_it_a_tree() {
        let of = |path: &str| record(&[("pkg/ripgrep.exe", "a"), (path, "b")]);
        let product = product();
        let scripts = of("README.md").wheel_commands(&product);
        let tree = of("pkg/z.dll").wheel_commands(&product);
        assert_eq!(
            [scripts, tree],
            [WheelCommands::Scripts, WheelCommands::EntryPoints]
        );
    }
}
