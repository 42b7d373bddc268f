//! Where the executable of a command is.

use super::fault::CommandFault;
use super::role::Role;
use strict_archive::PortablePath;

/// Directories in which the executable of a command is looked for first, in this order.
const DIRECTORIES: [&str; 2] = ["", "bin"];

/// Finds the executable of a command: the file of its name in the root or in `bin/`, or else the only
/// one anywhere. `None` if there is no file of its name.
pub(super) fn find<'a>(
    files: impl Iterator<Item = &'a PortablePath>,
    command: &str,
) -> Result<Option<&'a PortablePath>, CommandFault> {
    let is_named = |path: &&PortablePath| without_exe(path.file_name()) == command;
    let mut named = files.filter(is_named).collect::<Vec<_>>();
    named.sort();
    for directory in DIRECTORIES {
        let here = named
            .iter()
            .filter(|path| path.parent().unwrap_or("") == directory);
        if let [path] = here.collect::<Vec<_>>()[..] {
            return Ok(Some(path));
        }
    }
    // Completions have the names of commands too.
    named.retain(|path| Role::of(path.as_str()) == Role::Data);
    match named[..] {
        [] => Ok(None),
        [path] => Ok(Some(path)),
        [first, second, ..] => Err(CommandFault::Twice {
            command: command.to_owned(),
            first: first.display().to_string(),
            second: second.display().to_string(),
        }),
    }
}

/// Returns a path without the suffix of an executable of Windows.
#[must_use]
pub fn without_exe(path: &str) -> &str {
    let stem = path.len().checked_sub(".exe".len());
    match stem {
        Some(at) if path.is_char_boundary(at) && path[at..].eq_ignore_ascii_case(".exe") => {
            &path[..at]
        }
        _ => path,
    }
}
