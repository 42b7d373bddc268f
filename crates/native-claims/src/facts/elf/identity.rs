//! What a file is, where no field of it says so: its kind, its CPU, its C library.

use object::{Endianness, elf};

use super::dynamic::Dynamic;
use super::kind::{ElfKind, Libc};
use super::layout::Header;
use super::system::UnixSystem;
use super::versions::VersionNeed;
use crate::facts::cpu::Cpu;

/// A position-independent program and a library have one type. The linker's flag tells them apart;
/// linkers before 2015 did not set it.
pub(super) fn kind(header: &Header, has_interpreter: bool, dynamic: &Dynamic) -> ElfKind {
    match header.kind {
        elf::ET_EXEC => ElfKind::Executable,
        elf::ET_DYN => {
            let is_program = dynamic.is_pie
                || dynamic.soname.is_none()
                    && (has_interpreter || header.entry != 0 && dynamic.needed.is_empty());
            if is_program {
                ElfKind::PositionIndependentExecutable
            } else {
                ElfKind::SharedLibrary
            }
        }
        _ => ElfKind::Other,
    }
}

pub(super) fn cpu(header: &Header) -> Cpu {
    let little = header.endian == Endianness::Little;
    match (header.machine, header.is_64_bit, little) {
        (elf::EM_386, false, true) => Cpu::X86,
        (elf::EM_X86_64, true, true) => Cpu::X86_64,
        (elf::EM_ARM, false, true) => Cpu::Arm,
        (elf::EM_AARCH64, true, true) => Cpu::Aarch64,
        (elf::EM_PPC, false, false) => Cpu::Powerpc,
        (elf::EM_PPC64, true, false) => Cpu::Powerpc64,
        (elf::EM_PPC64, true, true) => Cpu::Powerpc64Le,
        (elf::EM_S390, true, false) => Cpu::S390x,
        (elf::EM_RISCV, true, true) => Cpu::Riscv64,
        (elf::EM_LOONGARCH, true, true) => Cpu::Loongarch64,
        (elf::EM_MIPS, false, false) => Cpu::Mips,
        (elf::EM_MIPS, false, true) => Cpu::Mipsel,
        (elf::EM_MIPS, true, false) => Cpu::Mips64,
        (elf::EM_MIPS, true, true) => Cpu::Mips64El,
        (machine, ..) => Cpu::Other(machine.0.into()),
    }
}

/// The interpreter is the C library's, if there is one, wherever it lies; a library of it, or its
/// versions, tell otherwise.
pub(super) fn libc(
    system: UnixSystem,
    interpreter: Option<&str>,
    needed: &[String],
    versions: &[VersionNeed],
) -> Option<Libc> {
    // The C library of OpenHarmony has the names of musl's.
    if !matches!(system, UnixSystem::Linux | UnixSystem::OpenHarmony) {
        let is_static = interpreter.is_none() && needed.is_empty();
        return (!is_static).then_some(Libc::Other);
    }
    if let Some(interpreter) = interpreter {
        let name = interpreter.rsplit('/').next().unwrap_or_default();
        if name.starts_with("ld-musl-") {
            return Some(Libc::Musl);
        }
        if name.starts_with("ld-linux") || matches!(name, "ld64.so.1" | "ld64.so.2" | "ld.so.1") {
            return Some(Libc::Glibc);
        }
    }
    let needs = |test: fn(&str) -> bool| needed.iter().any(|name| test(name));
    let has_version = |prefix: &str| {
        // The compiler's own library has versions of glibc's name with every C library.
        let others = versions
            .iter()
            .filter(|need| !need.library.starts_with("libgcc_s"));
        let mut names = others.flat_map(|need| &need.versions);
        names.any(|version| version.name.starts_with(prefix))
    };
    if needs(|name| name.starts_with("libc.musl-")) {
        Some(Libc::Musl)
    } else if has_version("GLIBC_") || needs(|name| name.starts_with("libc.so.6")) {
        Some(Libc::Glibc)
    } else if needs(|name| name == "libc.so") {
        Some(Libc::Musl)
    } else if interpreter.is_some() || needs(|name| name.starts_with("libc.so.")) {
        Some(Libc::Other)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::elf::testing::{Sample, elf};

    #[test]
    fn the_cpu_has_a_class_and_a_byte_order() {
        for (machine, wide, big, cpu) in [
            (62, true, false, Cpu::X86_64),
            (62, false, false, Cpu::Other(62)),
            (3, false, false, Cpu::X86),
            (183, true, false, Cpu::Aarch64),
            (183, true, true, Cpu::Other(183)),
            (40, false, false, Cpu::Arm),
            (20, false, true, Cpu::Powerpc),
            (20, false, false, Cpu::Other(20)),
            (21, true, true, Cpu::Powerpc64),
            (21, true, false, Cpu::Powerpc64Le),
            (22, true, true, Cpu::S390x),
            (243, true, false, Cpu::Riscv64),
            (258, true, false, Cpu::Loongarch64),
            (8, false, true, Cpu::Mips),
            (8, false, false, Cpu::Mipsel),
            (8, true, true, Cpu::Mips64),
            (8, true, false, Cpu::Mips64El),
        ] {
            let mut sample = Sample::new(wide, big);
            sample.machine = machine;
            assert_eq!(elf(&sample).cpu, cpu);
        }
    }

    #[test]
    fn programs_and_libraries_are_told_apart() {
        use ElfKind::{Executable, PositionIndependentExecutable as Pie, SharedLibrary as Library};
        // Type, then letters: flag of the linker, interpreter, soname, entry point, needed.
        for (of_type, has, kind, dynamic) in [
            (2, "e", Executable, false),
            (2, "ien", Executable, true),
            (3, "pe", Pie, false),
            (3, "ien", Pie, true),
            (3, "e", Pie, false),
            (3, "se", Library, true),
            (3, "ise", Library, true),
            (3, "n", Library, true),
        ] {
            let mut sample = Sample::new(true, false);
            sample.of_type = of_type;
            sample.pie = has.contains('p');
            sample.entry = has.contains('e').into();
            sample.soname = has.contains('s').then_some("libx.so.1");
            if !has.contains('i') {
                sample.interpreter = None;
            }
            if !has.contains('n') {
                sample.needed.clear();
            }
            let found = elf(&sample);
            assert_eq!((found.kind, found.dynamic), (kind, dynamic), "{found:?}");
        }
        for of_type in [1, 4] {
            let mut sample = Sample::new(true, false);
            sample.of_type = of_type;
            assert_eq!(elf(&sample).kind, ElfKind::Other);
        }
    }

    #[test]
    fn the_c_library_is_known_by_its_loader_or_by_its_name() {
        let libc_with = |interpreter, needed: &[&'static str], version: Option<_>| {
            let mut sample = Sample::new(true, false);
            sample.interpreter = interpreter;
            sample.needed = needed.to_vec();
            let versions = version.map(|(library, name)| (library, vec![(name, 0)]));
            sample.versions = versions.into_iter().collect();
            elf(&sample).libc
        };
        let libc = |interpreter, needed: &[&'static str], version: Option<&'static str>| {
            libc_with(interpreter, needed, version.map(|name| ("libc.so", name)))
        };
        assert_eq!(libc(None, &[], None), None);
        assert_eq!(libc(None, &["libm.so.6"], None), None);
        assert_eq!(
            libc(Some("/lib/ld-musl-x86_64.so.1"), &[], None),
            Some(Libc::Musl)
        );
        assert_eq!(
            libc(Some("/lib/ld-linux-aarch64.so.1"), &[], None),
            Some(Libc::Glibc)
        );
        assert_eq!(
            libc(Some("/system/bin/linker64"), &["libc.so"], None),
            Some(Libc::Other)
        );
        assert_eq!(libc(None, &["libc.so.6"], None), Some(Libc::Glibc));
        assert_eq!(libc(None, &[], Some("GLIBC_2.17")), Some(Libc::Glibc));
        assert_eq!(
            libc(None, &["libc.musl-x86_64.so.1"], None),
            Some(Libc::Musl)
        );
        assert_eq!(libc(None, &["libc.so"], None), Some(Libc::Musl));
        assert_eq!(libc(None, &["libc.so"], Some("LIBC")), Some(Libc::Other));
        assert_eq!(libc(None, &["libc.so.7"], None), Some(Libc::Other));
        let of_gcc = Some(("libgcc_s-85f2cd6d.so.1", "GLIBC_2.0"));
        assert_eq!(libc_with(None, &[], of_gcc), None);
        let needed = ["libc.musl-aarch64.so.1", "libgcc_s-85f2cd6d.so.1"];
        assert_eq!(libc_with(None, &needed, of_gcc), Some(Libc::Musl));
    }
}
