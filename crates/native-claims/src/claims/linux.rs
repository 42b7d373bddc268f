//! ELF files, against tags for Linux.

use super::carried::Carried;
use super::file::NativeFile;
use super::load::{load_fault, names_relr};
use super::loader::loader_fault;
use super::manylinux::{self, Has};
use super::reason::{Note, Reason};
use super::verdict::Verdict;
use crate::facts::{Cpu, Elf, Libc, UnixSystem};
use crate::policy::{MANYLINUX, MUSLLINUX, Version, musl_lacks};
use crate::tag::{PlatformTag, System};

/// Whether it is for Linux with one of the C libraries that tags name, or needs none.
pub(super) fn is_linux(elf: &Elf) -> bool {
    elf.system == UnixSystem::Linux && elf.libc != Some(Libc::Other)
}

/// What tags call a CPU; of several names the oldest first.
pub(super) fn tag_cpus(cpu: Cpu) -> &'static [&'static str] {
    match cpu {
        Cpu::X86 => &["i686"],
        Cpu::X86_64 => &["x86_64"],
        Cpu::Arm => &["armv6l", "armv7l"],
        Cpu::Aarch64 => &["aarch64"],
        Cpu::Powerpc64 => &["ppc64"],
        Cpu::Powerpc64Le => &["ppc64le"],
        Cpu::S390x => &["s390x"],
        Cpu::Riscv64 => &["riscv64"],
        Cpu::Loongarch64 => &["loongarch64"],
        Cpu::Powerpc | Cpu::Mips | Cpu::Mipsel | Cpu::Mips64 | Cpu::Mips64El | Cpu::Other(_) => &[],
    }
}

/// Returns whether every Linux with the musl of a tag has a library.
fn musl_has(musl: Version, library: &str) -> bool {
    MUSLLINUX.has_library(musl, library)
        || library.starts_with("libc.musl-")
        || library.starts_with("ld-musl-")
}

pub(super) fn check(
    carried: &Carried<'_>,
    file: NativeFile<'_>,
    elf: &Elf,
    tag: &PlatformTag,
    verdict: &mut Verdict,
) {
    let (promised, policies, version) = match tag.system() {
        System::Musllinux { major, minor } => (Libc::Musl, &MUSLLINUX, Version(major, minor)),
        System::Manylinux { major, minor } => (Libc::Glibc, &MANYLINUX, Version(major, minor)),
        System::Linux => {
            // It promises no C library.
            if let Some(needs) = elf.libc {
                let tag = tag.to_string();
                verdict.add(file, Reason::Libc { needs, tag });
            }
            return;
        }
        System::Macos { .. } | System::Ios { .. } | System::Android { .. } | System::Windows => {
            return;
        }
    };
    if let Some(needs) = elf.libc.filter(|&needs| needs != promised) {
        let tag = tag.to_string();
        verdict.add(file, Reason::Libc { needs, tag });
        return;
    }
    for reason in load(elf, promised, version, tag) {
        verdict.add(file, reason);
    }
    if promised == Libc::Musl {
        // The images for musllinux_1_2 have 1.2.5, whose compiler packs relocations.
        if version >= Version(1, 2) && elf.has_relr && elf.dynamic {
            let tag = tag.to_string();
            verdict.note(file, Note::Relocations { tag });
        }
        if let Some(reason) = functions(elf, version, tag) {
            verdict.add(file, reason);
        }
    }
    for library in &elf.needed {
        if carried.has(file, library) {
            continue;
        }
        let has = match promised {
            Libc::Musl => musl_has(version, library),
            _ => manylinux::has_library(version, library),
        };
        if !has {
            let (library, tag) = (library.clone(), tag.to_string());
            verdict.add(file, Reason::Library { library, tag });
        }
        let symbols = elf.forbidden_symbols.iter();
        let symbols = symbols.filter(|symbol| policies.forbids(version, library, symbol));
        let symbols: Vec<String> = symbols.cloned().collect();
        if !symbols.is_empty() {
            let (library, tag) = (library.clone(), tag.to_string());
            let reason = Reason::Symbols {
                symbols,
                library,
                tag,
            };
            verdict.add(file, reason);
        }
    }
    if promised == Libc::Glibc {
        versions(carried, file, elf, version, tag, verdict);
    }
}

/// Why systems of a tag do not load a file, whatever it needs.
fn load(elf: &Elf, promised: Libc, version: Version, tag: &PlatformTag) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    reasons.extend(loader_fault(elf).map(Reason::Loader));
    let fault = load_fault(elf);
    reasons.extend(fault.map(Reason::Load));
    let tag = tag.to_string();
    let (newer, since) = match promised {
        Libc::Musl => (version >= Version(1, 2), "musl 1.2.4"),
        _ => (version >= Version(2, 36), "glibc 2.36"),
    };
    // Where the version of symbols is needed, that is the reason.
    if elf.has_relr && elf.dynamic && !newer && fault.is_none() && !names_relr(elf) {
        let tag = tag.clone();
        reasons.push(Reason::Relocations { since, tag });
    }
    let before = promised == Libc::Glibc && version < Version(2, 35);
    if before && !elf.is_executable() && !elf.segments.aligned && fault.is_none() {
        reasons.push(Reason::Alignment { tag });
    }
    reasons
}

/// The functions of a newer musl that a file uses. Where it needs other libraries too, one of them
/// may have the function.
fn functions(elf: &Elf, musl: Version, tag: &PlatformTag) -> Option<Reason> {
    if !elf.needed.iter().all(|library| musl_has(musl, library)) {
        return None;
    }
    let symbols = elf.forbidden_symbols.iter();
    let symbols: Vec<String> = symbols
        .filter(|symbol| musl_lacks(musl, symbol))
        .cloned()
        .collect();
    (!symbols.is_empty()).then(|| Reason::Symbols {
        symbols,
        library: "musl".to_owned(),
        tag: tag.to_string(),
    })
}

/// Of the versions of one library that are not promised, the newest of each series is the reason.
fn versions(
    carried: &Carried<'_>,
    file: NativeFile<'_>,
    elf: &Elf,
    glibc: Version,
    tag: &PlatformTag,
    verdict: &mut Verdict,
) {
    for need in &elf.versions {
        if carried.has(file, &need.library) {
            continue;
        }
        let mut newest: Vec<(&str, Option<Vec<u32>>, Reason)> = Vec::new();
        for version in need.versions.iter().filter(|version| !version.weak) {
            let series = version.series().unwrap_or(&version.name);
            let numbers = version.numbers();
            let name = &version.name;
            let promised = match manylinux::has_version(tag.cpu(), glibc, name) {
                Has::Yes => continue,
                Has::Backported => {
                    let (version, tag) = (name.clone(), tag.to_string());
                    verdict.note(file, Note::Backported { version, tag });
                    continue;
                }
                Has::UpTo(newest) => Some(newest),
                Has::No => None,
            };
            let reason = Reason::Version {
                version: name.clone(),
                library: need.library.clone(),
                promised,
                newer: manylinux::is_promised(tag.cpu(), name),
                tag: tag.to_string(),
            };
            match newest.iter_mut().find(|known| known.0 == series) {
                Some(known) if known.1 < numbers => *known = (series, numbers, reason),
                Some(_) => {}
                None => newest.push((series, numbers, reason)),
            }
        }
        for (_, _, reason) in newest {
            verdict.add(file, reason);
        }
    }
}

/// The tags that a package with this file may have, those that ask least first.
pub(super) fn candidates(elf: &Elf) -> Vec<PlatformTag> {
    if !is_linux(elf) {
        return Vec::new();
    }
    // Which of two names of a CPU is true, the file does not say: the last asks most.
    let Some(cpu) = tag_cpus(elf.cpu).last() else {
        return Vec::new();
    };
    let glibc = manylinux(cpu, [elf]);
    glibc.into_iter().chain(musllinux(cpu)).collect()
}

/// The tags of manylinux for a CPU, up to what a package with these files may need.
pub(super) fn manylinux<'a>(
    cpu: &str,
    files: impl IntoIterator<Item = &'a Elf>,
) -> Vec<PlatformTag> {
    // No older C library runs on the CPU.
    let Some(Version(_, first)) = MANYLINUX.first(cpu) else {
        return Vec::new();
    };
    let last = MANYLINUX.all().last().map_or(0, |version| version.1);
    // A floor that is newer than every policy is a tag of its own.
    let floors = files.into_iter().filter_map(|elf| {
        let numbers = elf.floor("GLIBC")?.0.numbers()?;
        numbers.get(1).copied().filter(|floor| *floor > last)
    });
    let mut minors = (first..=last).chain(floors).collect::<Vec<_>>();
    minors.sort_unstable();
    minors.dedup();
    let tags = minors
        .iter()
        .map(|minor| format!("manylinux_2_{minor}_{cpu}"));
    // Installers do not look for some of them.
    tags.filter_map(|tag| tag.parse().ok()).collect()
}

/// The tags of musllinux for a CPU.
pub(super) fn musllinux(cpu: &str) -> Vec<PlatformTag> {
    let Some(first) = MUSLLINUX.first(cpu) else {
        return Vec::new();
    };
    let versions = MUSLLINUX.all().filter(|version| *version >= first);
    let tags = versions.map(|Version(major, minor)| format!("musllinux_{major}_{minor}_{cpu}"));
    tags.filter_map(|tag| tag.parse().ok()).collect()
}

/// Libraries that no system has.
pub(super) fn missing<'a>(
    carried: &Carried<'_>,
    file: NativeFile<'_>,
    elf: &'a Elf,
) -> Vec<&'a str> {
    const ANY: Version = Version(u32::MAX, u32::MAX);
    let names = elf.needed.iter().map(String::as_str);
    let elsewhere = |name: &&str| {
        manylinux::has_library(ANY, name) || musl_has(ANY, name) || carried.has(file, name)
    };
    names.filter(|name| !elsewhere(name)).collect()
}

#[cfg(test)]
mod tests;
