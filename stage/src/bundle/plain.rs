//! Runtimes as most projects publish them, without a file that describes them: executables beside
//! their licence, README, manual pages and completions, or a tree with data.
//!
//! The product says which commands there are, and the bytes of the first one for which target they are.
//! Where there is nothing but commands and what is read about them, the executables move to `bin/`. Files
//! of a tree stay where they are: they may look for each other.

use std::path::Path;

use fs_err as fs;

use super::command;
use super::error::Error;
use super::executable::{layout_path, with_metadata};
use super::fault::CommandFault;
use super::junk;
use super::legacy;
use super::metadata::Metadata;
use super::place::{self, Wrapping};
use super::program;
use super::request::OpenRequest;
use super::role::Role;
use super::scripts;
use super::tree::{Tree, TreeFile};
use crate::base::files;
use crate::product::{CommandName, Platform};
use native_claims::facts::{Identity, Origin};
use strict_archive::PortablePath;

/// Directories that a tree has in its root. One of them alone is not a directory around the tree.
const TOP_DIRECTORIES: [&str; 8] = [
    "bin", "lib", "lib64", "libexec", "share", "etc", "doc", "man",
];

/// Turns files without metadata into a bundle in `dir`. Returns its files, and a line for each reason why
/// others are not among them.
pub(super) fn open(
    mut tree: Tree,
    wrapping: Wrapping,
    runtime: &Path,
    request: &OpenRequest<'_>,
    dir: &Path,
) -> Result<(Tree, Vec<String>), Error> {
    if wrapping == Wrapping::Wheel {
        legacy::check_any_version(&tree, wrapping, runtime, request)?;
        return match scripts::unwrap(&tree, runtime, request)? {
            Some(tree) => open(tree, Wrapping::Archive, runtime, request, dir),
            None => Err(Error::Command {
                runtime: runtime.to_owned(),
                fault: CommandFault::Wheel,
            }),
        };
    }
    let mut left_out = Vec::from_iter(junk::remove(&mut tree)?);
    let root = root(&tree, wrapping);
    tree.resolve_links(runtime, &root, request.limits())?;
    let mut cut = place::cut_plain(tree, wrapping, &root);
    let opener = Opener {
        runtime,
        around: &root,
        request,
    };
    let commands = opener.commands(&cut)?;
    let (platform, first) = (commands.platform, &commands.paths[0]);
    let aliases = aliases(&cut, &commands.paths);
    let only_commands = cut.files.iter().all(|file| {
        commands.paths.contains(&file.path)
            || aliases.contains(&file.path)
            || Role::of(file.path.as_str()) != Role::Data
    });
    if only_commands && !aliases.is_empty() {
        cut.files.retain(|file| !aliases.contains(&file.path));
        for file in &mut cut.files {
            file.copy_of = file.copy_of.take().filter(|path| !aliases.contains(path));
        }
        left_out.extend(
            aliases
                .iter()
                .map(|path| format!("`{}` is a command under another name", path.display())),
        );
    }
    let suffix = &*platform.executable.suffix;
    let names = request.product.identity.commands.iter();
    let names = names.map(|name| format!("bin/{name}{suffix}"));
    let names = names.collect::<Vec<_>>();
    let target_of = |path: &PortablePath| {
        let at = commands.paths.iter().position(|command| command == path);
        match at.filter(|_| only_commands) {
            Some(at) => layout_path(runtime, &names[at]),
            None => Ok(path.clone()),
        }
    };
    let entrypoint = target_of(first)?;
    let mut moved = Vec::with_capacity(cut.files.len());
    for file in cut.files {
        let path = target_of(&file.path)?;
        let to = path.in_dir(dir);
        let from = file.path.in_dir(&cut.dir);
        if wrapping == Wrapping::Directory {
            // It is the user's own, and stays where it is. Not every file system has hard links.
            files::create_parents(&to).map_err(Error::Scratch)?;
            fs::hard_link(&from, &to)
                .or_else(|_| fs::copy(&from, &to).map(drop))
                .map_err(Error::Scratch)?;
        } else {
            files::place(&from, &to).map_err(Error::Scratch)?;
        }
        let is_command = commands.paths.contains(&file.path);
        let copy_of = file.copy_of.as_ref().map(target_of).transpose()?;
        moved.push(TreeFile {
            path,
            // Archives that were made on Windows have other modes, or none.
            executable: if is_command {
                Some(true)
            } else {
                file.executable
            },
            copy_of,
            ..file
        });
    }
    let metadata = Metadata::of(
        &request.product.bundle,
        request.version,
        platform,
        entrypoint.as_str(),
    );
    let tree = with_metadata(runtime, dir, &metadata, moved, request)?;
    Ok((tree, left_out))
}

/// The files that commands are links to: `tool`, a link to `tool-x86_64-linux`, is one program.
fn aliases(tree: &Tree, commands: &[PortablePath]) -> Vec<PortablePath> {
    let files = tree.files.iter();
    let links = files.filter(|file| commands.contains(&file.path));
    let aliases = links.filter_map(|file| file.copy_of.clone());
    let mut aliases = aliases
        .filter(|path| !commands.contains(path))
        .collect::<Vec<_>>();
    aliases.sort();
    aliases.dedup();
    aliases
}

/// The one directory around everything, if there is one.
pub(super) fn root(tree: &Tree, wrapping: Wrapping) -> String {
    let files = tree.files.iter().map(|file| &file.path);
    let links = tree.links.iter().map(|link| &link.path);
    let mut tops = files.chain(links).map(|path| path.as_str().split_once('/'));
    let Some(Some((first, _))) = tops.next() else {
        return String::new();
    };
    let alone = tops.all(|top| top.is_some_and(|(top, _)| top == first));
    let around = alone
        && wrapping != Wrapping::Directory
        && !TOP_DIRECTORIES.contains(&&*first.to_ascii_lowercase());
    if around {
        first.to_owned()
    } else {
        String::new()
    }
}

/// The commands of a product, found in a runtime.
struct Commands<'a> {
    platform: &'a Platform,
    /// The executables, in the order of the product's commands.
    paths: Vec<PortablePath>,
}

struct Opener<'a> {
    runtime: &'a Path,
    /// The directory around everything.
    around: &'a str,
    request: &'a OpenRequest<'a>,
}

impl<'a> Opener<'a> {
    fn fault(&self, fault: CommandFault) -> Error {
        Error::Command {
            runtime: self.runtime.to_owned(),
            fault,
        }
    }

    /// Finds the executable of each command. All must be for one target.
    fn commands(&self, tree: &Tree) -> Result<Commands<'a>, Error> {
        let product = self.request.product;
        let names = &product.identity.commands;
        let mut paths: Vec<PortablePath> = Vec::new();
        let mut platform: Option<&Platform> = None;
        for (at, name) in names.iter().enumerate() {
            let path = match (&product.bundle.entrypoint, at) {
                (Some(entrypoint), 0) => self.entrypoint(tree, entrypoint)?,
                _ => self.command(tree, name, names.len() == 1)?,
            };
            let origin = self.origin(tree, &path)?;
            match platform {
                None => {
                    let found =
                        program::platform(self.runtime, self.around, &origin, self.request)?;
                    platform = Some(found);
                }
                Some(platform) if program::is_of(&origin, platform, self.request) => {}
                Some(platform) => {
                    return Err(Error::ForeignEntrypoint {
                        runtime: self.runtime.to_owned(),
                        entrypoint: path.display().to_string(),
                        found: program::describe(&origin, self.request),
                        target: platform.target.to_string(),
                    });
                }
            }
            paths.push(path);
        }
        // A product has at least one command.
        let platform = platform.ok_or_else(|| self.fault(CommandFault::None))?;
        Ok(Commands { platform, paths })
    }

    /// The file that stage.toml names.
    fn entrypoint(&self, tree: &Tree, entrypoint: &str) -> Result<PortablePath, Error> {
        let mut files = tree.files.iter().map(|file| &file.path);
        let found = files.find(|path| command::without_exe(path.as_str()) == entrypoint);
        found.cloned().ok_or_else(|| Error::NoEntrypoint {
            runtime: self.runtime.to_owned(),
            entrypoint: entrypoint.to_owned(),
        })
    }

    /// The executable of a command. Of a product with one command, it may be the only executable,
    /// whatever its name: that of an archive of one file often has the target in it.
    fn command(&self, tree: &Tree, name: &CommandName, alone: bool) -> Result<PortablePath, Error> {
        let files = tree.files.iter().map(|file| &file.path);
        let found = command::find(files, name).map_err(|fault| self.fault(fault))?;
        if let Some(path) = found {
            return Ok(path.clone());
        }
        let programs = self.programs(tree)?;
        match &programs[..] {
            [path] if alone => Ok(path.clone()),
            programs => Err(self.fault(CommandFault::Missing {
                command: name.to_string(),
                programs: programs
                    .iter()
                    .map(|path| path.display().to_string())
                    .collect(),
            })),
        }
    }

    /// The files that are programs.
    fn programs(&self, tree: &Tree) -> Result<Vec<PortablePath>, Error> {
        let mut programs = Vec::new();
        for file in &tree.files {
            let name = file.path.display().to_string();
            let path = file.path.in_dir(&tree.dir);
            if let Identity::Program(_) = program::identify(&path, self.runtime, Some(&name))? {
                programs.push(file.path.clone());
            }
        }
        programs.sort();
        Ok(programs)
    }

    /// What the executable of a command is for.
    fn origin(&self, tree: &Tree, path: &PortablePath) -> Result<Origin, Error> {
        let name = path.display().to_string();
        let what = match program::identify(&path.in_dir(&tree.dir), self.runtime, Some(&name))? {
            Identity::Program(origin) => return Ok(origin),
            Identity::Unfit(what) => what,
            Identity::Other => "no executable".to_owned(),
        };
        Err(self.fault(CommandFault::Unfit { path: name, what }))
    }
}
