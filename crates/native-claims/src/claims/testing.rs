//! Facts of files that are nowhere.

use super::check::{Claims, allowed};
use super::verdict::Verdict;
use crate::facts::{
    AppleVersion, Cpu, Dylib, Elf, ElfKind, Facts, Libc, MachO, MachOKind, MachOSlice, Pe,
    Segments, Signature, SliceLayout, Stack, SymbolVersion, UnixSystem, VersionNeed,
    WindowsVersion,
};

/// A package.
pub(crate) struct Package(pub(crate) Vec<(&'static str, Facts)>);

impl Package {
    pub(crate) fn claims(&self) -> Claims<'_> {
        self.with_entrypoint(None)
    }

    pub(crate) fn with_entrypoint<'a>(&'a self, entrypoint: Option<&'a str>) -> Claims<'a> {
        allowed(
            self.0.iter().map(|(path, facts)| (*path, facts)),
            entrypoint,
        )
    }

    pub(crate) fn best(&self) -> Vec<String> {
        self.claims()
            .best()
            .iter()
            .map(ToString::to_string)
            .collect()
    }
}

/// The verdict on a tag, reasons and notes as they are shown.
pub(crate) fn said(claims: &Claims<'_>, tag: &str) -> (Vec<String>, Vec<String>) {
    let Verdict { reasons, notes } = claims.check(&tag.parse().unwrap());
    (
        reasons
            .iter()
            .map(|(path, reason)| format!("{path}: {reason}"))
            .collect(),
        notes
            .iter()
            .map(|(path, note)| format!("{path}: {note}"))
            .collect(),
    )
}

/// A static program.
pub(crate) fn elf(cpu: Cpu) -> Elf {
    Elf {
        kind: ElfKind::PositionIndependentExecutable,
        cpu,
        is_64_bit: true,
        little_endian: true,
        os_abi: 0,
        system: UnixSystem::Linux,
        android_api: None,
        dynamic: false,
        interpreter: None,
        needed: Vec::new(),
        soname: None,
        libc: None,
        versions: Vec::new(),
        forbidden_symbols: Vec::new(),
        rpath: Vec::new(),
        has_runpath: false,
        runpath: Vec::new(),
        has_relr: false,
        segments: Segments {
            largest_page: 65536,
            alignment: 65536,
            aligned: true,
            ascending: true,
        },
        stack: Stack::NotExecutable,
        isa_level: None,
    }
}

/// Gives a file a `DT_RUNPATH`.
pub(crate) fn set_runpath(elf: &mut Elf, directories: &[&str]) {
    elf.has_runpath = true;
    elf.runpath = directories.iter().map(ToString::to_string).collect();
}

/// A program for musl.
pub(crate) fn musl(needed: &[&str]) -> Elf {
    let mut elf = elf(Cpu::X86_64);
    elf.libc = Some(Libc::Musl);
    elf.needed = needed.iter().map(ToString::to_string).collect();
    elf.needed.push("libc.musl-x86_64.so.1".to_owned());
    elf
}

/// A program for glibc that needs libraries and versions of them.
pub(crate) fn glibc(cpu: Cpu, needed: &[(&str, &[&str])]) -> Elf {
    let mut elf = elf(cpu);
    elf.libc = Some(Libc::Glibc);
    for (library, versions) in needed {
        elf.needed.push((*library).to_owned());
        let version = |name: &&str| SymbolVersion {
            name: (*name).to_owned(),
            weak: false,
        };
        elf.versions.push(VersionNeed {
            library: (*library).to_owned(),
            versions: versions.iter().map(version).collect(),
        });
    }
    elf
}

/// A signed program for macOS.
pub(crate) fn slice(cpu: Cpu, major: u16, minor: u8) -> MachOSlice {
    MachOSlice {
        cpu,
        cpu_type: 0,
        cpu_subtype: if cpu == Cpu::X86_64 { 3 } else { 0 },
        kind: MachOKind::Executable,
        platform: Some(1),
        minimum: Some(AppleVersion {
            major,
            minor,
            patch: 0,
        }),
        also: Vec::new(),
        signed: true,
        signature: Signature::Intact,
        needed: Vec::new(),
        rpaths: Vec::new(),
        install_name: None,
        layout: SliceLayout::default(),
    }
}

pub(crate) fn dylib(path: &str) -> Dylib {
    Dylib {
        path: path.to_owned(),
        weak: false,
    }
}

pub(crate) fn mach_o(slices: Vec<MachOSlice>) -> Facts {
    Facts::MachO(MachO {
        universal: slices.len() > 1,
        slices,
    })
}

/// A program for Windows.
pub(crate) fn pe(cpu: Cpu, imports: &[&str]) -> Pe {
    let version = WindowsVersion { major: 6, minor: 0 };
    Pe {
        cpu,
        is_64_bit: true,
        dll: false,
        managed: false,
        hybrid: false,
        subsystem: 3,
        os_version: version,
        subsystem_version: version,
        imports: imports.iter().map(ToString::to_string).collect(),
        delay_imports: Vec::new(),
        signed: false,
    }
}
