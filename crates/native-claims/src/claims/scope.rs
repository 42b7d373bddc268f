//! What system and CPU a file is for.

use super::file::NativeFile;
use super::{linux, macos, windows};
use crate::facts::{Cpu, ElfKind, Facts, MachOKind};
use crate::tag::{PlatformTag, System};

impl NativeFile<'_> {
    /// Whether a system can run or load it by itself.
    pub(super) fn is_native_code(&self) -> bool {
        match self.facts {
            Facts::Elf(elf) => elf.kind != ElfKind::Other,
            Facts::MachO(mach_o) => {
                let mut slices = mach_o.slices.iter();
                slices.any(|slice| slice.kind != MachOKind::Other)
            }
            Facts::Pe(_) => true,
            Facts::Script(_) => false,
        }
    }

    /// Whether it is for the operating system and the CPU of a tag.
    pub(super) fn is_for(&self, tag: &PlatformTag) -> bool {
        match (self.facts, tag.system()) {
            (Facts::Elf(elf), System::Manylinux { .. } | System::Musllinux { .. }) => {
                linux::is_linux(elf) && linux::tag_cpus(elf.cpu).contains(&tag.cpu())
            }
            (Facts::MachO(mach_o), System::Macos { .. }) => macos::slice_for(mach_o, tag).is_some(),
            (Facts::Pe(pe), System::Windows) => {
                pe.managed || windows::tag_cpu_of(pe) == Some(tag.cpu())
            }
            _ => false,
        }
    }

    /// For a person: system and CPU.
    pub(super) fn describe(&self) -> String {
        let (system, cpus) = match self.facts {
            Facts::Elf(elf) if linux::is_linux(elf) => ("Linux", vec![elf.cpu]),
            Facts::Elf(elf) => ("another Unix system than Linux", vec![elf.cpu]),
            Facts::MachO(mach_o) => {
                let system = if mach_o.slices.iter().all(macos::is_macos) {
                    "macOS"
                } else {
                    "another system of Apple than macOS"
                };
                (
                    system,
                    mach_o.slices.iter().map(|slice| slice.cpu).collect(),
                )
            }
            Facts::Pe(pe) => ("Windows", vec![pe.cpu]),
            Facts::Script(_) => ("any system", Vec::new()),
        };
        let cpus: Vec<String> = cpus.iter().map(Cpu::to_string).collect();
        format!("{system} on {}", cpus.join(" and "))
    }
}
