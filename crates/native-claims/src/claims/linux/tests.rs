use super::*;
use crate::claims::testing::{Package, elf, glibc, musl, said, set_runpath};
use crate::facts::{ElfKind, Facts};

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
    set_runpath(&mut program, &["$ORIGIN/../lib"]);
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
    set_runpath(&mut program, &["$ORIGIN"]);
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
    assert_eq!(with.best(), ["musllinux_1_1_x86_64"]);
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

#[test]
fn no_tag_is_of_a_system_that_never_was() {
    for (cpu, best) in [
        (
            Cpu::Riscv64,
            &["manylinux_2_31_riscv64", "musllinux_1_1_riscv64"][..],
        ),
        (
            Cpu::Loongarch64,
            &["manylinux_2_36_loongarch64", "musllinux_1_2_loongarch64"],
        ),
        (Cpu::Powerpc64, &["manylinux_2_17_ppc64"]),
        (
            Cpu::Powerpc64Le,
            &["manylinux_2_17_ppc64le", "musllinux_1_1_ppc64le"],
        ),
        (Cpu::S390x, &["manylinux_2_17_s390x", "musllinux_1_1_s390x"]),
        (Cpu::X86, &["manylinux_2_5_i686", "musllinux_1_1_i686"]),
        (Cpu::Other(8), &[]),
    ] {
        assert_eq!(package(elf(cpu)).best(), best, "{cpu}");
    }
    let newer = glibc(Cpu::Riscv64, &[("libc.so.6", &["GLIBC_2.34"])]);
    assert_eq!(package(newer).best(), ["manylinux_2_34_riscv64"]);
    let older = glibc(Cpu::Riscv64, &[("libc.so.6", &["GLIBC_2.27"])]);
    assert_eq!(package(older).best(), ["manylinux_2_31_riscv64"]);
}

#[test]
fn a_function_of_a_newer_musl_is_a_reason() {
    let mut program = musl(&["libz.so.1"]);
    program.forbidden_symbols = vec!["qsort_r".to_owned(), "reallocarray".to_owned()];
    let newer = package(program.clone());
    assert_eq!(newer.best(), ["musllinux_1_2_x86_64"]);
    assert_eq!(
        said(&newer.claims(), "musllinux_1_1_x86_64").0,
        [
            "bin/tool: it uses qsort_r and reallocarray of musl, which musllinux_1_1_x86_64 \
             does not promise"
        ]
    );
    // Another library may have it.
    program.needed.push("libbsd.so.0".to_owned());
    set_runpath(&mut program, &["$ORIGIN"]);
    let mut carried = package(program.clone());
    carried
        .0
        .push(("bin/libbsd.so.0", Facts::Elf(elf(Cpu::X86_64))));
    assert_eq!(carried.best(), ["musllinux_1_1_x86_64"]);
    // glibc has had it for long.
    let mut other = glibc(Cpu::X86_64, &[("libc.so.6", &["GLIBC_2.26"])]);
    other.forbidden_symbols = vec!["reallocarray".to_owned()];
    assert_eq!(package(other).best(), ["manylinux_2_26_x86_64"]);
}

#[test]
fn packed_relocations_need_a_loader_that_applies_them() {
    let with = |mut program: Elf| {
        program.has_relr = true;
        program.dynamic = true;
        package(program)
    };
    let named: &[(&str, &[&str])] = &[("libc.so.6", &["GLIBC_2.17", "GLIBC_ABI_DT_RELR"])];
    assert_eq!(
        with(glibc(Cpu::X86_64, named)).best(),
        ["manylinux_2_36_x86_64"]
    );
    let unnamed: &[(&str, &[&str])] = &[("libc.so.6", &["GLIBC_2.17"])];
    let refused = with(glibc(Cpu::X86_64, unnamed));
    assert_eq!(refused.best(), [""; 0]);
    for tag in ["manylinux_2_17_x86_64", "manylinux_2_39_x86_64"] {
        let (reasons, _) = said(&refused.claims(), tag);
        assert_eq!(reasons.len(), 1, "{reasons:?}");
        assert!(
            reasons[0].contains("does not need GLIBC_ABI_DT_RELR"),
            "{reasons:?}"
        );
    }
    // Nothing of libc is needed.
    let library = with(elf(Cpu::X86_64));
    let best = ["manylinux_2_36_x86_64", "musllinux_1_2_x86_64"];
    assert_eq!(library.best(), best);
    assert_eq!(
        said(&library.claims(), "manylinux_2_35_x86_64").0,
        [
            "bin/tool: it has packed relocations (DT_RELR), which are applied from glibc 2.36 \
             on: manylinux_2_35_x86_64 promises no version of that"
        ]
    );
    let other = with(musl(&[]));
    assert_eq!(other.best(), ["musllinux_1_2_x86_64"]);
    assert_eq!(
        said(&other.claims(), "musllinux_1_1_x86_64").0,
        [
            "bin/tool: it has packed relocations (DT_RELR), which are applied from musl 1.2.4 \
             on: musllinux_1_1_x86_64 promises no version of that"
        ]
    );
    let (reasons, notes) = said(&other.claims(), "musllinux_1_2_x86_64");
    assert_eq!(reasons, [""; 0]);
    assert_eq!(
        notes,
        [
            "bin/tool: it has packed relocations (DT_RELR), which musl applies from 1.2.4 on, \
             and systems with an older one are among those of musllinux_1_2_x86_64"
        ]
    );
    // A static program applies its own.
    let mut fixed = elf(Cpu::X86_64);
    fixed.has_relr = true;
    assert_eq!(package(fixed).best()[0], "manylinux_2_5_x86_64");
}

#[test]
fn segments_that_a_loader_refuses_are_a_reason() {
    let mut library = elf(Cpu::X86_64);
    library.kind = ElfKind::SharedLibrary;
    library.segments.aligned = false;
    // musl does not look at it.
    let best = ["manylinux_2_35_x86_64", "musllinux_1_1_x86_64"];
    assert_eq!(package(library.clone()).best(), best);
    assert_eq!(
        said(&package(library.clone()).claims(), "manylinux_2_34_x86_64").0,
        [
            "bin/tool: its segments are not aligned as they say, and glibc before 2.35 refuses \
             such a library: manylinux_2_34_x86_64 promises no newer one"
        ]
    );
    library.kind = ElfKind::PositionIndependentExecutable;
    assert_eq!(package(library.clone()).best()[0], "manylinux_2_5_x86_64");
    library.segments.largest_page = 1;
    let refused = package(library);
    assert_eq!(refused.best(), [""; 0]);
    let (reasons, _) = said(&refused.claims(), "musllinux_1_2_x86_64");
    assert_eq!(reasons.len(), 1);
    assert!(
        reasons[0].contains("differ modulo the size of a page"),
        "{reasons:?}"
    );
}
