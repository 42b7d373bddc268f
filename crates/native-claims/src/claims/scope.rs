//! What system and CPU a file is for.

use super::file::NativeFile;
use super::{android, linux, macos, windows};
use crate::facts::{Cpu, ElfKind, Facts, MachOKind, UnixSystem};
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
            Facts::Pe(_) | Facts::Xcoff(_) => true,
            Facts::Script(_) => false,
        }
    }

    /// Whether it is for the operating system and the CPU of a tag.
    pub(super) fn is_for(&self, tag: &PlatformTag) -> bool {
        match (self.facts, tag.system()) {
            (
                Facts::Elf(elf),
                System::Manylinux { .. } | System::Musllinux { .. } | System::Linux,
            ) => linux::is_linux(elf) && linux::tag_cpus(elf.cpu).contains(&tag.cpu()),
            (Facts::Elf(elf), System::Android { .. }) => android::is_for(elf, tag),
            (Facts::MachO(mach_o), System::Macos { .. } | System::Ios { .. }) => {
                macos::is_for(mach_o, tag)
            }
            (Facts::Pe(pe), System::Windows) => {
                pe.managed || windows::tag_cpu_of(pe) == Some(tag.cpu())
            }
            _ => false,
        }
    }

    /// For a person: system and CPU.
    pub(super) fn describe(&self) -> String {
        let (system, cpus) = match self.facts {
            Facts::Elf(elf) if elf.system == UnixSystem::Linux && !linux::is_linux(elf) => {
                ("Linux with another C library", vec![elf.cpu])
            }
            Facts::Elf(elf) => (&*elf.system.to_string(), vec![elf.cpu]),
            Facts::MachO(mach_o) => return macos::describe(mach_o),
            Facts::Pe(pe) => ("Windows", vec![pe.cpu]),
            Facts::Xcoff(xcoff) => ("AIX", vec![xcoff.cpu]),
            Facts::Script(_) => ("any system", Vec::new()),
        };
        let cpus: Vec<String> = cpus.iter().map(Cpu::to_string).collect();
        format!("{system} on {}", cpus.join(" and "))
    }
}
