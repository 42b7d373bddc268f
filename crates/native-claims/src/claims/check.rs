use super::carried::{self, Carried};
use super::file::NativeFile;
use super::reason::{Note, Reason};
use super::single::single;
use super::verdict::Verdict;
use super::{android, linux, macos, windows};
use crate::facts::{Facts, UnixSystem};
use crate::tag::{PlatformTag, System};

/// What the executables and libraries of a package allow it to claim.
#[derive(Debug)]
pub struct Claims<'a> {
    files: Vec<NativeFile<'a>>,
    entrypoint: Option<&'a str>,
    carried: Carried<'a>,
}

/// Takes the files of a package by path. `entrypoint` is the path of the program that the package
/// installs, if it installs one.
///
/// Scripts, and files that cannot run or be loaded, allow everything.
pub fn allowed<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a Facts)>,
    entrypoint: Option<&'a str>,
) -> Claims<'a> {
    let files: Vec<NativeFile> = files
        .into_iter()
        .map(|(path, facts)| NativeFile { path, facts })
        .filter(NativeFile::is_native_code)
        .collect();
    Claims {
        carried: Carried::new(&files),
        files,
        entrypoint,
    }
}

impl<'a> Claims<'a> {
    /// Checks the package against a tag: against both that it stands for, if it is one of `universal2`.
    #[must_use]
    pub fn check(&self, tag: &PlatformTag) -> Verdict {
        let mut verdict = Verdict::default();
        if tag.is_universal() {
            for tag in single(&tag.to_string()) {
                verdict.extend(self.check(&tag));
            }
            return verdict;
        }
        let (native, foreign): (Vec<NativeFile>, Vec<NativeFile>) =
            self.files.iter().partition(|file| file.is_for(tag));
        for file in foreign {
            let what = file.describe();
            let is_alone = native.is_empty() && !windows::emulates(file, tag);
            if is_alone || self.entrypoint == Some(file.path) {
                verdict.add(file, Reason::Foreign { what });
            } else {
                verdict.note(file, Note::Foreign { what });
            }
        }
        for file in native {
            match file.facts {
                Facts::Elf(elf) if matches!(tag.system(), System::Android { .. }) => {
                    android::check(&self.carried, file, elf, tag, &mut verdict);
                }
                Facts::Elf(elf) => linux::check(&self.carried, file, elf, tag, &mut verdict),
                Facts::MachO(mach_o) => {
                    macos::check(&self.carried, file, mach_o, tag, &mut verdict);
                }
                Facts::Pe(_) | Facts::Xcoff(_) | Facts::Script(_) => {}
            }
        }
        verdict
    }

    /// Returns the tags of one system, C library and CPU that can be true of a package, those that ask
    /// least of a system first. `like` is any of them. Empty: no policy is for the CPU.
    ///
    /// Which of them are true [`check`](Self::check) says. A higher one is true of whatever a lower one
    /// is true of.
    #[must_use]
    pub fn candidates(&self, like: &PlatformTag) -> Vec<PlatformTag> {
        let elves = self.files.iter().filter_map(|file| match file.facts {
            Facts::Elf(elf) => Some(elf),
            _ => None,
        });
        match like.system() {
            System::Manylinux { .. } => linux::manylinux(like.cpu(), elves),
            System::Musllinux { .. } => linux::musllinux(like.cpu()),
            System::Macos { .. } => macos::all(like.cpu()),
            System::Android { .. } => android::all(like.cpu()),
            // Its versions are too many to try.
            System::Ios { .. } | System::Linux | System::Windows => vec![like.clone()],
        }
    }

    /// Returns the true tags that ask least of a system: for each system and CPU that the entrypoint
    /// is for, or any file if there is none. Empty for a package without code.
    #[must_use]
    pub fn best(&self) -> Vec<PlatformTag> {
        let main = self
            .files
            .iter()
            .filter(|file| Some(file.path) == self.entrypoint);
        let mut files: Vec<NativeFile> = main.copied().collect();
        if files.is_empty() {
            files.clone_from(&self.files);
        }
        let mut tags: Vec<PlatformTag> = files
            .iter()
            .flat_map(|file| match file.facts {
                Facts::Elf(elf) if elf.system == UnixSystem::Android => android::candidates(elf),
                Facts::Elf(elf) => linux::candidates(elf),
                Facts::MachO(mach_o) => macos::candidates(mach_o),
                Facts::Pe(pe) => windows::candidates(pe),
                Facts::Xcoff(_) | Facts::Script(_) => Vec::new(),
            })
            .collect();
        tags.sort_by(|a, b| (a.cpu(), a.system()).cmp(&(b.cpu(), b.system())));
        tags.dedup();
        let mut best: Vec<PlatformTag> = Vec::new();
        for tag in tags {
            // Candidates of a family are in the order of their versions.
            let known = best.last().is_some_and(|last| same_family(last, &tag));
            if !known && self.check(&tag).is_allowed() {
                best.push(tag);
            }
        }
        best
    }

    /// Returns the libraries that are needed, not carried, and on no plain system: by file.
    ///
    /// For Linux and macOS they are among the reasons of every tag too. A tag for Windows
    /// promises nothing of libraries, and a program that needs Microsoft's C++ library does not
    /// start where nothing has installed it.
    #[must_use]
    pub fn missing(&self) -> Vec<(&'a str, &'a str)> {
        let mut missing = Vec::new();
        for file in &self.files {
            let names: Vec<&str> = match file.facts {
                Facts::Elf(elf) => linux::missing(&self.carried, *file, elf),
                Facts::MachO(mach_o) => macos::missing(&self.carried, *file, mach_o),
                Facts::Pe(pe) => windows::missing(&self.carried, *file, pe),
                Facts::Xcoff(_) | Facts::Script(_) => Vec::new(),
            };
            missing.extend(names.into_iter().map(|name| (file.path, name)));
        }
        missing
    }

    /// Returns the libraries that a file names by a path outside of the package and of the system,
    /// or by one that depends on the current directory: by file. Such a path is that of the machine
    /// that built it: `/opt/homebrew/lib/libz.dylib`.
    #[must_use]
    pub fn libraries_by_path(&self) -> Vec<(&'a str, &'a str)> {
        let mut found = Vec::new();
        for file in &self.files {
            let names: Vec<&str> = match file.facts {
                Facts::Elf(elf) => elf.needed.iter().map(String::as_str).collect(),
                Facts::MachO(mach_o) => macos::missing(&self.carried, *file, mach_o),
                Facts::Pe(_) | Facts::Xcoff(_) | Facts::Script(_) => Vec::new(),
            };
            let is_elf = matches!(file.facts, Facts::Elf(_));
            let by_path = names.into_iter().filter(|name| {
                // Without a slash the loader of ELF looks for the name; that of macOS does not.
                if is_elf {
                    name.contains('/') && carried::leaves_package(file.path, name)
                } else {
                    !name.starts_with('@')
                }
            });
            found.extend(by_path.map(|name| (file.path, name)));
        }
        found
    }

    /// Returns the directories outside of the package in which a file tells the loader to look for
    /// libraries: by file. Whoever can write to one of them decides what the program runs.
    #[must_use]
    pub fn foreign_search_paths(&self) -> Vec<(&'a str, &'a str)> {
        let mut found = Vec::new();
        for file in &self.files {
            let leaves = match file.facts {
                Facts::Elf(_) => carried::elf_leaves,
                _ => carried::mach_o_leaves,
            };
            let paths: Vec<&str> = match file.facts {
                Facts::Elf(elf) => carried::elf_paths(elf).collect(),
                Facts::MachO(mach_o) => carried::mach_o_paths(mach_o).collect(),
                Facts::Pe(_) | Facts::Xcoff(_) | Facts::Script(_) => Vec::new(),
            };
            let foreign = paths.into_iter().filter(|path| leaves(file.path, path));
            found.extend(foreign.map(|path| (file.path, path)));
        }
        found
    }

    /// Returns the search paths of ELF files that begin in the directory in which the program is
    /// started: by file. glibc takes an empty one for that directory itself.
    #[must_use]
    pub fn relative_search_paths(&self) -> Vec<(&'a str, &'a str)> {
        let elves = self.files.iter().filter_map(|file| match file.facts {
            Facts::Elf(elf) => Some((file.path, elf)),
            _ => None,
        });
        let paths = elves.flat_map(|(path, elf)| {
            carried::relative_paths(elf).map(move |directory| (path, directory))
        });
        paths.collect()
    }
}

/// Whether both tags are of one system, C library and CPU.
fn same_family(one: &PlatformTag, other: &PlatformTag) -> bool {
    let same = std::mem::discriminant(&one.system()) == std::mem::discriminant(&other.system());
    same && one.cpu() == other.cpu()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::testing::{Package, dylib, elf, glibc, mach_o, pe, said, slice};
    use crate::facts::{Cpu, Libc, Script};

    fn nothing() -> (Vec<String>, Vec<String>) {
        Default::default()
    }

    #[test]
    fn one_helper_decides_for_all() {
        let host = glibc(Cpu::X86_64, &[("libc.so.6", &["GLIBC_2.17", "GLIBC_2.28"])]);
        let package = Package(vec![
            ("bin/tool", Facts::Elf(elf(Cpu::X86_64))),
            ("voice/host", Facts::Elf(host)),
        ]);
        let claims = package.with_entrypoint(Some("bin/tool"));
        assert_eq!(said(&claims, "manylinux_2_28_x86_64"), nothing());
        assert_eq!(said(&claims, "manylinux_2_39_x86_64"), nothing());
        assert_eq!(
            said(&claims, "manylinux_2_17_x86_64").0,
            [
                "voice/host: it needs GLIBC_2.28 of libc.so.6, and manylinux_2_17_x86_64 promises \
              GLIBC_2.17 at most"
            ]
        );
        assert_eq!(
            said(&claims, "musllinux_1_1_x86_64").0,
            ["voice/host: it needs glibc, and musllinux_1_1_x86_64 promises musl"]
        );
        assert_eq!(package.best(), ["manylinux_2_28_x86_64"]);
    }

    #[test]
    fn code_for_another_system_is_noted_beside_code_for_the_tags() {
        let package = Package(vec![
            ("bin/tool", Facts::Elf(elf(Cpu::X86_64))),
            ("tools/tool.exe", Facts::Pe(pe(Cpu::X86_64, &[]))),
            ("tools/arm", Facts::Elf(elf(Cpu::Aarch64))),
        ]);
        let (reasons, notes) = said(&package.claims(), "musllinux_1_1_x86_64");
        assert_eq!(reasons, [""; 0]);
        assert_eq!(
            notes,
            [
                "tools/tool.exe: it is for Windows on x86_64, and the tag is not",
                "tools/arm: it is for Linux on aarch64, and the tag is not",
            ]
        );
    }

    #[test]
    fn code_for_another_system_is_a_reason_where_it_is_started_or_alone() {
        let package = Package(vec![
            ("bin/tool", Facts::Elf(elf(Cpu::X86_64))),
            ("bin/helper", Facts::Elf(elf(Cpu::Aarch64))),
        ]);
        let started = package.with_entrypoint(Some("bin/tool"));
        let expected = ["bin/tool: it is for Linux on x86_64"];
        assert_eq!(said(&started, "manylinux_2_17_aarch64").0, expected);
        assert_eq!(said(&package.claims(), "manylinux_2_17_aarch64").0, [""; 0]);
        for tag in ["manylinux_2_17_i686", "macosx_10_9_x86_64", "win_amd64"] {
            let (reasons, notes) = said(&package.claims(), tag);
            assert_eq!((reasons.len(), notes.len()), (2, 0), "{tag}");
        }
        // Of another Unix system, and of a phone.
        let mut bsd = elf(Cpu::X86_64);
        bsd.system = UnixSystem::FreeBsd;
        let bsd = Package(vec![("bin/tool", Facts::Elf(bsd))]);
        let reasons = said(&bsd.claims(), "manylinux_2_17_x86_64").0;
        assert_eq!(reasons, ["bin/tool: it is for FreeBSD on x86_64"]);
        let mut other = elf(Cpu::X86_64);
        other.libc = Some(Libc::Other);
        let other = Package(vec![("bin/tool", Facts::Elf(other))]);
        let reasons = said(&other.claims(), "manylinux_2_17_x86_64").0;
        let expected = "bin/tool: it is for Linux with another C library on x86_64";
        assert_eq!(reasons, [expected]);
        let mut phone = slice(Cpu::Aarch64, 14, 0);
        phone.platform = Some(2);
        let phone = Package(vec![("bin/tool", mach_o(vec![phone]))]);
        let reasons = said(&phone.claims(), "macosx_14_0_arm64").0;
        let expected = "bin/tool: it is for iOS on aarch64";
        assert_eq!(reasons, [expected]);
        assert_eq!(bsd.best().len(), 0);
        assert_eq!(phone.best(), ["ios_14_0_arm64_iphoneos"]);
    }

    #[test]
    fn static_programs_have_the_widest_tags() {
        for (cpu, best) in [
            (
                Cpu::X86_64,
                ["manylinux_2_5_x86_64", "musllinux_1_1_x86_64"],
            ),
            (
                Cpu::Aarch64,
                ["manylinux_2_17_aarch64", "musllinux_1_1_aarch64"],
            ),
            (Cpu::Arm, ["manylinux_2_17_armv7l", "musllinux_1_1_armv7l"]),
        ] {
            let package = Package(vec![("bin/tool", Facts::Elf(elf(cpu)))]);
            assert_eq!(package.best(), best);
            for tag in best {
                assert!(package.claims().check(&tag.parse().unwrap()).is_allowed());
            }
        }
    }

    #[test]
    fn windows_is_known_by_its_cpu() {
        let package = |pe| Package(vec![("tool.exe", Facts::Pe(pe))]);
        for (cpu, tag) in [
            (Cpu::X86, "win32"),
            (Cpu::X86_64, "win_amd64"),
            (Cpu::Aarch64, "win_arm64"),
        ] {
            assert_eq!(package(pe(cpu, &[])).best(), [tag]);
        }
        let native = package(pe(Cpu::X86_64, &[]));
        let said_of = "tool.exe: it is for Windows on x86_64";
        assert_eq!(said(&native.claims(), "win32").0, [said_of]);
        // Windows emulates it, which is not what a package of its own is for.
        let reasons = said(&native.with_entrypoint(Some("tool.exe")), "win_arm64").0;
        assert_eq!(reasons, [said_of]);
        let (reasons, notes) = said(&native.claims(), "win_arm64");
        assert_eq!((reasons.len(), notes.len()), (0, 1));
        let mut library = pe(Cpu::X86_64, &[]);
        library.dll = true;
        assert_eq!(said(&package(library).claims(), "win_arm64").0, [said_of]);
        let mut managed = pe(Cpu::X86, &[]);
        managed.managed = true;
        assert_eq!(said(&package(managed).claims(), "win_arm64"), nothing());
    }

    #[test]
    fn paths_of_the_machine_that_built_it_are_told() {
        let mut program = elf(Cpu::X86_64);
        let needed = [
            "libssl.so.3",
            "/usr/lib/x86_64-linux-gnu/libssl.so.3",
            "build/liba.so",
            "./libb.so",
            "$ORIGIN/libc.so",
            "$ORIGIN/../../libd.so",
        ];
        program.needed = needed.map(str::to_owned).to_vec();
        let mut code = slice(Cpu::Aarch64, 11, 0);
        code.install_name = Some("/build/tool.dylib".to_owned());
        code.needed = [
            "/usr/lib/libSystem.B.dylib",
            "/System/Library/Frameworks/AppKit.framework/Versions/C/AppKit",
            "/opt/homebrew/lib/libz.dylib",
            "/usr/local/lib/libz.dylib",
            "/opt/local/lib/libz.dylib",
            "libz.dylib",
            "@rpath/libmissing.dylib",
            "@loader_path/libmissing.dylib",
            "/build/tool.dylib",
        ]
        .map(dylib)
        .to_vec();
        let mut weak = dylib("/opt/homebrew/lib/libweak.dylib");
        weak.weak = true;
        code.needed.push(weak);
        let package = Package(vec![
            ("bin/tool", Facts::Elf(program)),
            ("bin/mac", mach_o(vec![code])),
        ]);
        let elf = [
            "/usr/lib/x86_64-linux-gnu/libssl.so.3",
            "build/liba.so",
            "./libb.so",
            "$ORIGIN/../../libd.so",
        ];
        let mach_o = [
            "/opt/homebrew/lib/libz.dylib",
            "/opt/local/lib/libz.dylib",
            "/usr/local/lib/libz.dylib",
            "libz.dylib",
        ];
        let mut expected = elf.map(|name| ("bin/tool", name)).to_vec();
        expected.extend(mach_o.map(|name| ("bin/mac", name)));
        assert_eq!(package.claims().libraries_by_path(), expected);
    }

    #[test]
    fn a_package_without_code_allows_every_tag_and_has_none() {
        let script = Facts::Script(Script {
            interpreter: "/bin/sh".to_owned(),
            argument: None,
        });
        let package = Package(vec![("bin/tool", script)]);
        assert_eq!(said(&package.claims(), "win_amd64"), nothing());
        assert_eq!(package.best(), [""; 0]);
    }
}
