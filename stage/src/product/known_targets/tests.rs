use std::collections::BTreeMap;
use std::process::Command;
use std::str::FromStr as _;

use cargo_platform::{Cfg, CfgExpr};
use native_claims::facts::PeOrigin;
use native_claims::{PlatformTag, WheelTags};

use native_claims::ObjectFormat;
use native_claims::facts::{Cpu, ElfOrigin, FloatAbi, Libc, Linkage, Origin, UnixSystem};

use super::matching::generation;
use super::table::{ILLUMOS, SOLARIS};
use super::*;
use crate::product::{CargoCfg, NodeName, NpmSuffix, Product, ProductSource, TargetTriple};

/// What `rustc` says of a target of its own.
fn cfgs(triple: &str) -> Vec<Cfg> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--print", "cfg", "--target", triple])
        .output();
    let output = output.unwrap();
    assert!(output.status.success(), "{triple}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| Cfg::from_str(line).unwrap())
        .collect()
}

fn is_true(cfg: &str, of: &[Cfg]) -> bool {
    CfgExpr::from_str(cfg).unwrap().matches(of)
}

#[test]
fn each_name_is_one_that_others_take_and_is_there_once() {
    let mut names = Vec::new();
    for target in all() {
        assert!(
            target.triple.parse::<TargetTriple>().is_ok(),
            "{}",
            target.triple
        );
        assert!(target.cfg().parse::<CargoCfg>().is_ok(), "{}", target.cfg());
        assert!(
            target.machines().all(|machine| machine != 0),
            "{}",
            target.triple
        );
        if let Some(npm) = target.npm {
            assert!(npm.name.parse::<NpmSuffix>().is_ok(), "{}", npm.name);
            assert!(npm.os.parse::<NodeName>().is_ok(), "{}", npm.os);
            assert!(
                npm.name.starts_with(npm.os) || npm.os == "sunos",
                "{}",
                npm.name
            );
            assert_eq!(target.npm_cpus().count(), target.cpus.len());
            names.push(npm.name);
        }
        assert_eq!(known(target.triple).unwrap().triple, target.triple);
    }
    let triples = all().map(|target| target.triple);
    for mut names in [names, triples.collect()] {
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
    assert!(known("x86_64-unknown-linux-gnux32").is_none());
}

#[test]
fn a_cfg_is_true_on_its_target_and_nowhere_else() {
    let all = || all().filter(|target| target.triple != UNIVERSAL2);
    if cfg!(windows) && std::env::var_os("WINEPREFIX").is_some() {
        println!("not run: Wine gives no output of rustc, a program of Linux");
        return;
    }
    for target in all() {
        let cfgs = cfgs(target.triple);
        let of_cfg = all().filter(|other| is_true(&other.cfg(), &cfgs));
        let of_cfg =
            of_cfg.filter(|other| generation(other).is_none() || *other.triple == *target.triple);
        let triples = of_cfg.map(|other| other.triple).collect::<Vec<_>>();
        assert_eq!(triples, [target.triple]);
        let alone = target.cfg_among([target]);
        assert!(is_true(&alone, &cfgs), "{alone}");
    }
    let universal = known(UNIVERSAL2).unwrap().cfg();
    for triple in ["aarch64-apple-darwin", "x86_64-apple-darwin"] {
        assert!(is_true(&universal, &cfgs(triple)));
    }
}

#[test]
fn a_cfg_says_no_more_than_its_siblings_ask_for() {
    for (triple, siblings, expected) in [
        (
            "x86_64-unknown-linux-gnu",
            &[][..],
            "all(target_os = \"linux\", target_arch = \"x86_64\")",
        ),
        (
            "x86_64-unknown-linux-gnu",
            &[
                "aarch64-unknown-linux-musl",
                "x86_64-pc-windows-gnu",
                "x86_64-linux-android",
            ],
            "all(target_os = \"linux\", target_arch = \"x86_64\")",
        ),
        (
            "x86_64-unknown-linux-musl",
            &["x86_64-unknown-linux-gnu"],
            "all(target_os = \"linux\", target_arch = \"x86_64\", target_env = \"musl\")",
        ),
        (
            "x86_64-unknown-linux-gnu",
            &["x86_64-unknown-linux-ohos"],
            "all(target_os = \"linux\", target_arch = \"x86_64\", target_env = \"gnu\")",
        ),
        (
            "x86_64-pc-windows-msvc",
            &[],
            "all(windows, target_arch = \"x86_64\")",
        ),
        (
            "x86_64-pc-windows-gnullvm",
            &["x86_64-pc-windows-gnu"],
            "all(windows, target_arch = \"x86_64\", target_abi = \"llvm\")",
        ),
        (
            "x86_64-pc-windows-gnu",
            &["x86_64-pc-windows-msvc"],
            "all(windows, target_arch = \"x86_64\", target_env = \"gnu\")",
        ),
        (
            "armv7-unknown-linux-gnueabihf",
            &["armv7-unknown-linux-gnueabi"],
            "all(target_os = \"linux\", target_arch = \"arm\", target_abi = \"eabihf\")",
        ),
        (
            "armv7-unknown-linux-gnueabihf",
            &["arm-unknown-linux-musleabihf"],
            "all(target_os = \"linux\", target_arch = \"arm\", target_env = \"gnu\")",
        ),
        (
            "i686-unknown-linux-gnu",
            &["i586-unknown-linux-gnu"],
            "all(target_os = \"linux\", target_arch = \"x86\", target_feature = \"sse2\")",
        ),
        (
            "powerpc64le-unknown-linux-gnu",
            &["powerpc64-unknown-linux-musl"],
            "all(target_os = \"linux\", target_arch = \"powerpc64\", target_endian = \"little\")",
        ),
        (
            "aarch64-apple-darwin",
            &["x86_64-apple-darwin"],
            "all(target_os = \"macos\", target_arch = \"aarch64\")",
        ),
        (UNIVERSAL2, &[], "target_os = \"macos\""),
    ] {
        let target = known(triple).unwrap();
        let siblings = siblings.iter().map(|triple| known(triple).unwrap());
        let siblings = siblings.chain([target]).collect::<Vec<_>>();
        assert_eq!(target.cfg_among(siblings), expected, "{triple}");
    }
}

#[test]
fn tags_are_those_that_installers_look_for() {
    for target in all() {
        let Some(wheel) = target.wheel else { continue };
        let (major, minor) = match wheel.family {
            TagFamily::Manylinux => (2, 39),
            TagFamily::Musllinux => (1, 2),
            TagFamily::Macosx => (11, 0),
            TagFamily::Android => (24, 0),
            TagFamily::Linux | TagFamily::Win => (0, 0),
        };
        let tag = wheel.tag(major, minor).parse::<PlatformTag>().unwrap();
        assert_eq!(tag.cpu(), wheel.cpu, "{tag}");
    }
    for (triple, tag) in [
        ("i686-pc-windows-gnu", "win32"),
        ("x86_64-pc-windows-msvc", "win_amd64"),
        ("aarch64-pc-windows-msvc", "win_arm64"),
        ("arm-unknown-linux-gnueabihf", "linux_armv6l"),
        ("aarch64-linux-android", "android_24_arm64_v8a"),
        (UNIVERSAL2, "macosx_24_0_universal2"),
    ] {
        assert_eq!(known(triple).unwrap().wheel.unwrap().tag(24, 0), tag);
    }
}

#[test]
fn the_built_in_product_says_the_same() {
    let product = Product::load(&ProductSource::BuiltIn).unwrap();
    for platform in &product.platforms {
        let target = known(&platform.target).unwrap();
        assert_eq!(target.format, platform.executable.format);
        assert_eq!(
            target.machines().collect::<Vec<_>>(),
            [platform.executable.machine]
        );
        assert_eq!(*target.suffix, *platform.executable.suffix);
        assert_eq!(*target.npm.unwrap().os, *platform.npm.os);
        let cpus = platform.npm.cpus().iter().map(|cpu| &**cpu);
        assert_eq!(
            target.npm_cpus().collect::<Vec<_>>(),
            cpus.collect::<Vec<_>>()
        );
        assert_eq!(*target.cfg_among([]), *platform.krate.cfg);
        assert_eq!(*target.runner, *platform.ci.runner);
        let cpu = target.wheel.unwrap().cpu;
        let mut tags = platform.wheel.tags.iter().flat_map(WheelTags::iter);
        assert!(tags.all(|tag| tag.cpu() == cpu));
    }
}

/// A program of a target, with everything that its headers can say.
fn programs(target: &KnownTarget) -> Vec<Origin> {
    let elf = |linkage, float| {
        let cpu = &target.cpus[0];
        Origin::Elf(ElfOrigin {
            system: target.os.unix,
            cpu: cpu.cpu,
            machine: cpu.elf,
            is_64_bit: true,
            little_endian: true,
            flags: 0,
            linkage,
            float,
            arm_version: generation(target),
            is_illumos: target.os == ILLUMOS,
        })
    };
    let float = match (target.abi, target.cpus[0].cpu) {
        (Abi::Gnu | Abi::Musl, Cpu::Arm) => Some(FloatAbi::Soft),
        (_, Cpu::Arm | Cpu::Riscv64 | Cpu::Loongarch64) => Some(FloatAbi::Hard),
        _ => None,
    };
    match (target.format, target.abi) {
        (ObjectFormat::Elf, Abi::Gnu | Abi::GnuHardFloat) => vec![
            elf(Linkage::Dynamic(Libc::Glibc), float),
            elf(Linkage::Static, float),
        ],
        (ObjectFormat::Elf, Abi::Musl | Abi::MuslHardFloat) => vec![
            elf(Linkage::Dynamic(Libc::Musl), float),
            elf(Linkage::Static, float),
        ],
        (ObjectFormat::Elf, _) => vec![elf(Linkage::Dynamic(Libc::Other), float)],
        (ObjectFormat::Pe, _) => {
            let cpu = &target.cpus[0];
            vec![Origin::Pe(PeOrigin {
                cpu: cpu.cpu,
                machine: cpu.pe,
                managed: false,
                hybrid: target.triple.starts_with("arm64ec"),
            })]
        }
        // Of these the tests of `native-claims` make files.
        (ObjectFormat::MachO | ObjectFormat::Xcoff, _) => Vec::new(),
    }
}

/// What the headers of programs for a target cannot tell from those of another one: the same but for
/// its generation of CPU, its compiler, and, of a static program, its C library.
fn look(target: &KnownTarget, is_static: bool) -> String {
    let libc = match target.abi {
        Abi::Gnu | Abi::Musl if is_static => "static, soft".to_owned(),
        Abi::GnuHardFloat | Abi::MuslHardFloat if is_static => "static, hard".to_owned(),
        Abi::Msvc | Abi::WindowsGnu | Abi::WindowsLlvm => "Windows".to_owned(),
        abi => format!("{abi:?}"),
    };
    format!(
        "{:?} {:?} {} {libc}",
        target.os,
        target.format,
        target.cpu()
    )
}

#[test]
fn a_program_is_one_of_its_target_and_of_those_that_look_alike() {
    for target in all() {
        for (index, program) in programs(target).iter().enumerate() {
            let is_static = index == 1;
            let alike = all().filter(|other| {
                let same = look(other, is_static) == look(target, is_static);
                let endian = other.cpus[0].cpu == target.cpus[0].cpu;
                // Programs of illumos that need nothing new are for Solaris; not the other way round.
                let solaris = target.os == SOLARIS && other.os == ILLUMOS;
                (same && endian) || solaris
            });
            let alike = alike.map(|target| target.triple).collect::<Vec<_>>();
            let mut found = of(program)
                .into_iter()
                .map(|target| target.triple)
                .collect::<Vec<_>>();
            let first = found[0];
            found.sort_by_key(|triple| all().position(|target| target.triple == *triple));
            assert_eq!(found, alike, "{program}");
            assert_eq!(
                generation(known(first).unwrap()),
                generation(target),
                "{program}"
            );
        }
    }
}

#[test]
fn what_is_like_a_target_and_is_none_matches_nothing() {
    let of_gnu = |triple| programs(known(triple).unwrap()).remove(0);
    let changed = |triple, change: fn(&mut ElfOrigin)| {
        let Origin::Elf(mut elf) = of_gnu(triple) else {
            panic!("{triple}")
        };
        change(&mut elf);
        of(&Origin::Elf(elf)).len()
    };
    let x86 = "x86_64-unknown-linux-gnu";
    assert_eq!(changed(x86, |_| ()), 1);
    assert_eq!(
        changed(x86, |elf| elf.linkage = Linkage::Dynamic(Libc::Other)),
        0
    );
    assert_eq!(changed(x86, |elf| elf.cpu = Cpu::Other(62)), 0);
    assert_eq!(changed(x86, |elf| elf.system = UnixSystem::Haiku), 0);
    let riscv = "riscv64gc-unknown-linux-gnu";
    assert_eq!(changed(riscv, |elf| elf.float = Some(FloatAbi::Soft)), 0);
    let mips = "mipsel-unknown-linux-gnu";
    assert_eq!(changed(mips, |elf| elf.flags = 0x7000_1007), 1);
    assert_eq!(changed(mips, |elf| elf.flags = 0x20), 0);
    assert_eq!(changed(mips, |elf| elf.flags = 0x9000_0000), 0);
    let arm = "armv7-unknown-linux-gnueabihf";
    // One of Go says nothing of it.
    let mut triples = BTreeMap::new();
    for float in [
        None,
        Some(FloatAbi::Hard),
        Some(FloatAbi::Soft),
        Some(FloatAbi::Single),
    ] {
        let Origin::Elf(mut elf) = of_gnu(arm) else {
            panic!("{arm}")
        };
        (elf.linkage, elf.float, elf.arm_version) = (Linkage::Static, float, None);
        let found = of(&Origin::Elf(elf));
        triples.insert(
            float,
            (found.len(), found.first().map(|target| target.triple)),
        );
    }
    assert_eq!(triples[&None], (11, Some(arm)));
    assert_eq!(triples[&Some(FloatAbi::Hard)], (5, Some(arm)));
    assert_eq!(
        triples[&Some(FloatAbi::Soft)],
        (6, Some("armv7-unknown-linux-gnueabi"))
    );
    assert_eq!(triples[&Some(FloatAbi::Single)], (0, None));
}
