//! Machines that code is for: a format of executables and a CPU.

use crate::facts::{Cpu, ElfKind, Facts, MachO, MachOKind, name_of_platform};
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
    /// Returns whether this machine runs, or loads, a file.
    #[must_use]
    pub fn runs(self, facts: &Facts) -> bool {
        if format_of(facts) != Some(self.format) {
            return false;
        }
        // .NET code is compiled where it runs.
        let managed = matches!(facts, Facts::Pe(pe) if pe.managed);
        managed || cpus(facts).iter().any(|cpu| self.runs_cpu(*cpu))
    }

    /// Whether code for a CPU runs: its own, and what Windows runs for an older one.
    fn runs_cpu(self, cpu: Cpu) -> bool {
        let older = match (self.format, self.cpu) {
            (ObjectFormat::Pe, Cpu::X86_64) => &[Cpu::X86][..],
            (ObjectFormat::Pe, Cpu::Aarch64) => &[Cpu::X86, Cpu::X86_64],
            _ => &[],
        };
        self.cpu == cpu || older.contains(&cpu)
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
        Facts::MachO(mach_o) => return describe_mach_o(mach_o),
        Facts::Pe(_) => "PE",
        Facts::Script(_) => return "a script".to_owned(),
    };
    let cpus = cpus(facts).iter().map(Cpu::to_string).collect::<Vec<_>>();
    format!("{format} for {}", cpus.join(" and "))
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
    fn windows_runs_code_for_older_cpus() {
        let (elf, pe) = (ObjectFormat::Elf, ObjectFormat::Pe);
        for (format, cpu, other, runs) in [
            (pe, Cpu::X86_64, Cpu::X86, true),
            (pe, Cpu::Aarch64, Cpu::X86_64, true),
            (pe, Cpu::X86_64, Cpu::Aarch64, false),
            (elf, Cpu::X86_64, Cpu::X86_64, true),
            (elf, Cpu::X86_64, Cpu::X86, false),
        ] {
            assert_eq!(
                Machine { format, cpu }.runs_cpu(other),
                runs,
                "{cpu} {other}"
            );
        }
    }
}
