//! Which needed libraries a package carries where a loader looks for them.
//!
//! A process has one library of a name: once any file has made it load one, the others get that.
//! So a library is carried for all files of a CPU when it is where one of them makes the loader
//! look. Where a program adds directories by its environment cannot be seen, and counts for
//! nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::file::NativeFile;
use crate::facts::{Cpu, Elf, Facts, Libc, MachO, MachOKind};

/// The libraries that a package carries.
#[derive(Debug, Default)]
pub(super) struct Carried<'a> {
    /// Names of ELF files that some file finds.
    elf: BTreeSet<(Cpu, &'a str)>,
    /// Paths of Mach-O files.
    mach_o: BTreeSet<&'a str>,
    /// Directories of Mach-O programs.
    programs: BTreeSet<&'a str>,
    /// What `@rpath` stands for in all files below a program.
    rpaths: BTreeSet<String>,
    /// Paths of PE files, in lower case, with their CPU.
    pe: BTreeSet<(Cpu, String)>,
    /// Names of Mach-O and, in lower case, PE files: a library of another name need not be looked
    /// for, however many places there are.
    names: BTreeSet<String>,
    /// Directories of PE programs, in lower case.
    pe_programs: BTreeSet<String>,
    /// Directories of PE libraries that the Python code of a wheel opens to the loader before it
    /// imports a module (`os.add_dll_directory`, or loading each of them): `NAME.libs`, as
    /// delvewheel and hand-written wheels call them. In lower case.
    pe_libs: BTreeSet<String>,
}

impl<'a> Carried<'a> {
    pub(super) fn new(files: &[NativeFile<'a>]) -> Self {
        let mut carried = Self::default();
        for &NativeFile { path, facts } in files {
            let (directory, name) = split(path);
            match facts {
                Facts::MachO(mach_o) => {
                    carried.mach_o.insert(path);
                    carried.names.insert(name.to_owned());
                    let mut slices = mach_o.slices.iter();
                    if slices.any(|slice| slice.kind == MachOKind::Executable) {
                        carried.programs.insert(directory);
                        let rpaths = mach_o_paths(mach_o);
                        let inside =
                            rpaths.filter_map(|rpath| inside(directory, rpath, &LOADER_PATH));
                        carried.rpaths.extend(inside);
                    }
                }
                Facts::Pe(pe) => {
                    carried.pe.insert((pe.cpu, path.to_lowercase()));
                    carried.names.insert(name.to_lowercase());
                    let directory = directory.to_lowercase();
                    if !pe.dll {
                        carried.pe_programs.insert(directory);
                    } else if is_libs(&directory) {
                        carried.pe_libs.insert(directory);
                    }
                }
                Facts::Elf(_) | Facts::Xcoff(_) | Facts::Script(_) => {}
            }
        }
        carried.elf = found_elf(files);
        carried
    }

    /// Whether a library that a file needs is there, by the name that the file has for it.
    pub(super) fn has(&self, file: NativeFile<'_>, library: &str) -> bool {
        let directory = split(file.path).0;
        match file.facts {
            Facts::Elf(elf) => self.elf.contains(&(elf.cpu, library)),
            Facts::MachO(mach_o) => self.has_mach_o(directory, mach_o, library),
            Facts::Pe(pe) => {
                let name = library.to_lowercase();
                if !self.names.contains(&name) {
                    return false;
                }
                let in_directory =
                    |directory: &str| self.pe.contains(&(pe.cpu, join(directory, &name)));
                in_directory(&directory.to_lowercase())
                    || self.pe_programs.iter().any(|program| in_directory(program))
                    || (pe.dll && self.pe_libs.iter().any(|libs| in_directory(libs)))
            }
            Facts::Xcoff(_) | Facts::Script(_) => false,
        }
    }

    /// Whether a PE library is loaded into the process of Python: it is a module, or a library of
    /// one, or there is no program in the package that could load it.
    pub(super) fn is_loaded_by_python(&self, file: NativeFile<'_>) -> bool {
        let (directory, name) = split(file.path);
        let extension = name.rsplit_once('.').map(|(_, end)| end);
        let is_module = extension.is_some_and(|end| end.eq_ignore_ascii_case("pyd"));
        let is_library = matches!(file.facts, Facts::Pe(pe) if pe.dll);
        is_library && (is_module || is_libs(directory) || self.pe_programs.is_empty())
    }

    fn has_mach_o(&self, directory: &str, mach_o: &MachO, library: &str) -> bool {
        if !self.names.contains(split(library).1) {
            return false;
        }
        let is_there = |path: Option<String>| path.is_some_and(|path| self.mach_o.contains(&*path));
        if let Some(rest) = library.strip_prefix("@rpath/") {
            let own =
                mach_o_paths(mach_o).filter_map(|rpath| inside(directory, rpath, &LOADER_PATH));
            let mut all = own.chain(self.rpaths.iter().cloned());
            return all.any(|rpath| is_there(resolve(&rpath, rest)));
        }
        if let Some(rest) = library.strip_prefix("@executable_path/") {
            let mut programs = self.programs.iter();
            return programs.any(|program| is_there(resolve(program, rest)));
        }
        library
            .strip_prefix("@loader_path/")
            .is_some_and(|rest| is_there(resolve(directory, rest)))
    }
}

/// The libraries among ELF files that some file finds.
///
/// What a file looks for is looked for in its own directories, and in those of whatever loaded it:
/// in the `DT_RPATH` of all these with glibc, unless the file has a `DT_RUNPATH`, which is for its
/// own libraries alone (ld.so(8)); with musl in both of all.
fn found_elf<'a>(files: &[NativeFile<'a>]) -> BTreeSet<(Cpu, &'a str)> {
    let mut libraries: BTreeMap<(Cpu, &str), BTreeMap<&str, usize>> = BTreeMap::new();
    let mut elves = Vec::new();
    let mut directories = BTreeSet::new();
    for &NativeFile { path, facts } in files {
        if let Facts::Elf(elf) = facts {
            let (directory, name) = split(path);
            let of_name = libraries.entry((elf.cpu, name)).or_default();
            of_name.insert(directory, elves.len());
            directories.insert(directory);
            elves.push((directory, elf));
        }
    }
    let mut found = BTreeSet::new();
    let mut inherited: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); elves.len()];
    let mut to_do: Vec<usize> = (0..elves.len()).collect();
    while let Some(index) = to_do.pop() {
        let (Some(&(directory, elf)), Some(from_above)) = (elves.get(index), inherited.get(index))
        else {
            continue;
        };
        let own: BTreeSet<&str> = elf_paths(elf)
            .filter_map(|search| {
                directories
                    .get(&*inside(directory, search, &ORIGIN)?)
                    .copied()
            })
            .collect();
        let all = &own | from_above;
        let is_own_alone = elf.has_runpath && elf.libc != Some(Libc::Musl);
        let (looked, handed_on) = if is_own_alone {
            (own, from_above.clone())
        } else {
            (all.clone(), all)
        };
        for name in &elf.needed {
            let Some((key, of_name)) = libraries.get_key_value(&(elf.cpu, name.as_str())) else {
                continue;
            };
            for &library in looked.iter().filter_map(|directory| of_name.get(directory)) {
                found.insert(*key);
                let Some(known) = inherited.get_mut(library) else {
                    continue;
                };
                let room = MOST_INHERITED.saturating_sub(known.len());
                let new: Vec<&str> = handed_on.difference(known).copied().take(room).collect();
                if !new.is_empty() {
                    known.extend(new);
                    to_do.push(library);
                }
            }
        }
    }
    found
}

/// Whether a directory is one of libraries beside a package: `NAME.libs`, or `.libs` in it.
fn is_libs(directory: &str) -> bool {
    let name = split(directory).1;
    name.strip_suffix("libs")
        .is_some_and(|name| name.ends_with('.'))
}

/// Directories that a file gets from those that load it: enough for any package, and few enough for
/// one that was made to keep us busy.
const MOST_INHERITED: usize = 64;

/// Where an ELF file tells the loader to look.
///
/// musl leaves out empty directories, and looks nowhere if one of them has a variable that it does
/// not know.
pub(super) fn elf_paths(elf: &Elf) -> impl Iterator<Item = &str> {
    let paths = if elf.has_runpath {
        &elf.runpath
    } else {
        &elf.rpath
    };
    let is_musl = elf.libc == Some(Libc::Musl);
    let is_known = |path: &String| {
        let mut variables = path.split('$').skip(1);
        variables.all(|name| name.starts_with("ORIGIN") || name.starts_with("{ORIGIN}"))
    };
    let all = if is_musl && !paths.iter().all(is_known) {
        &[][..]
    } else {
        paths
    };
    let all = all.iter().map(String::as_str);
    all.filter(move |path| !(is_musl && path.is_empty()))
}

/// Whether glibc and musl take a search path of an ELF file for one below the directory that the
/// program is started in. That is what they do with a name of a variable that they do not know, too.
fn is_relative(path: &str) -> bool {
    !path.starts_with('/') && !ORIGIN.iter().any(|origin| after(path, origin).is_some())
}

/// The search paths of an ELF file that begin in the directory that the program is started in.
pub(super) fn relative_paths(elf: &Elf) -> impl Iterator<Item = &str> {
    elf_paths(elf).filter(|path| is_relative(path))
}

/// Where a Mach-O file tells the loader to look, for any CPU.
pub(super) fn mach_o_paths(mach_o: &MachO) -> impl Iterator<Item = &str> {
    let slices = mach_o.slices.iter();
    slices.flat_map(|slice| slice.rpaths.iter().map(String::as_str))
}

/// Whether a search path of an ELF file, not a relative one, is outside of the package.
pub(super) fn elf_leaves(path: &str, search: &str) -> bool {
    !is_relative(search) && leaves(path, search, &ORIGIN)
}

/// Whether a search path of a Mach-O file is outside of the package.
pub(super) fn mach_o_leaves(path: &str, search: &str) -> bool {
    leaves(path, search, &LOADER_PATH)
}

/// Whether a search path of the file at `path` is outside of the package. The directories of the
/// system are, and only the system writes to them.
fn leaves(path: &str, search: &str, origins: &[&str]) -> bool {
    const SYSTEM: [&str; 5] = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/System"];
    let below = |directory: &&str| {
        let rest = search.strip_prefix(directory);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    // With `..` a path is below nothing.
    let is_plain = !search.split('/').any(|part| part == "..");
    let is_system = is_plain && SYSTEM.iter().any(below);
    !is_system && inside(split(path).0, search, origins).is_none()
}

/// Whether a path that the ELF file at `path` names is outside of the package.
pub(super) fn leaves_package(path: &str, named: &str) -> bool {
    inside(split(path).0, named, &ORIGIN).is_none()
}

/// What stands for the directory of the file in search paths of ELF files.
const ORIGIN: [&str; 2] = ["$ORIGIN", "${ORIGIN}"];

/// What does in those of Mach-O files.
const LOADER_PATH: [&str; 2] = ["@loader_path", "@executable_path"];

/// The directory in the package that a search path names for files in `directory`. `origins` is
/// what stands for it.
///
/// `${ORIGIN}.libs` and `/../$ORIGIN` are directories for some versions of glibc and not for
/// others, so they are none.
fn inside(directory: &str, search: &str, origins: &[&str]) -> Option<String> {
    let rest = origins.iter().find_map(|origin| after(search, origin))?;
    resolve(directory, rest)
}

/// What follows the name of a directory in a path.
fn after<'p>(path: &'p str, directory: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(directory)?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix('/')
}

/// A path from a directory, if it stays in the package.
fn resolve(directory: &str, rest: &str) -> Option<String> {
    let mut parts: Vec<&str> = directory
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() {
        name.to_owned()
    } else {
        format!("{directory}/{name}")
    }
}

#[cfg(test)]
mod tests;
