use std::io::Cursor;

use native_claims::facts::{
    self, Cpu, Elf, Libc, Pe, SymbolVersion, UnixSystem, VersionNeed, WindowsVersion,
};

use super::*;
use crate::audit::finding::{Finding, Findings};
use crate::base::failure::Advice as _;
use crate::contents::{File, Object};
use crate::product::known_targets;

/// A static program, as a linker makes one.
fn elf(cpu: Cpu) -> Elf {
    let mut bytes = vec![0; 64 + 56];
    bytes[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    // Type, machine, version, entry point, place of the program headers, their size and number.
    for (at, value) in [
        (16, 2),
        (18, 62),
        (20, 1),
        (25, 1),
        (32, 64),
        (54, 56),
        (56, 1),
    ] {
        bytes[at] = value;
    }
    // One that is loaded: 4 KiB pages.
    for (at, value) in [(64, 1), (64 + 49, 0x10)] {
        bytes[at] = value;
    }
    match facts::read(&mut Cursor::new(bytes)).unwrap() {
        Some(Facts::Elf(elf)) => Elf { cpu, ..elf },
        other => panic!("{other:?}"),
    }
}

/// A program that needs a C library, and versions of its symbols.
fn dynamic(cpu: Cpu, libc: Libc, needed: &[&str], versions: &[&str]) -> Facts {
    let mut elf = elf(cpu);
    (elf.dynamic, elf.libc) = (true, Some(libc));
    elf.needed = needed.iter().map(ToString::to_string).collect();
    let version = |name: &&str| SymbolVersion {
        name: (*name).to_owned(),
        weak: false,
    };
    elf.versions = vec![VersionNeed {
        library: "libc.so.6".to_owned(),
        versions: versions.iter().map(version).collect(),
    }];
    Facts::Elf(elf)
}

fn glibc(cpu: Cpu, version: &str) -> Facts {
    dynamic(cpu, Libc::Glibc, &["libc.so.6"], &[version])
}

fn android(api: Option<u32>) -> Facts {
    let mut elf = elf(Cpu::Aarch64);
    (elf.system, elf.android_api) = (UnixSystem::Android, api);
    (elf.dynamic, elf.libc, elf.needed) = (true, Some(Libc::Other), vec!["libc.so".to_owned()]);
    Facts::Elf(elf)
}

fn pe(cpu: Cpu) -> Facts {
    let version = WindowsVersion { major: 6, minor: 0 };
    Facts::Pe(Pe {
        cpu,
        is_64_bit: true,
        dll: false,
        managed: false,
        hybrid: false,
        subsystem: 3,
        os_version: version,
        subsystem_version: version,
        imports: vec!["KERNEL32.dll".to_owned()],
        delay_imports: Vec::new(),
        signed: false,
    })
}

/// The code of a program for macOS, of a version in two numbers.
fn slice(cpu: u32, version: (u32, u32)) -> Vec<u8> {
    let build = [0x32, 24, 1, version.0 << 16 | version.1 << 8, 0, 0];
    let header = [
        0xfeed_facf,
        cpu,
        u32::from(cpu == X86_64) * 3,
        2,
        1,
        24,
        0,
        0,
    ];
    header
        .iter()
        .chain(&build)
        .flat_map(|word: &u32| word.to_le_bytes())
        .collect()
}

fn mach_o(slices: &[Vec<u8>]) -> Facts {
    let bytes = if let [slice] = slices {
        slice.clone()
    } else {
        let mut at = 8 + 20 * slices.len();
        let mut words = vec![0xcafe_babe, u32::try_from(slices.len()).unwrap()];
        for slice in slices {
            let word = |at: usize| u32::from_le_bytes(slice[at..at + 4].try_into().unwrap());
            let place = [at, slice.len(), 0].map(|number| u32::try_from(number).unwrap());
            words.extend([word(4), word(8)]);
            words.extend(place);
            at += slice.len();
        }
        let table = words.iter().flat_map(|word| word.to_be_bytes());
        table.chain(slices.concat()).collect()
    };
    facts::read(&mut Cursor::new(bytes)).unwrap().unwrap()
}

const ARM64: u32 = 0x0100_000c;
const X86_64: u32 = 0x0100_0007;
const TOOL: &str = "bin/tool";

/// The wheels of a target, and what is said of those that are not made. Helpers lie beside the program.
fn chosen(
    triple: &str,
    has_sibling: bool,
    program: Facts,
    helpers: Vec<Facts>,
) -> Result<(Vec<String>, Vec<String>), AuditError> {
    let mut bundle = Contents::default();
    let names = ["bin/helper", "bin/second"];
    let files = std::iter::once((TOOL, program)).chain(names.into_iter().zip(helpers));
    for (path, facts) in files {
        let mut file = File::of_literal(path, Vec::new());
        file.object = Object::Facts(Box::new(facts));
        bundle.insert(path.to_owned(), file);
    }
    let target = known_targets::known(triple).unwrap();
    let asked = TrueTags {
        target: triple,
        wheel: target.wheel.unwrap(),
        has_sibling,
        entrypoint: TOOL,
        allow: &[],
    };
    let choice = asked.of(&bundle)?;
    // What is made passes the rules that everybody's wheels have to pass.
    let tags = choice
        .wheels
        .iter()
        .flat_map(WheelTags::iter)
        .map(ToString::to_string);
    let tags = tags.collect::<Vec<_>>();
    let mut findings = Findings::default();
    super::super::tags::check(
        tags.iter().map(String::as_str),
        None,
        &bundle,
        &mut findings,
    );
    let errors = findings.finish().into_iter().filter(Finding::is_error);
    assert_eq!(
        errors.map(|finding| finding.text()).collect::<Vec<_>>(),
        [""; 0]
    );
    let wheels = choice.wheels.iter().map(ToString::to_string).collect();
    let dropped = choice.dropped.into_iter().map(|dropped| dropped.text);
    Ok((wheels, dropped.collect()))
}

fn wheel(triple: &str, program: Facts) -> String {
    let (wheels, dropped) = chosen(triple, false, program, Vec::new()).unwrap();
    assert_eq!(dropped, [""; 0], "{triple}");
    wheels.join(" ")
}

#[test]
fn the_lowest_true_tag_is_taken() {
    for (triple, program, expected) in [
        (
            "x86_64-unknown-linux-gnu",
            glibc(Cpu::X86_64, "GLIBC_2.2.5"),
            "manylinux_2_17_x86_64",
        ),
        (
            "x86_64-unknown-linux-gnu",
            glibc(Cpu::X86_64, "GLIBC_2.17"),
            "manylinux_2_17_x86_64",
        ),
        (
            "x86_64-unknown-linux-gnu",
            glibc(Cpu::X86_64, "GLIBC_2.18"),
            "manylinux_2_18_x86_64",
        ),
        (
            "x86_64-unknown-linux-gnu",
            glibc(Cpu::X86_64, "GLIBC_2.99"),
            "manylinux_2_99_x86_64",
        ),
        (
            "i686-unknown-linux-gnu",
            glibc(Cpu::X86, "GLIBC_2.0"),
            "manylinux_2_17_i686",
        ),
        (
            "armv7-unknown-linux-gnueabihf",
            glibc(Cpu::Arm, "GLIBC_2.4"),
            "manylinux_2_17_armv7l",
        ),
        (
            "riscv64gc-unknown-linux-gnu",
            glibc(Cpu::Riscv64, "GLIBC_2.27"),
            "manylinux_2_31_riscv64",
        ),
        (
            "s390x-unknown-linux-gnu",
            glibc(Cpu::S390x, "GLIBC_2.34"),
            "manylinux_2_34_s390x",
        ),
        (
            "powerpc64le-unknown-linux-gnu",
            glibc(Cpu::Powerpc64Le, "GLIBC_2.17"),
            "manylinux_2_17_ppc64le",
        ),
        (
            "x86_64-unknown-linux-musl",
            dynamic(Cpu::X86_64, Libc::Musl, &["libc.musl-x86_64.so.1"], &[]),
            "musllinux_1_1_x86_64",
        ),
        ("x86_64-pc-windows-msvc", pe(Cpu::X86_64), "win_amd64"),
        ("i686-pc-windows-gnu", pe(Cpu::X86), "win32"),
        ("aarch64-pc-windows-msvc", pe(Cpu::Aarch64), "win_arm64"),
        (
            "aarch64-linux-android",
            android(Some(24)),
            "android_24_arm64_v8a",
        ),
        (
            "aarch64-linux-android",
            android(None),
            "android_21_arm64_v8a",
        ),
    ] {
        assert_eq!(wheel(triple, program), expected);
    }
}

#[test]
fn a_newer_musl_is_asked_for_where_its_functions_are() {
    let Facts::Elf(mut program) = dynamic(Cpu::X86_64, Libc::Musl, &["libc.musl-x86_64.so.1"], &[])
    else {
        panic!()
    };
    program.forbidden_symbols = vec!["reallocarray".to_owned()];
    let found = wheel("x86_64-unknown-linux-musl", Facts::Elf(program));
    assert_eq!(found, "musllinux_1_2_x86_64");
}

#[test]
fn a_static_program_has_the_tags_of_both_c_libraries() {
    for (triple, cpu, alone, beside_sibling) in [
        (
            "x86_64-unknown-linux-musl",
            Cpu::X86_64,
            "manylinux_2_17_x86_64.musllinux_1_1_x86_64",
            "musllinux_1_1_x86_64",
        ),
        (
            "x86_64-unknown-linux-gnu",
            Cpu::X86_64,
            "manylinux_2_17_x86_64.musllinux_1_1_x86_64",
            "manylinux_2_17_x86_64",
        ),
        (
            "riscv64gc-unknown-linux-musl",
            Cpu::Riscv64,
            "manylinux_2_31_riscv64.musllinux_1_1_riscv64",
            "musllinux_1_1_riscv64",
        ),
        (
            "armv7-unknown-linux-musleabi",
            Cpu::Arm,
            "manylinux_2_17_armv7l.musllinux_1_1_armv7l",
            "musllinux_1_1_armv7l",
        ),
        (
            "powerpc64-unknown-linux-musl",
            Cpu::Powerpc64,
            "manylinux_2_17_ppc64",
            "",
        ),
        (
            "arm-unknown-linux-musleabihf",
            Cpu::Arm,
            "linux_armv6l",
            "linux_armv6l",
        ),
    ] {
        let program = || Facts::Elf(elf(cpu));
        assert_eq!(wheel(triple, program()), alone);
        let (wheels, _) = chosen(triple, true, program(), Vec::new()).unwrap();
        assert_eq!(wheels.join(" "), beside_sibling, "{triple}");
    }
}

#[test]
fn one_helper_decides_for_all() {
    let program = || Facts::Elf(elf(Cpu::X86_64));
    let helper = vec![glibc(Cpu::X86_64, "GLIBC_2.28")];
    let (wheels, dropped) = chosen(
        "x86_64-unknown-linux-musl",
        false,
        program(),
        helper.clone(),
    )
    .unwrap();
    assert_eq!(wheels, ["manylinux_2_28_x86_64"]);
    assert_eq!(
        dropped,
        [
            "no wheel for musllinux_1_1_x86_64: bin/helper: it needs glibc, and \
             musllinux_1_1_x86_64 promises musl"
        ]
    );
    let error = chosen("x86_64-unknown-linux-musl", true, program(), helper).unwrap_err();
    assert!(matches!(error, AuditError::NoTrueTag { .. }), "{error}");
}

#[test]
fn what_no_tag_allows_is_an_error_with_the_nearest() {
    let needed = ["libc.so.6", "libssl.so.3"];
    let program = dynamic(Cpu::X86_64, Libc::Glibc, &needed, &["GLIBC_2.34"]);
    let error = chosen("x86_64-unknown-linux-gnu", false, program, Vec::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the executables allow no wheel tag for x86_64-unknown-linux-gnu"
    );
    assert_eq!(
        error.details(),
        [
            "no wheel for manylinux_2_34_x86_64: bin/tool: it needs libssl.so.3, which \
             manylinux_2_34_x86_64 does not promise and the package does not carry where the \
             loader looks"
        ]
    );
    assert!(
        error.help().contains("link it statically"),
        "{}",
        error.help()
    );
}

#[test]
fn a_dynamic_program_for_armv6_has_no_wheel() {
    let program = glibc(Cpu::Arm, "GLIBC_2.28");
    let (wheels, dropped) =
        chosen("arm-unknown-linux-gnueabihf", false, program, Vec::new()).unwrap();
    assert_eq!(wheels, [""; 0]);
    assert_eq!(
        dropped,
        ["no wheel for linux_armv6l: bin/tool: it needs glibc, and linux_armv6l promises none"]
    );
}

#[test]
fn macos_is_that_of_the_newest_file() {
    let arm = |version| slice(ARM64, version);
    let x86 = |version| slice(X86_64, version);
    for (triple, slices, helpers, expected) in [
        (
            "aarch64-apple-darwin",
            vec![arm((11, 0))],
            vec![],
            "macosx_11_0_arm64",
        ),
        (
            "aarch64-apple-darwin",
            vec![arm((10, 15))],
            vec![],
            "macosx_11_0_arm64",
        ),
        (
            "aarch64-apple-darwin",
            vec![arm((13, 3))],
            vec![],
            "macosx_13_0_arm64",
        ),
        (
            "x86_64-apple-darwin",
            vec![x86((10, 12))],
            vec![],
            "macosx_10_12_x86_64",
        ),
        (
            "x86_64-apple-darwin",
            vec![x86((10, 12))],
            vec![vec![x86((14, 0))]],
            "macosx_14_0_x86_64",
        ),
        (
            known_targets::UNIVERSAL2,
            vec![x86((10, 12)), arm((11, 0))],
            vec![],
            "macosx_10_12_universal2",
        ),
        (
            known_targets::UNIVERSAL2,
            vec![x86((10, 12)), arm((12, 0))],
            vec![],
            "macosx_12_0_universal2",
        ),
        (
            known_targets::UNIVERSAL2,
            vec![x86((10, 12)), arm((11, 0))],
            vec![vec![arm((13, 0))], vec![x86((10, 13))]],
            "macosx_13_0_universal2",
        ),
    ] {
        let helpers = helpers.iter().map(|slices| mach_o(slices)).collect();
        let (wheels, _) = chosen(triple, false, mach_o(&slices), helpers).unwrap();
        assert_eq!(wheels, [expected]);
    }
    // Code for one CPU is not for both.
    let one = mach_o(&[arm((11, 0))]);
    let error = chosen(known_targets::UNIVERSAL2, false, one, Vec::new()).unwrap_err();
    assert_eq!(
        error.details(),
        ["no wheel for macosx_10_5_universal2: bin/tool: it is for macOS on aarch64"]
    );
}

#[test]
fn what_the_caller_lets_stand_is_no_reason() {
    let mut bundle = Contents::default();
    let mut file = File::of_literal(TOOL, Vec::new());
    let needed = ["libc.so.6", "libssl.so.3"];
    let program = dynamic(Cpu::X86_64, Libc::Glibc, &needed, &["GLIBC_2.34"]);
    file.object = Object::Facts(Box::new(program));
    bundle.insert(TOOL.to_owned(), file);
    let choice = TrueTags {
        target: "x86_64-unknown-linux-gnu",
        wheel: known_targets::known("x86_64-unknown-linux-gnu")
            .unwrap()
            .wheel
            .unwrap(),
        has_sibling: false,
        entrypoint: TOOL,
        allow: &["claim-library".to_owned()],
    };
    let wheels = choice.of(&bundle).unwrap().wheels;
    assert_eq!(
        wheels.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["manylinux_2_34_x86_64"]
    );
}
