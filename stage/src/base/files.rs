//! Helpers for files and directories on disk.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use super::patience;

/// Held while a directory is created.
static CREATING: RwLock<()> = RwLock::new(());

/// Creates a directory and those above it, unless [`stop_creating`] was called.
pub fn create_dirs(directory: &Path) -> io::Result<()> {
    let _creating = CREATING.read().unwrap_or_else(PoisonError::into_inner);
    fs_err::create_dir_all(directory)
}

/// Creates the directories above a file, unless [`stop_creating`] was called.
pub fn create_parents(file: &Path) -> io::Result<()> {
    file.parent().map_or(Ok(()), create_dirs)
}

/// Moves a file that was just made to a path, and creates the directories above that.
pub fn place(from: &Path, to: &Path) -> io::Result<()> {
    create_parents(to)?;
    patience::rename(from, to)
}

/// Lets no thread create directories any more: whoever tries waits until the process ends. So a
/// directory that is removed after this stays away.
pub fn stop_creating() {
    std::mem::forget(CREATING.write().unwrap_or_else(PoisonError::into_inner));
}

/// Returns what the user can do about a failed operation on a file.
#[must_use]
pub fn io_help(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "make room on that disk, or use a staging directory on another one; staging needs \
             about twice the size of the artifacts, plus that of the runtime if it is an archive"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "use a directory that you may write to, and files that you may read"
        }
        io::ErrorKind::NotFound => "check the path",
        _ => "check that path and its disk, and run the command again",
    }
    .to_owned()
}

/// Returns the path of something below a directory. The parts of `path` are separated by `/`, those of
/// the result as the system does it: what a user reads has one kind of separator.
#[must_use]
pub fn below(directory: &Path, path: &str) -> PathBuf {
    let mut whole = directory.to_owned();
    whole.extend(path.split('/'));
    whole
}

/// Returns the names in a directory, sorted; none if there is no such directory. Skips names that
/// are not UTF-8, which no artifact has.
pub fn names_in(directory: &Path) -> io::Result<Vec<String>> {
    let entries = match fs_err::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let names = entries.map(|entry| Ok(entry?.file_name().into_string().ok()));
    let mut names = names
        .filter_map(Result::transpose)
        .collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_kind_of_separator() {
        let root = Path::new("a").join("b");
        let whole = below(&root, "wheels/x.whl");
        assert_eq!(whole, root.join("wheels").join("x.whl"));
        let separators = whole
            .to_str()
            .unwrap()
            .chars()
            .filter(|c| "/\\".contains(*c));
        assert!(separators.clone().count() == 3);
        assert!(separators.eq(std::iter::repeat_n(std::path::MAIN_SEPARATOR, 3)));
        assert_eq!(below(&root, "release.json"), root.join("release.json"));
    }
}
