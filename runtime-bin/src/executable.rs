//! The executables of a runtime's commands.
//!
//! Where they lie in the package directory is data of this build, see `commands.rs`. A runtime of the
//! user's own has them at the same place, if it is a package directory. If it is an executable, as a
//! distribution installs it, the executables of the other commands lie beside it.

use std::path::{Path, PathBuf};

use crate::carried::{self, Carried};
use crate::commands::{MORE, NAMES};
use crate::error::{BadOverride, Error};
use crate::fs;
use crate::sys;

/// A runtime in which an executable is looked for.
pub(crate) struct Tree<'a> {
    pub(crate) entrypoint: &'a Path,
    pub(crate) package_dir: Option<&'a Path>,
    /// What named it, if it is the user's own.
    pub(crate) setting: Option<&'a str>,
    /// What it was extracted from, if it is not.
    pub(crate) carried: Option<&'a Carried>,
}

/// The commands of a runtime.
pub(crate) struct Commands {
    /// The commands on any target. The first one runs the entrypoint.
    all: &'static [&'static str],
    /// The others that this target has, with the paths of their executables in the package directory.
    more: &'static [(&'static str, &'static str)],
}

/// The commands of the runtime that this build is for.
pub(crate) static OF_THIS_BUILD: Commands = Commands {
    all: NAMES,
    more: MORE,
};

impl Commands {
    /// Lists the names of the commands on this target.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        let first = self.all.iter().take(1).copied();
        first.chain(self.more.iter().map(|(name, _)| *name))
    }

    /// Finds the executable of a command.
    pub(crate) fn find(&self, runtime: &Tree<'_>, command: &str) -> Result<PathBuf, Error> {
        if self.all.first() == Some(&command) {
            return Ok(runtime.entrypoint.to_owned());
        }
        let inside = self.more.iter().find(|(name, _)| *name == command);
        let inside = inside.map(|(_, path)| *path);
        let unknown = |target| Error::NoCommand {
            command: command.to_owned(),
            target,
            known: self.names().collect(),
        };
        match (runtime.setting, runtime.carried) {
            (Some(setting), _) if self.all.contains(&command) => {
                beside(runtime, setting, command, inside)
            }
            (_, Some(carried)) => {
                let bundle = &carried.bundle;
                let path = inside.ok_or_else(|| unknown(bundle.target.to_owned()))?;
                let files = &bundle.files;
                let at = files.binary_search_by(|file| file.path.cmp(path));
                let package = at.ok().filter(|at| files[*at].mode == 0o755);
                match (package, runtime.package_dir) {
                    (Some(_), Some(package)) => Ok(fs::join(package, path)),
                    _ => Err(Error::Payload(format!(
                        "the executable {path:?} of its command {command:?} is not one of its executables"
                    ))),
                }
            }
            _ => Err(unknown(carried::target())),
        }
    }
}

/// Finds the executable of a command of a runtime of the user's own.
fn beside(
    runtime: &Tree<'_>,
    setting: &str,
    command: &str,
    inside: Option<&str>,
) -> Result<PathBuf, Error> {
    let program = format!("{command}{}", std::env::consts::EXE_SUFFIX);
    let name = inside.and_then(|path| path.rsplit('/').next());
    let name = name.unwrap_or(&program);
    // As it was given, and where it really lies.
    let entrypoint = runtime.entrypoint;
    let real = std::fs::canonicalize(entrypoint).ok();
    let package = runtime.package_dir.zip(inside);
    let mut candidates = Vec::new();
    candidates.extend(package.map(|(package, path)| fs::join(package, path)));
    candidates.push(entrypoint.with_file_name(name));
    candidates.extend(real.map(|real| real.with_file_name(name)));
    let found = |path: &&PathBuf| std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    let wrong = |reason| Error::Override {
        setting: setting.to_owned(),
        path: runtime.package_dir.unwrap_or(entrypoint).to_owned(),
        reason,
    };
    match candidates.iter().find(found) {
        Some(path) if is_executable(path) => Ok(path.clone()),
        Some(path) => Err(wrong(BadOverride::NotExecutable(path.clone()))),
        None => Err(wrong(BadOverride::NoCommand {
            command: command.to_owned(),
            executable: candidates.swap_remove(0),
        })),
    }
}

fn is_executable(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| sys::is_executable(&metadata))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locate::Locator;
    use crate::runtime::Runtime;
    use crate::testing::{Dir, Scene};

    /// Those of the test runtime: one more, whose executable has another name.
    static COMMANDS: Commands = Commands {
        all: &["tool", "more", "elsewhere"],
        more: &[("more", "bin/large")],
    };

    fn own(scene: &mut Scene, path: &Path) -> Runtime {
        scene.locator = Locator::new().runtime(path);
        scene.locate().unwrap()
    }

    #[test]
    fn each_command_has_its_executable() {
        let scene = Scene::new();
        let runtime = scene.locate().unwrap();
        let find = |command| COMMANDS.find(&runtime.tree(), command);
        assert_eq!(find("tool").unwrap(), runtime.entrypoint());
        let package = runtime.package_dir().unwrap();
        assert_eq!(find("more").unwrap(), package.join("bin/large"));
        assert!(COMMANDS.names().eq(["tool", "more"]));
    }

    #[test]
    fn a_command_that_is_not_there_is_named_with_those_that_are() {
        let scene = Scene::new();
        let runtime = scene.locate().unwrap();
        for command in ["elsewhere", "other", "", "MORE", "bin/large"] {
            let error = COMMANDS.find(&runtime.tree(), command).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("the runtime for test-target has no command {command:?}, only tool, more")
            );
        }
        // The table and the payload come from one `stage`: if they differ, the build is damaged.
        for path in ["bin/none", "tool-package.json"] {
            let commands = Commands {
                all: COMMANDS.all,
                more: Box::leak(Box::new([("more", path)])),
            };
            let error = commands.find(&runtime.tree(), "more").unwrap_err();
            assert!(matches!(error, Error::Payload(_)), "{error}");
        }
    }

    #[test]
    fn a_package_directory_of_the_users_has_it_at_the_same_place() {
        let (dir, mut scene) = (Dir::new(), Scene::new());
        let metadata = br#"{"version":"9","entrypoint":"bin/command"}"#;
        dir.write(crate::payload::PRODUCT.metadata_file, 0o644, metadata);
        dir.write("bin/command", 0o755, b"");
        let runtime = own(&mut scene, &dir);
        let error = COMMANDS.find(&runtime.tree(), "more").unwrap_err();
        let text = error.to_string();
        assert!(text.contains("it has no command \"more\": "), "{text}");
        assert!(text.ends_with("is missing"), "{text}");
        assert!(error.help().starts_with("point Locator::runtime at"));
        let large = dir.write("bin/large", 0o755, b"");
        assert_eq!(COMMANDS.find(&runtime.tree(), "more").unwrap(), large);
        assert!(matches!(
            COMMANDS.find(&runtime.tree(), "other"),
            Err(Error::NoCommand { .. })
        ));
        #[cfg(unix)]
        {
            crate::testing::chmod(&large, 0o644);
            let error = COMMANDS.find(&runtime.tree(), "more").unwrap_err();
            assert!(error.help().starts_with("chmod +x "), "{error}");
        }
    }

    #[test]
    fn an_executable_of_the_users_has_it_beside_itself() {
        let (dir, mut scene) = (Dir::new(), Scene::new());
        let executable = dir.write("real/own", 0o755, b"");
        let large = dir.write("real/large", 0o755, b"");
        // Where the target has no table, the executable has the name of the command.
        let named = format!("real/elsewhere{}", std::env::consts::EXE_SUFFIX);
        let elsewhere = dir.write(&named, 0o755, b"");
        let runtime = own(&mut scene, &executable);
        assert_eq!(COMMANDS.find(&runtime.tree(), "tool").unwrap(), executable);
        assert_eq!(COMMANDS.find(&runtime.tree(), "more").unwrap(), large);
        assert_eq!(
            COMMANDS.find(&runtime.tree(), "elsewhere").unwrap(),
            elsewhere
        );
        #[cfg(unix)]
        {
            let link = dir.join("link");
            std::os::unix::fs::symlink("real/own", &link).unwrap();
            let found = COMMANDS
                .find(&own(&mut scene, &link).tree(), "more")
                .unwrap();
            assert_eq!(found, std::fs::canonicalize(large).unwrap());
        }
    }
}
