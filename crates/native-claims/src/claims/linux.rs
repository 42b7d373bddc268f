//! ELF files, against tags for Linux.

use super::carried::Carried;
use super::file::NativeFile;
use super::manylinux::{self, Has};
use super::reason::{Note, Reason};
use super::verdict::Verdict;
use crate::facts::{Cpu, Elf, Libc};
use crate::policy::{MANYLINUX, MUSLLINUX, Version};
use crate::tag::{PlatformTag, System};

/// Whether it is for Linux with one of the C libraries that tags name, or needs none.
pub(super) fn is_linux(elf: &Elf) -> bool {
    /// `EI_OSABI` of System V and of GNU.
    const LINUX: [u8; 2] = [0, 3];
    LINUX.contains(&elf.os_abi) && elf.libc != Some(Libc::Other)
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
        Cpu::Other(_) => &[],
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
        System::Macos { .. } | System::Ios { .. } | System::Windows => return,
    };
    if let Some(needs) = elf.libc.filter(|&needs| needs != promised) {
        let tag = tag.to_string();
        verdict.add(file, Reason::Libc { needs, tag });
        return;
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
    let last = MANYLINUX.all().last().map_or(0, |version| version.1);
    let mut minors: Vec<u32> = (5..=last).collect();
    // A floor that is newer than every policy is a tag of its own.
    let floor = elf
        .floor("GLIBC")
        .and_then(|(version, _)| version.numbers());
    minors.extend(floor.and_then(|numbers| numbers.get(1).copied()));
    // Which version of musl a file needs, it does not say; the newest has what others lack.
    let mut musl: Vec<Version> = MUSLLINUX.all().collect();
    if elf.libc == Some(Libc::Musl) {
        musl.drain(..musl.len() - 1);
    }
    let mut tags = Vec::new();
    // Which of two names of a CPU is true, the file does not say: the last asks most.
    if let Some(cpu) = tag_cpus(elf.cpu).last() {
        let manylinux = minors
            .iter()
            .map(|minor| format!("manylinux_2_{minor}_{cpu}"));
        let musllinux = musl
            .iter()
            .map(|Version(major, minor)| format!("musllinux_{major}_{minor}_{cpu}"));
        // Installers do not look for some of them.
        tags.extend(
            manylinux
                .chain(musllinux)
                .filter_map(|tag| tag.parse().ok()),
        );
    }
    tags
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
mod tests {
    use super::*;
    use crate::claims::testing::{Package, elf, glibc, musl, said};
    use crate::facts::Facts;

    fn package(elf: Elf) -> Package {
        Package(vec![("bin/tool", Facts::Elf(elf))])
    }

    #[test]
    fn the_newest_version_of_each_series_is_the_reason() {
        let program = glibc(
            Cpu::X86_64,
            &[
                (
                    "libc.so.6",
                    &["GLIBC_2.34", "GLIBC_2.4", "GLIBC_2.39", "GLIBC_2.38"],
                ),
                ("libstdc++.so.6", &["GLIBCXX_3.4.20", "CXXABI_1.3.11"]),
            ],
        );
        let package = package(program);
        let (reasons, _) = said(&package.claims(), "manylinux_2_17_x86_64");
        assert_eq!(
            reasons,
            [
                "bin/tool: it needs GLIBC_2.39 of libc.so.6, and manylinux_2_17_x86_64 promises \
                 GLIBC_2.17 at most",
                "bin/tool: it needs GLIBCXX_3.4.20 of libstdc++.so.6, and manylinux_2_17_x86_64 \
                 promises GLIBCXX_3.4.19 at most",
                "bin/tool: it needs CXXABI_1.3.11 of libstdc++.so.6, and manylinux_2_17_x86_64 \
                 promises CXXABI_1.3.7 at most",
            ]
        );
        assert_eq!(package.best(), ["manylinux_2_39_x86_64"]);
    }

    #[test]
    fn an_older_name_of_a_tag_promises_the_same() {
        let package = package(glibc(Cpu::X86_64, &[("libc.so.6", &["GLIBC_2.17"])]));
        for (tag, count) in [("manylinux2014_x86_64", 0), ("manylinux2010_x86_64", 1)] {
            assert_eq!(said(&package.claims(), tag).0.len(), count, "{tag}");
        }
    }

    #[test]
    fn a_version_that_no_system_promises_fits_no_tag() {
        let package = package(glibc(Cpu::X86_64, &[("libc.so.6", &["GLIBC_PRIVATE"])]));
        let (reasons, _) = said(&package.claims(), "manylinux_2_41_x86_64");
        assert_eq!(
            reasons,
            [
                "bin/tool: it needs GLIBC_PRIVATE of libc.so.6, and manylinux_2_41_x86_64 promises \
              none of that name"
            ]
        );
        assert_eq!(package.best(), [""; 0]);
    }

    #[test]
    fn a_weak_version_is_not_needed() {
        let mut program = glibc(Cpu::X86_64, &[("libc.so.6", &["GLIBC_2.38"])]);
        program.versions[0].versions[0].weak = true;
        assert_eq!(package(program).best(), ["manylinux_2_5_x86_64"]);
    }

    #[test]
    fn a_version_newer_than_every_profile_is_a_tag_of_its_own() {
        let package = package(glibc(Cpu::X86_64, &[("libc.so.6", &["GLIBC_2.57"])]));
        assert_eq!(package.best(), ["manylinux_2_57_x86_64"]);
    }

    #[test]
    fn what_the_systems_of_a_tag_have_before_its_time_is_noted() {
        let package = package(glibc(Cpu::Aarch64, &[("libc.so.6", &["GLIBC_2.18"])]));
        let (reasons, notes) = said(&package.claims(), "manylinux_2_17_aarch64");
        assert_eq!(reasons, [""; 0]);
        assert_eq!(
            notes,
            [
                "bin/tool: it needs GLIBC_2.18, which the systems of manylinux_2_17_aarch64 have \
              although their glibc is older"
            ]
        );
    }

    #[test]
    fn a_library_has_to_be_promised() {
        let libraries: &[(&str, &[&str])] = &[
            ("libssl.so.3", &["OPENSSL_3.0.0"]),
            ("libc.so.6", &[]),
            ("ld-linux-x86-64.so.2", &[]),
        ];
        let package = package(glibc(Cpu::X86_64, libraries));
        assert_eq!(
            said(&package.claims(), "manylinux_2_17_x86_64").0,
            [
                "bin/tool: it needs libssl.so.3, which manylinux_2_17_x86_64 does not promise and \
              the package does not carry where the loader looks"
            ]
        );
        assert_eq!(package.claims().missing(), [("bin/tool", "libssl.so.3")]);
        assert_eq!(package.best(), [""; 0]);
    }

    #[test]
    fn a_carried_library_and_its_versions_are_no_reason() {
        let mut program = glibc(
            Cpu::X86_64,
            &[
                ("libstdc++.so.6", &["GLIBCXX_3.4.33"]),
                ("libc.so.6", &["GLIBC_2.17"]),
            ],
        );
        program.runpath = vec!["$ORIGIN/../lib".to_owned()];
        let mut library = elf(Cpu::X86_64);
        library.libc = Some(Libc::Glibc);
        let package = Package(vec![
            ("bin/tool", Facts::Elf(program)),
            ("lib/libstdc++.so.6", Facts::Elf(library)),
        ]);
        assert_eq!(package.best(), ["manylinux_2_17_x86_64"]);
    }

    #[test]
    fn a_forbidden_symbol_is_a_reason_where_the_system_has_to_have_it() {
        let mut program = glibc(Cpu::X86_64, &[("libz.so.1", &[]), ("libc.so.6", &[])]);
        program.forbidden_symbols = vec!["inflate_table".to_owned(), "uncompress2".to_owned()];
        let with = package(program.clone());
        assert_eq!(
            said(&with.claims(), "manylinux_2_17_x86_64").0,
            [
                "bin/tool: it uses inflate_table and uncompress2 of libz.so.1, which \
                 manylinux_2_17_x86_64 does not promise"
            ]
        );
        assert_eq!(
            said(&with.claims(), "manylinux_2_34_x86_64").0,
            [
                "bin/tool: it uses inflate_table of libz.so.1, which manylinux_2_34_x86_64 does \
                 not promise"
            ]
        );
        assert_eq!(with.best(), [""; 0]);

        // A symbol that newer systems have.
        program.forbidden_symbols.remove(0);
        assert_eq!(package(program.clone()).best(), ["manylinux_2_34_x86_64"]);

        // The symbol is not looked for in a library of the system.
        let mut other = program.clone();
        other.needed.retain(|library| library != "libz.so.1");
        assert_eq!(package(other).best(), ["manylinux_2_5_x86_64"]);
        program.runpath = vec!["$ORIGIN".to_owned()];
        let carried = Package(vec![
            ("bin/tool", Facts::Elf(program)),
            ("bin/libz.so.1", Facts::Elf(elf(Cpu::X86_64))),
        ]);
        assert_eq!(carried.best()[0], "manylinux_2_5_x86_64");

        let mut musl = musl(&["libz.so.1"]);
        musl.forbidden_symbols = vec!["inflate_table".to_owned()];
        assert_eq!(
            said(&package(musl).claims(), "musllinux_1_2_x86_64").0,
            [
                "bin/tool: it uses inflate_table of libz.so.1, which musllinux_1_2_x86_64 does \
                 not promise"
            ]
        );
    }

    #[test]
    fn musl_is_not_glibc() {
        let with = package(musl(&["libz.so.1"]));
        assert_eq!(with.best(), ["musllinux_1_2_x86_64"]);
        assert_eq!(
            said(&with.claims(), "manylinux_2_17_x86_64").0,
            ["bin/tool: it needs musl, and manylinux_2_17_x86_64 promises glibc"]
        );
        let more = package(musl(&["libgcc_s.so.1"]));
        assert_eq!(
            said(&more.claims(), "musllinux_1_2_x86_64").0,
            [
                "bin/tool: it needs libgcc_s.so.1, which musllinux_1_2_x86_64 does not promise and \
              the package does not carry where the loader looks"
            ]
        );
    }
}
