//! Machines that code is for: a format of executables and a CPU.

use crate::facts::{Cpu, ElfKind, Facts, MachOKind};
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
    format!("{format} for {}", cpus.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;

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
