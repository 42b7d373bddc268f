//! The loader that a program for Linux names (`PT_INTERP`).
//!
//! The kernel opens that path, and the program that it finds there starts the one that was asked
//! for. Each pair of a CPU and a C library has one path, which its ABI fixes and every system has.
//! What is built inside of Nix, Guix or Conda may name one that only the builder has, and then the
//! kernel says "No such file or directory" of a program that is there.
//!
//! Decided: the spelling behind the link that merged systems have (`/usr/lib64/…`) is no other name
//! of the path. Systems on which `/lib64` is a directory of its own are among those of every tag up
//! to `manylinux_2_35`, and the ABI has the short path on all of them. Empty components and `.` are
//! left out, since the kernel leaves them out.

use std::fmt;

use crate::facts::{Cpu, Elf, Libc, UnixSystem};

/// The loaders of the ABIs that tags stand for.
const LOADERS: [(Cpu, Libc, &str); 18] = [
    (Cpu::X86, Libc::Glibc, "/lib/ld-linux.so.2"),
    (Cpu::X86_64, Libc::Glibc, "/lib64/ld-linux-x86-64.so.2"),
    (Cpu::Arm, Libc::Glibc, "/lib/ld-linux-armhf.so.3"),
    (Cpu::Aarch64, Libc::Glibc, "/lib/ld-linux-aarch64.so.1"),
    (Cpu::Powerpc64, Libc::Glibc, "/lib64/ld64.so.1"),
    (Cpu::Powerpc64Le, Libc::Glibc, "/lib64/ld64.so.2"),
    (Cpu::S390x, Libc::Glibc, "/lib/ld64.so.1"),
    (
        Cpu::Riscv64,
        Libc::Glibc,
        "/lib/ld-linux-riscv64-lp64d.so.1",
    ),
    (
        Cpu::Loongarch64,
        Libc::Glibc,
        "/lib64/ld-linux-loongarch-lp64d.so.1",
    ),
    (Cpu::X86, Libc::Musl, "/lib/ld-musl-i386.so.1"),
    (Cpu::X86_64, Libc::Musl, "/lib/ld-musl-x86_64.so.1"),
    (Cpu::Arm, Libc::Musl, "/lib/ld-musl-armhf.so.1"),
    (Cpu::Aarch64, Libc::Musl, "/lib/ld-musl-aarch64.so.1"),
    (Cpu::Powerpc64, Libc::Musl, "/lib/ld-musl-powerpc64.so.1"),
    (
        Cpu::Powerpc64Le,
        Libc::Musl,
        "/lib/ld-musl-powerpc64le.so.1",
    ),
    (Cpu::S390x, Libc::Musl, "/lib/ld-musl-s390x.so.1"),
    (Cpu::Riscv64, Libc::Musl, "/lib/ld-musl-riscv64.so.1"),
    (
        Cpu::Loongarch64,
        Libc::Musl,
        "/lib/ld-musl-loongarch64.so.1",
    ),
];

/// The loaders of other ABIs of these CPUs: code without the floating-point registers, or with
/// 32-bit pointers. Systems of a tag do not have them.
const OTHER_ABIS: [(Cpu, &str); 15] = [
    (Cpu::Arm, "/lib/ld-linux.so.3"),
    (Cpu::Arm, "/lib/ld-linux.so.2"),
    (Cpu::Arm, "/lib/ld-musl-arm.so.1"),
    (Cpu::Arm, "/lib/ld-musl-armeb.so.1"),
    (Cpu::X86_64, "/libx32/ld-linux-x32.so.2"),
    (Cpu::Powerpc64, "/lib64/ld64.so.2"),
    (Cpu::Riscv64, "/lib/ld-linux-riscv64-lp64.so.1"),
    (Cpu::Riscv64, "/lib/ld-linux-riscv64-lp64f.so.1"),
    (Cpu::Riscv64, "/lib/ld-musl-riscv64-sf.so.1"),
    (Cpu::Riscv64, "/lib/ld-musl-riscv64-sp.so.1"),
    (Cpu::Loongarch64, "/lib64/ld-linux-loongarch-lp64s.so.1"),
    (Cpu::Loongarch64, "/lib64/ld-linux-loongarch-lp64f.so.1"),
    (Cpu::Loongarch64, "/lib/ld-musl-loongarch64-sf.so.1"),
    (Cpu::Loongarch64, "/lib/ld-musl-loongarch64-sp.so.1"),
    (Cpu::Powerpc64, "/lib/ld-musl-powerpc64-sf.so.1"),
];

/// Why the loader that a program names is not there where the program is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoaderFault {
    /// The path, as the program has it.
    pub found: String,
    /// What is wrong with it.
    pub kind: LoaderFaultKind,
    /// The loader that systems with that C library and CPU have. `None`: tags know no such
    /// C library.
    pub expected: Option<&'static str>,
}

/// What is wrong with the path of a loader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoaderFaultKind {
    /// It is empty.
    Empty,
    /// It does not begin with `/`.
    Relative,
    /// It lies in the store of a package manager, here by name.
    Store(&'static str),
    /// It is the loader of another CPU.
    OtherCpu(Cpu),
    /// It is the loader of another ABI of the CPU, such as the one without floating-point registers.
    OtherAbi,
    /// It is the spelling that is there where `/lib` and `/lib64` are links to `/usr`.
    Merged,
    /// No ABI has this path.
    Elsewhere,
}

impl fmt::Display for LoaderFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            found,
            kind,
            expected,
        } = self;
        let loader = |f: &mut fmt::Formatter<'_>| write!(f, "its loader is {found:?}, ");
        match kind {
            LoaderFaultKind::Empty => f.write_str("the name of its loader is empty")?,
            LoaderFaultKind::Relative => {
                loader(f)?;
                f.write_str("which is looked for in the directory that the program is started in")?;
            }
            LoaderFaultKind::Store(store) => {
                loader(f)?;
                write!(f, "which only systems with {store} can have")?;
            }
            LoaderFaultKind::OtherCpu(cpu) => {
                loader(f)?;
                write!(f, "the one for {cpu}")?;
            }
            LoaderFaultKind::OtherAbi => {
                loader(f)?;
                f.write_str("the one of another ABI of its CPU")?;
            }
            LoaderFaultKind::Merged => {
                loader(f)?;
                let directory = expected.and_then(|path| path.split('/').nth(1));
                let directory = directory.unwrap_or_default();
                write!(f, "which is there only where /{directory} is a link")?;
            }
            LoaderFaultKind::Elsewhere => {
                loader(f)?;
                f.write_str("where no Linux system has its loader")?;
            }
        }
        match expected {
            Some(expected) => write!(f, ", and the systems that it is for have {expected}"),
            None => Ok(()),
        }
    }
}

/// Returns what is wrong with the loader that a program for Linux names. `None`: it names none, as
/// static programs do, or the one of its ABI; or its CPU or C library has none here, and the path may
/// be that of its systems.
///
/// A library that names one is not started by it.
#[must_use]
pub fn loader_fault(elf: &Elf) -> Option<LoaderFault> {
    let found = elf.interpreter.as_deref()?;
    if !elf.is_executable() || elf.system != UnixSystem::Linux {
        return None;
    }
    let libc = elf.libc?;
    let is_own = |(cpu, of, _): &&(Cpu, Libc, &'static str)| (*cpu, *of) == (elf.cpu, libc);
    let expected = LOADERS.iter().find(is_own).map(|(_, _, path)| *path);
    let plain = plain(found);
    if Some(&*plain) == expected && found.starts_with('/') {
        return None;
    }
    let other_abi = OTHER_ABIS.iter().any(|other| *other == (elf.cpu, &plain));
    // The same path is that of one CPU with each C library, save the 64-bit loaders of old.
    let other_cpu = LOADERS.iter().find(|(_, _, path)| *path == plain);
    let kind = if found.is_empty() {
        LoaderFaultKind::Empty
    } else if !found.starts_with('/') {
        LoaderFaultKind::Relative
    } else if plain.starts_with("/nix/store/") {
        LoaderFaultKind::Store("Nix")
    } else if plain.starts_with("/gnu/store/") {
        LoaderFaultKind::Store("Guix")
    } else if expected.is_none() {
        return None;
    } else if other_abi {
        LoaderFaultKind::OtherAbi
    } else if let Some((cpu, _, _)) = other_cpu.filter(|(cpu, _, _)| *cpu != elf.cpu) {
        LoaderFaultKind::OtherCpu(*cpu)
    } else if plain.strip_prefix("/usr") == expected {
        LoaderFaultKind::Merged
    } else {
        LoaderFaultKind::Elsewhere
    };
    Some(LoaderFault {
        found: found.to_owned(),
        kind,
        expected,
    })
}

/// Whether a loader is that of an ABI of its CPU which tags do not stand for, and which there are
/// systems of.
#[must_use]
pub fn is_other_abi(fault: &LoaderFault) -> bool {
    fault.kind == LoaderFaultKind::OtherAbi
}

/// An absolute path without the components that change nothing.
fn plain(path: &str) -> String {
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    parts.flat_map(|part| ["/", part]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::testing::{Package, elf, glibc, said};
    use crate::facts::{ElfKind, Facts};

    fn program(cpu: Cpu, libc: Libc, interpreter: &str) -> Elf {
        let mut program = elf(cpu);
        program.libc = Some(libc);
        program.dynamic = true;
        program.interpreter = Some(interpreter.to_owned());
        program
    }

    fn fault(cpu: Cpu, libc: Libc, interpreter: &str) -> Option<LoaderFaultKind> {
        loader_fault(&program(cpu, libc, interpreter)).map(|fault| fault.kind)
    }

    #[test]
    fn the_loader_of_each_abi_is_there() {
        for (cpu, libc, path) in LOADERS {
            assert_eq!(fault(cpu, libc, path), None, "{path}");
            // The kernel takes these for the same path.
            let same = path.replacen('/', "//", 2).replace("ld", "./ld");
            assert_eq!(plain(&same), path);
            assert_eq!(fault(cpu, libc, &same), None, "{same}");
            // And these are other ones.
            for (other, kind) in [
                (format!("/usr{path}"), LoaderFaultKind::Merged),
                (
                    format!("/nix/store/abc-libc{path}"),
                    LoaderFaultKind::Store("Nix"),
                ),
                (
                    format!("/gnu/store/abc-libc{path}"),
                    LoaderFaultKind::Store("Guix"),
                ),
                (format!("/opt/conda{path}"), LoaderFaultKind::Elsewhere),
                (format!("/lib/..{path}"), LoaderFaultKind::Elsewhere),
                (format!("{path}.1"), LoaderFaultKind::Elsewhere),
                (path[1..].to_owned(), LoaderFaultKind::Relative),
                (format!(".{path}"), LoaderFaultKind::Relative),
                (String::new(), LoaderFaultKind::Empty),
            ] {
                assert_eq!(fault(cpu, libc, &other), Some(kind), "{other}");
            }
        }
    }

    #[test]
    fn each_cpu_has_one_loader_for_each_c_library() {
        for libc in [Libc::Glibc, Libc::Musl] {
            let cpus = LOADERS.iter().filter(|(_, of, _)| *of == libc);
            let mut cpus: Vec<Cpu> = cpus.map(|(cpu, _, _)| *cpu).collect();
            cpus.sort_unstable();
            cpus.dedup();
            assert_eq!(cpus.len(), 9, "{libc:?}");
        }
    }

    #[test]
    fn the_loaders_of_others_are_told() {
        use LoaderFaultKind::{Elsewhere, OtherAbi, OtherCpu};
        for (cpu, libc, path, kind) in [
            (
                Cpu::X86_64,
                Libc::Glibc,
                "/lib/ld-linux.so.2",
                OtherCpu(Cpu::X86),
            ),
            (
                Cpu::Aarch64,
                Libc::Glibc,
                "/lib64/ld-linux-x86-64.so.2",
                OtherCpu(Cpu::X86_64),
            ),
            (
                Cpu::Aarch64,
                Libc::Musl,
                "/lib/ld-musl-armhf.so.1",
                OtherCpu(Cpu::Arm),
            ),
            (
                Cpu::Powerpc64Le,
                Libc::Glibc,
                "/lib64/ld64.so.1",
                OtherCpu(Cpu::Powerpc64),
            ),
            (Cpu::Arm, Libc::Glibc, "/lib/ld-linux.so.3", OtherAbi),
            (Cpu::Arm, Libc::Musl, "/lib/ld-musl-arm.so.1", OtherAbi),
            (
                Cpu::Riscv64,
                Libc::Glibc,
                "/lib/ld-linux-riscv64-lp64.so.1",
                OtherAbi,
            ),
            (
                Cpu::Riscv64,
                Libc::Musl,
                "/lib/ld-musl-riscv64-sf.so.1",
                OtherAbi,
            ),
            (
                Cpu::X86_64,
                Libc::Glibc,
                "/lib64/ld-lsb-x86-64.so.3",
                Elsewhere,
            ),
            (Cpu::X86, Libc::Glibc, "/lib/ld.so.1", Elsewhere),
            (
                Cpu::X86_64,
                Libc::Glibc,
                "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
                Elsewhere,
            ),
            (
                Cpu::X86_64,
                Libc::Glibc,
                "/lib/ld-linux-x86-64.so.2",
                Elsewhere,
            ),
        ] {
            assert_eq!(fault(cpu, libc, path), Some(kind), "{path}");
        }
    }

    #[test]
    fn what_is_not_started_by_it_may_name_any() {
        let mut library = program(Cpu::X86_64, Libc::Glibc, "/nix/store/x/ld.so");
        library.kind = ElfKind::SharedLibrary;
        assert_eq!(loader_fault(&library), None);
        let mut fixed = elf(Cpu::X86_64);
        fixed.kind = ElfKind::Executable;
        assert_eq!(loader_fault(&fixed), None);
        let mut phone = program(Cpu::Aarch64, Libc::Musl, "/system/bin/linker64");
        phone.system = UnixSystem::Android;
        assert_eq!(loader_fault(&phone), None);
        // Nobody has a tag for these, and there are such systems.
        assert_eq!(fault(Cpu::Other(8), Libc::Glibc, "/lib/ld.so.1"), None);
        assert_eq!(fault(Cpu::X86_64, Libc::Other, "/lib/ld-uClibc.so.0"), None);
        for (path, kind) in [
            ("/nix/store/x/loader", LoaderFaultKind::Store("Nix")),
            ("loader", LoaderFaultKind::Relative),
            ("", LoaderFaultKind::Empty),
        ] {
            assert_eq!(fault(Cpu::X86_64, Libc::Other, path), Some(kind));
        }
        let none = loader_fault(&program(Cpu::X86_64, Libc::Other, "")).unwrap();
        assert_eq!(none.to_string(), "the name of its loader is empty");
    }

    #[test]
    fn a_loader_of_the_builder_fits_no_tag() {
        let mut tool = glibc(Cpu::X86_64, &[("libc.so.6", &["GLIBC_2.17"])]);
        let path = "/nix/store/abc-glibc-2.40/lib/ld-linux-x86-64.so.2";
        tool.interpreter = Some(path.to_owned());
        let package = Package(vec![("bin/tool", Facts::Elf(tool))]);
        assert_eq!(package.best(), [""; 0]);
        assert_eq!(
            said(&package.claims(), "manylinux_2_17_x86_64").0,
            [
                "bin/tool: its loader is \"/nix/store/abc-glibc-2.40/lib/ld-linux-x86-64.so.2\", \
                 which only systems with Nix can have, and the systems that it is for have \
                 /lib64/ld-linux-x86-64.so.2"
            ]
        );
    }

    #[test]
    fn each_fault_has_its_text() {
        let text = |cpu, libc, path| loader_fault(&program(cpu, libc, path)).unwrap().to_string();
        for (path, expected) in [
            (
                "",
                "the name of its loader is empty, and the systems that it is for have ",
            ),
            (
                "ld.so",
                "its loader is \"ld.so\", which is looked for in the directory that the program is \
                 started in, and",
            ),
            (
                "/usr/lib64/ld-linux-x86-64.so.2",
                "which is there only where /lib64 is a link, and",
            ),
            (
                "/opt/conda/lib/ld-linux-x86-64.so.2",
                "where no Linux system has its loader, and",
            ),
            ("/lib/ld-linux.so.2", ", the one for x86, and"),
        ] {
            let text = text(Cpu::X86_64, Libc::Glibc, path);
            assert!(text.contains(expected), "{text}");
            assert!(text.ends_with(" /lib64/ld-linux-x86-64.so.2"), "{text}");
        }
        let text = text(Cpu::Arm, Libc::Glibc, "/lib/ld-linux.so.3");
        assert!(text.contains("the one of another ABI of its CPU"), "{text}");
    }
}
