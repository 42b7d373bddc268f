//! Machines that code is for: a format of executables and a CPU.

use crate::facts::{Cpu, ElfKind, Facts, MachOKind, Pe};
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
        Facts::Script(_) => None,
    }
}

/// The CPUs that a file has code for.
fn cpus(facts: &Facts) -> Vec<Cpu> {
    match facts {
        Facts::Elf(elf) => vec![elf.cpu],
        Facts::MachO(mach_o) => mach_o.slices.iter().map(|slice| slice.cpu).collect(),
        Facts::Pe(pe) => vec![pe.cpu],
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
        "ppc64" => Cpu::Powerpc64Le,
        "riscv64" => Cpu::Riscv64,
        "s390x" => Cpu::S390x,
        "x64" => Cpu::X86_64,
        _ => return None,
    })
}

/// Returns the format of executables of a system by its name in Node.js (`process.platform`).
pub fn format_of_node(name: &str) -> Option<ObjectFormat> {
    Some(match name {
        "android" | "freebsd" | "haiku" | "linux" | "netbsd" | "openbsd" | "sunos" => {
            ObjectFormat::Elf
        }
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
        Facts::Script(_) => false,
    }
}

/// Returns what a file is, for a person: `ELF for x86_64`.
pub fn describe(facts: &Facts) -> String {
    let format = match facts {
        Facts::Elf(_) => "ELF",
        Facts::MachO(_) => "Mach-O",
        Facts::Pe(_) => "PE",
        Facts::Script(_) => return "a script".to_owned(),
    };
    let cpus = cpus(facts).iter().map(Cpu::to_string).collect::<Vec<_>>();
    let kind = match facts {
        Facts::Pe(pe) if pe.hybrid && pe.cpu == Cpu::X86_64 => " (ARM64EC)",
        _ => "",
    };
    format!("{format} for {}{kind}", cpus.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::testing::{elf, mach_o, pe, slice};
    use crate::facts::{Pe, Script};

    #[test]
    fn nodes_names_of_cpus_and_systems_are_known() {
        for (name, cpu) in [
            ("arm", Cpu::Arm),
            ("arm64", Cpu::Aarch64),
            ("ia32", Cpu::X86),
            ("loong64", Cpu::Loongarch64),
            ("ppc64", Cpu::Powerpc64Le),
            ("riscv64", Cpu::Riscv64),
            ("s390x", Cpu::S390x),
            ("x64", Cpu::X86_64),
        ] {
            assert_eq!(cpu_of_node(name), Some(cpu));
        }
        assert_eq!(cpu_of_node("mips"), None);
        for name in [
            "android", "freebsd", "haiku", "linux", "netbsd", "openbsd", "sunos",
        ] {
            assert_eq!(format_of_node(name), Some(ObjectFormat::Elf));
        }
        assert_eq!(format_of_node("darwin"), Some(ObjectFormat::MachO));
        for name in ["cygwin", "win32"] {
            assert_eq!(format_of_node(name), Some(ObjectFormat::Pe));
        }
        assert_eq!(format_of_node("aix"), None);
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
