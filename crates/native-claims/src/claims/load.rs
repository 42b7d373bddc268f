//! What makes every loader of Linux refuse a file, whatever tag its package has.

use std::fmt;

use crate::facts::{Cpu, Elf, ElfKind, Libc, UnixSystem};

/// Why no loader of Linux takes a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadFault {
    /// A loaded segment lies in the file and in memory at different places of a page.
    Pages,
    /// The addresses of the loaded segments of a library do not ascend.
    Order,
    /// It needs glibc and has packed relocations, and does not need the version of symbols that
    /// says so. Before 2.36 glibc does not apply such relocations, and from then on it refuses.
    Relocations,
}

impl fmt::Display for LoadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pages => {
                "the address and the offset of one of its segments differ modulo the size of a \
                 page, so that it cannot be mapped"
            }
            Self::Order => "the addresses of its segments do not ascend, so that glibc refuses it",
            Self::Relocations => {
                "it has packed relocations (DT_RELR) and does not need GLIBC_ABI_DT_RELR: glibc \
                 refuses it from 2.36 on, and does not apply them before"
            }
        })
    }
}

/// The name of the version of symbols with which glibc says that it applies packed relocations.
const RELR_VERSION: &str = "GLIBC_ABI_DT_RELR";

/// Returns why no loader of Linux takes a file; nothing for files of other systems.
#[must_use]
pub fn load_fault(elf: &Elf) -> Option<LoadFault> {
    /// The smallest pages that a kernel has.
    const SMALLEST_PAGE: u64 = 4096;
    if elf.system != UnixSystem::Linux || elf.kind == ElfKind::Other {
        return None;
    }
    if elf.segments.largest_page < SMALLEST_PAGE {
        return Some(LoadFault::Pages);
    }
    if !elf.is_executable() && !elf.segments.ascending {
        return Some(LoadFault::Order);
    }
    let needs_glibc = || elf.needed.iter().any(|name| name.starts_with("libc.so."));
    let is_glibcs = elf.libc == Some(Libc::Glibc) && needs_glibc() && !elf.versions.is_empty();
    (elf.has_relr && is_glibcs && !names_relr(elf)).then_some(LoadFault::Relocations)
}

/// Whether a file needs the version of symbols with which glibc applies packed relocations.
pub(super) fn names_relr(elf: &Elf) -> bool {
    let mut versions = elf.versions.iter().flat_map(|need| &need.versions);
    versions.any(|version| version.name == RELR_VERSION)
}

/// Returns the largest pages that a file can be mapped with, and the largest that kernels of its CPU
/// have, both in bytes, where these are larger.
///
/// RHEL 7 and 8 and kernels for servers have pages of 64 KiB on aarch64, as every large distribution
/// has on ppc64le; those of `LoongArch` have 16 KiB.
#[must_use]
pub fn needs_small_pages(elf: &Elf) -> Option<(u64, u64)> {
    let largest = match elf.cpu {
        Cpu::Aarch64 | Cpu::Powerpc64 | Cpu::Powerpc64Le => 64 << 10,
        Cpu::Loongarch64 => 16 << 10,
        _ => return None,
    };
    if elf.system != UnixSystem::Linux || elf.kind == ElfKind::Other {
        return None;
    }
    let fits = elf.segments.alignment.min(elf.segments.largest_page);
    (fits < largest).then_some((fits, largest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::testing::{elf, glibc, musl};

    #[test]
    fn segments_are_mapped_page_by_page() {
        for (largest_page, fault) in [
            (1, Some(LoadFault::Pages)),
            (2048, Some(LoadFault::Pages)),
            (4096, None),
            (65536, None),
        ] {
            let mut file = elf(Cpu::X86_64);
            file.segments.largest_page = largest_page;
            assert_eq!(load_fault(&file), fault, "{largest_page}");
            file.kind = ElfKind::SharedLibrary;
            assert_eq!(load_fault(&file), fault, "{largest_page}");
            file.system = UnixSystem::FreeBsd;
            assert_eq!(load_fault(&file), None);
        }
    }

    #[test]
    fn only_glibc_wants_addresses_to_ascend() {
        let mut file = elf(Cpu::X86_64);
        file.segments.ascending = false;
        assert_eq!(load_fault(&file), None);
        file.kind = ElfKind::SharedLibrary;
        assert_eq!(load_fault(&file), Some(LoadFault::Order));
    }

    #[test]
    fn packed_relocations_want_a_version_where_glibc_is_needed() {
        let libc: &[(&str, &[&str])] = &[("libc.so.6", &["GLIBC_2.17"])];
        let mut file = glibc(Cpu::X86_64, libc);
        assert_eq!(load_fault(&file), None);
        file.has_relr = true;
        assert_eq!(load_fault(&file), Some(LoadFault::Relocations));
        let libc: &[(&str, &[&str])] = &[("libc.so.6", &["GLIBC_2.17", RELR_VERSION])];
        let mut named = glibc(Cpu::X86_64, libc);
        named.has_relr = true;
        assert_eq!(load_fault(&named), None);
        // glibc looks for the version only where libc is needed and has versions.
        let mut none = glibc(Cpu::X86_64, &[("libm.so.6", &["GLIBC_2.17"])]);
        none.has_relr = true;
        assert_eq!(load_fault(&none), None);
        let mut other = musl(&[]);
        other.has_relr = true;
        assert_eq!(load_fault(&other), None);
        let mut fixed = elf(Cpu::X86_64);
        fixed.has_relr = true;
        assert_eq!(load_fault(&fixed), None);
    }

    #[test]
    fn kernels_of_some_cpus_have_large_pages() {
        for (cpu, alignment, largest_page, found) in [
            (Cpu::X86_64, 4096, 4096, None),
            (Cpu::Riscv64, 4096, 4096, None),
            (Cpu::Aarch64, 65536, 65536, None),
            (Cpu::Aarch64, 4096, 65536, Some((4096, 65536))),
            (Cpu::Aarch64, 65536, 16384, Some((16384, 65536))),
            (Cpu::Powerpc64Le, 4096, 4096, Some((4096, 65536))),
            (Cpu::Loongarch64, 16384, 16384, None),
            (Cpu::Loongarch64, 4096, 4096, Some((4096, 16384))),
        ] {
            let mut file = elf(cpu);
            file.segments.alignment = alignment;
            file.segments.largest_page = largest_page;
            assert_eq!(needs_small_pages(&file), found, "{cpu} {alignment}");
            file.system = UnixSystem::Android;
            assert_eq!(needs_small_pages(&file), None);
        }
    }
}
