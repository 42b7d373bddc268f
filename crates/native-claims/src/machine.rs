//! Machines that code is for: a format of executables and a CPU.

use crate::facts::{Cpu, ElfKind, Facts, MachO, MachOKind, Pe, UnixSystem, name_of_platform};
use crate::format::ObjectFormat;

/// A format of executables stands for the systems that load it, and a CPU for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    /// The format that the system loads.
    pub format: ObjectFormat,
    /// The CPU.
    pub cpu: Cpu,
}

impl Machine {
    /// Returns whether this machine runs a program, or loads a library into a program of its own
    /// CPU.
    ///
    /// Windows runs programs that are for an older CPU. It emulates whole processes: a library for
    /// that CPU is not loaded into a program for this one.
    #[must_use]
    pub fn runs(self, facts: &Facts) -> bool {
        match facts {
            // .NET code is compiled where it runs.
            Facts::Pe(pe) if self.format == ObjectFormat::Pe => pe.managed || self.runs_pe(pe),
            _ => format_of(facts) == Some(self.format) && cpus(facts).contains(&self.cpu),
        }
    }

    /// Returns whether this machine runs or loads a file of a package: by itself, or because one of
    /// the package's programs loads the library into its process, which is emulated.
    #[must_use]
    pub fn runs_in<'a>(self, facts: &Facts, package: impl IntoIterator<Item = &'a Facts>) -> bool {
        let loads = |program: &Facts| match (facts, program) {
            (Facts::Pe(library), Facts::Pe(program)) => {
                // ARM64X is code for both CPUs.
                let same =
                    program.cpu == library.cpu || (library.hybrid && program.cpu == Cpu::X86_64);
                same && library.dll && !program.dll && self.runs_pe(program)
            }
            _ => false,
        };
        self.runs(facts) || package.into_iter().any(loads)
    }

    fn runs_pe(self, pe: &Pe) -> bool {
        if self.format != ObjectFormat::Pe {
            return false;
        }
        match (pe.cpu, self.cpu) {
            // ARM64EC: code for ARM, in a process that is as those of x64.
            (Cpu::X86_64, cpu) if pe.hybrid => cpu == Cpu::Aarch64 && !pe.dll,
            (cpu, own) if cpu == own => true,
            (Cpu::X86, Cpu::X86_64 | Cpu::Aarch64) | (Cpu::X86_64, Cpu::Aarch64) => !pe.dll,
            _ => false,
        }
    }
}

/// Returns the format of native code that a system runs or loads. `None`: a script, or a file that
/// has to be linked first.
pub fn format_of(facts: &Facts) -> Option<ObjectFormat> {
    match facts {
        Facts::Elf(elf) => (elf.kind != ElfKind::Other).then_some(ObjectFormat::Elf),
        Facts::MachO(mach_o) => {
            let mut kinds = mach_o.slices.iter().map(|slice| slice.kind);
            let is_code = kinds.any(|kind| kind != MachOKind::Other);
            is_code.then_some(ObjectFormat::MachO)
        }
        Facts::Pe(_) => Some(ObjectFormat::Pe),
        Facts::Xcoff(_) => Some(ObjectFormat::Xcoff),
        Facts::Script(_) => None,
    }
}

/// The CPUs that a file has code for. In a Mach-O file: for macOS, and for every machine with that CPU.
fn cpus(facts: &Facts) -> Vec<Cpu> {
    match facts {
        Facts::Elf(elf) => vec![elf.cpu],
        Facts::MachO(mach_o) => {
            let slices = mach_o.slices.iter();
            let slices =
                slices.filter(|slice| slice.is_for_macos() && slice.is_for_every_machine());
            slices.map(|slice| slice.cpu).collect()
        }
        Facts::Pe(pe) => vec![pe.cpu],
        Facts::Xcoff(xcoff) => vec![xcoff.cpu],
        Facts::Script(_) => Vec::new(),
    }
}

/// Returns a CPU by its name in Node.js (`process.arch`).
pub fn cpu_of_node(name: &str) -> Option<Cpu> {
    Some(match name {
        "arm" => Cpu::Arm,
        "arm64" => Cpu::Aarch64,
        "ia32" => Cpu::X86,
        "loong64" => Cpu::Loongarch64,
        "mips" => Cpu::Mips,
        "mips64el" => Cpu::Mips64El,
        "mipsel" => Cpu::Mipsel,
        "ppc64" => Cpu::Powerpc64Le,
        "riscv64" => Cpu::Riscv64,
        "s390x" => Cpu::S390x,
        "x64" => Cpu::X86_64,
        _ => return None,
    })
}

/// Returns the CPU that a name in Node.js (`process.arch`) has on a system (`process.platform`):
/// `ppc64` is big-endian on AIX and IBM i, and little-endian on Linux.
pub fn cpu_of_node_on(system: &str, name: &str) -> Option<Cpu> {
    match (system, name) {
        ("aix" | "os400", "ppc64") => Some(Cpu::Powerpc64),
        ("aix" | "os400", "ppc") => Some(Cpu::Powerpc),
        _ => cpu_of_node(name),
    }
}

/// Returns whether a system, by its name in Node.js (`process.platform`), is the one that a file is
/// for, among those that share its format.
///
/// Static programs for Linux run on Android too, where no C library is looked for. A library that
/// needs no C library does not say which system it is for.
#[must_use]
pub fn is_for_node_system(name: &str, facts: &Facts) -> bool {
    let Facts::Elf(elf) = facts else {
        return true;
    };
    let is_static = elf.system == UnixSystem::Linux && !elf.dynamic;
    if elf.system == UnixSystem::Linux && elf.libc.is_none() && !elf.is_executable() {
        return true;
    }
    match name {
        "android" => is_static || elf.system == UnixSystem::Android,
        "freebsd" => elf.system == UnixSystem::FreeBsd,
        "haiku" => elf.system == UnixSystem::Haiku,
        "linux" => elf.system == UnixSystem::Linux,
        "netbsd" => elf.system == UnixSystem::NetBsd,
        "openbsd" => elf.system == UnixSystem::OpenBsd,
        "openharmony" => is_static || elf.system == UnixSystem::OpenHarmony,
        "sunos" => elf.system == UnixSystem::Solaris,
        _ => true,
    }
}

/// Returns the format of executables of a system by its name in Node.js (`process.platform`).
pub fn format_of_node(name: &str) -> Option<ObjectFormat> {
    Some(match name {
        "android" | "freebsd" | "haiku" | "linux" | "netbsd" | "openbsd" | "openharmony"
        | "sunos" => ObjectFormat::Elf,
        "aix" | "os400" => ObjectFormat::Xcoff,
        "darwin" => ObjectFormat::MachO,
        "cygwin" | "win32" => ObjectFormat::Pe,
        _ => return None,
    })
}

/// Returns whether a file is a program: one that is started, not loaded.
pub fn is_native_program(facts: &Facts) -> bool {
    match facts {
        Facts::Elf(elf) => elf.is_executable(),
        Facts::MachO(mach_o) => {
            let mut slices = mach_o.slices.iter();
            slices.any(|slice| slice.kind == MachOKind::Executable)
        }
        Facts::Pe(pe) => !pe.dll,
        Facts::Xcoff(xcoff) => !xcoff.library,
        Facts::Script(_) => false,
    }
}

/// Returns what a file is, for a person: `ELF for x86_64`.
pub fn describe(facts: &Facts) -> String {
    let format = match facts {
        // Files of all other systems that share the format are the exception.
        Facts::Elf(elf) if elf.system != UnixSystem::Linux => {
            return format!("ELF for {} on {}", elf.system, elf.cpu);
        }
        Facts::Elf(_) => "ELF",
        Facts::MachO(mach_o) => return describe_mach_o(mach_o),
        Facts::Pe(_) => "PE",
        Facts::Xcoff(_) => "XCOFF",
        Facts::Script(_) => return "a script".to_owned(),
    };
    let cpus = cpus(facts).iter().map(Cpu::to_string).collect::<Vec<_>>();
    let kind = match facts {
        Facts::Pe(pe) if pe.hybrid && pe.cpu == Cpu::X86_64 => " (ARM64EC)",
        _ => "",
    };
    format!("{format} for {}{kind}", cpus.join(" and "))
}

/// `Mach-O for x86_64 and aarch64`; the system is named where it is not macOS.
fn describe_mach_o(mach_o: &MachO) -> String {
    let slices = mach_o.slices.iter().map(|slice| {
        let cpu = slice.cpu_name();
        match slice.platform {
            Some(platform) if !slice.is_for_macos() => {
                format!("{} on {cpu}", name_of_platform(platform))
            }
            _ => cpu,
        }
    });
    format!("Mach-O for {}", slices.collect::<Vec<_>>().join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::testing::{elf, mach_o, pe, slice};
    use crate::facts::{Elf, Libc, Pe, Script};

    /// Systems whose files are ELF.
    const NAMES: [&str; 8] = [
        "android",
        "freebsd",
        "haiku",
        "linux",
        "netbsd",
        "openbsd",
        "openharmony",
        "sunos",
    ];

    #[test]
    fn nodes_names_of_cpus_and_systems_are_known() {
        for (name, cpu) in [
            ("arm", Cpu::Arm),
            ("arm64", Cpu::Aarch64),
            ("ia32", Cpu::X86),
            ("loong64", Cpu::Loongarch64),
            ("mips", Cpu::Mips),
            ("mips64el", Cpu::Mips64El),
            ("mipsel", Cpu::Mipsel),
            ("ppc64", Cpu::Powerpc64Le),
            ("riscv64", Cpu::Riscv64),
            ("s390x", Cpu::S390x),
            ("x64", Cpu::X86_64),
        ] {
            assert_eq!(cpu_of_node(name), Some(cpu));
        }
        assert_eq!(cpu_of_node("mips64"), None);
        for name in NAMES {
            assert_eq!(format_of_node(name), Some(ObjectFormat::Elf));
        }
        assert_eq!(format_of_node("darwin"), Some(ObjectFormat::MachO));
        for name in ["cygwin", "win32"] {
            assert_eq!(format_of_node(name), Some(ObjectFormat::Pe));
        }
        for name in ["aix", "os400"] {
            assert_eq!(format_of_node(name), Some(ObjectFormat::Xcoff));
            assert_eq!(cpu_of_node_on(name, "ppc64"), Some(Cpu::Powerpc64));
            assert_eq!(cpu_of_node_on(name, "x64"), Some(Cpu::X86_64));
        }
        let on_linux = cpu_of_node_on("linux", "ppc64");
        assert_eq!(on_linux, Some(Cpu::Powerpc64Le));
        assert_eq!(format_of_node("os390"), None);
    }

    #[test]
    fn a_machine_runs_what_is_native_to_it() {
        let x86_64 = |format| Machine {
            format,
            cpu: Cpu::X86_64,
        };
        let elf = Facts::Elf(elf(Cpu::X86_64));
        assert!(x86_64(ObjectFormat::Elf).runs(&elf) && is_native_program(&elf));
        assert!(!x86_64(ObjectFormat::Pe).runs(&elf));
        assert_eq!(describe(&elf), "ELF for x86_64");

        let both = mach_o(vec![slice(Cpu::X86_64, 10, 9), slice(Cpu::Aarch64, 11, 0)]);
        assert!(x86_64(ObjectFormat::MachO).runs(&both) && is_native_program(&both));
        assert_eq!(describe(&both), "Mach-O for x86_64 and aarch64");

        for (platform, subtype, what) in [
            (2, 0, "Mach-O for iOS on aarch64"),
            (6, 0, "Mach-O for Mac Catalyst on aarch64"),
            (1, 2, "Mach-O for arm64e"),
        ] {
            let mut code = slice(Cpu::Aarch64, 14, 0);
            (code.platform, code.cpu_subtype) = (Some(platform), subtype);
            let code = mach_o(vec![code]);
            let arm64 = Machine {
                format: ObjectFormat::MachO,
                cpu: Cpu::Aarch64,
            };
            assert_eq!(
                (arm64.runs(&code), describe(&code)),
                (false, what.to_owned())
            );
        }

        let mut library = pe(Cpu::Aarch64, &[]);
        library.dll = true;
        let is_run = |pe: &Pe| x86_64(ObjectFormat::Pe).runs(&Facts::Pe(pe.clone()));
        assert!(!is_run(&library));
        assert_eq!(describe(&Facts::Pe(library.clone())), "PE for aarch64");
        assert!(!is_native_program(&Facts::Pe(library.clone())));
        library.managed = true;
        assert!(is_run(&library));

        let script = Facts::Script(Script {
            interpreter: "/bin/sh".to_owned(),
            argument: None,
        });
        assert_eq!(
            (format_of(&script), describe(&script)),
            (None, "a script".to_owned())
        );
        assert!(!is_native_program(&script));
    }

    #[test]
    fn a_file_is_for_one_of_the_systems_that_share_its_format() {
        let runs = |elf: &Elf| {
            let facts = Facts::Elf(elf.clone());
            let names = NAMES.iter().filter(|name| is_for_node_system(name, &facts));
            names.copied().collect::<Vec<_>>()
        };
        for (system, name, text) in [
            (UnixSystem::Android, "android", "ELF for Android on x86_64"),
            (UnixSystem::FreeBsd, "freebsd", "ELF for FreeBSD on x86_64"),
            (UnixSystem::Haiku, "haiku", "ELF for Haiku on x86_64"),
            (UnixSystem::NetBsd, "netbsd", "ELF for NetBSD on x86_64"),
            (UnixSystem::OpenBsd, "openbsd", "ELF for OpenBSD on x86_64"),
            (
                UnixSystem::OpenHarmony,
                "openharmony",
                "ELF for OpenHarmony on x86_64",
            ),
            (UnixSystem::Solaris, "sunos", "ELF for Solaris on x86_64"),
        ] {
            let mut file = elf(Cpu::X86_64);
            file.system = system;
            assert_eq!(runs(&file), [name]);
            file.kind = ElfKind::SharedLibrary;
            assert_eq!(runs(&file), [name]);
            assert_eq!(describe(&Facts::Elf(file)), text);
        }
        let mut file = elf(Cpu::X86_64);
        assert_eq!(runs(&file), ["android", "linux", "openharmony"]);
        file.dynamic = true;
        file.libc = Some(Libc::Glibc);
        assert_eq!(runs(&file), ["linux"]);
        file.kind = ElfKind::SharedLibrary;
        assert_eq!(runs(&file), ["linux"]);
        file.libc = None;
        assert_eq!(runs(&file), NAMES);
        assert!(is_for_node_system("linux", &mach_o(Vec::new())));
    }

    #[test]
    fn debugging_symbols_and_plugins_are_no_programs() {
        let mut object = elf(Cpu::X86_64);
        object.kind = ElfKind::Other;
        let object = Facts::Elf(object);
        assert_eq!(
            (format_of(&object), is_native_program(&object)),
            (None, false)
        );
        let mut plugin = slice(Cpu::X86_64, 10, 9);
        plugin.kind = MachOKind::Bundle;
        let file = mach_o(vec![plugin.clone()]);
        let said = (format_of(&file), is_native_program(&file));
        assert_eq!(said, (Some(ObjectFormat::MachO), false));
        plugin.kind = MachOKind::Other;
        assert_eq!(format_of(&mach_o(vec![plugin])), None);
    }

    #[test]
    fn windows_runs_programs_for_older_cpus_and_loads_no_such_libraries() {
        let windows = |cpu| Machine {
            format: ObjectFormat::Pe,
            cpu,
        };
        for (own, cpu, hybrid, program, library) in [
            (Cpu::X86_64, Cpu::X86_64, false, true, true),
            (Cpu::X86_64, Cpu::X86, false, true, false),
            (Cpu::X86_64, Cpu::Aarch64, false, false, false),
            (Cpu::Aarch64, Cpu::X86_64, false, true, false),
            (Cpu::Aarch64, Cpu::X86, false, true, false),
            // ARM64EC and ARM64X.
            (Cpu::X86_64, Cpu::X86_64, true, false, false),
            (Cpu::Aarch64, Cpu::X86_64, true, true, false),
            (Cpu::X86_64, Cpu::Aarch64, true, false, false),
            (Cpu::Aarch64, Cpu::Aarch64, true, true, true),
        ] {
            let file = |dll| {
                let mut pe = pe(cpu, &[]);
                (pe.dll, pe.hybrid) = (dll, hybrid);
                Facts::Pe(pe)
            };
            let runs = [false, true].map(|dll| windows(own).runs(&file(dll)));
            assert_eq!(runs, [program, library], "{own} {cpu} {hybrid}");
        }
        let linux = Machine {
            format: ObjectFormat::Elf,
            cpu: Cpu::X86_64,
        };
        assert!(!linux.runs(&Facts::Elf(elf(Cpu::X86))));
        assert!(!linux.runs(&Facts::Pe(pe(Cpu::X86_64, &[]))));
    }

    #[test]
    fn a_library_for_an_older_cpu_needs_a_program_that_loads_it() {
        let arm = Machine {
            format: ObjectFormat::Pe,
            cpu: Cpu::Aarch64,
        };
        let file = |cpu, dll| {
            let mut pe = pe(cpu, &[]);
            pe.dll = dll;
            Facts::Pe(pe)
        };
        let library = file(Cpu::X86_64, true);
        for (other, loads) in [
            (file(Cpu::X86_64, false), true),
            (file(Cpu::X86, false), false),
            (file(Cpu::Aarch64, false), false),
            (file(Cpu::X86_64, true), false),
        ] {
            assert_eq!(
                arm.runs_in(&library, [&other, &library]),
                loads,
                "{other:?}"
            );
        }
        // On a machine that runs neither.
        let x86 = Machine {
            cpu: Cpu::X86,
            ..arm
        };
        assert!(!x86.runs_in(&library, [&file(Cpu::X86_64, false)]));
    }
}
