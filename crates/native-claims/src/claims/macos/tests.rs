use super::*;
use crate::claims::testing::{Package, dylib, mach_o, said, slice};
use crate::facts::AppleSystem;

#[test]
fn macos_11_has_updates_and_no_second_number() {
    let package = Package(vec![("bin/tool", mach_o(vec![slice(Cpu::Aarch64, 11, 3)]))]);
    let (reasons, notes) = said(&package.claims(), "macosx_11_0_arm64");
    assert_eq!((reasons.len(), notes.len()), (0, 1));
}

#[test]
fn every_cpu_of_macos_has_a_tag() {
    for (cpu, tag) in [
        (Cpu::X86, "macosx_10_9_i386"),
        (Cpu::X86_64, "macosx_10_9_x86_64"),
        (Cpu::Aarch64, "macosx_11_0_arm64"),
        (Cpu::Powerpc64, "macosx_10_9_ppc64"),
    ] {
        let package = Package(vec![("bin/tool", mach_o(vec![slice(cpu, 10, 9)]))]);
        assert_eq!(package.best(), [tag]);
    }
    let other = Package(vec![("bin/tool", mach_o(vec![slice(Cpu::Arm, 10, 9)]))]);
    assert_eq!(other.best(), [""; 0]);
}

#[test]
fn the_newest_minimum_decides() {
    let package = Package(vec![
        ("bin/tool", mach_o(vec![slice(Cpu::X86_64, 10, 9)])),
        ("bin/rg", mach_o(vec![slice(Cpu::X86_64, 10, 12)])),
    ]);
    assert_eq!(package.best(), ["macosx_10_12_x86_64"]);
    assert_eq!(
        said(&package.claims(), "macosx_10_9_x86_64").0,
        ["bin/rg: it needs macOS 10.12, and macosx_10_9_x86_64 promises less"]
    );
    assert_eq!(said(&package.claims(), "macosx_11_0_x86_64").0, [""; 0]);
}

#[test]
fn a_tag_names_a_release_and_none_of_its_updates() {
    for (major, minor, patch, best, notes) in [
        // There is no arm64 before 11.
        (10, 12, 0, "macosx_11_0_arm64", 0),
        (11, 0, 0, "macosx_11_0_arm64", 0),
        (13, 5, 0, "macosx_13_0_arm64", 1),
        (13, 0, 1, "macosx_13_0_arm64", 1),
    ] {
        let mut code = slice(Cpu::Aarch64, major, minor);
        code.minimum.as_mut().unwrap().patch = patch;
        let package = Package(vec![("bin/tool", mach_o(vec![code]))]);
        assert_eq!(package.best(), [best]);
        assert_eq!(said(&package.claims(), best).1.len(), notes);
        assert_eq!(said(&package.claims(), "macosx_14_0_arm64").1, [""; 0]);
    }
    let mut old = slice(Cpu::X86_64, 10, 12);
    old.minimum.as_mut().unwrap().patch = 6;
    let package = Package(vec![("bin/tool", mach_o(vec![old]))]);
    assert_eq!(
        said(&package.claims(), "macosx_10_12_x86_64"),
        (
            vec![],
            vec![
                "bin/tool: it needs macOS 10.12.6, an update of the release that \
                 macosx_10_12_x86_64 promises"
                    .to_owned()
            ]
        )
    );
    assert_eq!(said(&package.claims(), "macosx_10_11_x86_64").0.len(), 1);
}

#[test]
fn code_that_names_no_version_is_old() {
    let mut code = slice(Cpu::X86_64, 0, 0);
    (code.minimum, code.platform) = (None, None);
    let package = Package(vec![("bin/tool", mach_o(vec![code]))]);
    assert_eq!(package.best(), ["macosx_10_5_x86_64"]);
}

#[test]
fn the_slice_of_the_tag_counts() {
    let slices = vec![slice(Cpu::X86_64, 10, 10), slice(Cpu::Aarch64, 12, 0)];
    let package = Package(vec![("bin/cmake", mach_o(slices))]);
    assert_eq!(package.best(), ["macosx_12_0_arm64", "macosx_10_10_x86_64"]);
    assert_eq!(
        said(&package.claims(), "macosx_11_0_arm64").0,
        ["bin/cmake: it needs macOS 12.0, and macosx_11_0_arm64 promises less"]
    );
}

#[test]
fn libraries_are_the_systems_or_carried() {
    let mut program = slice(Cpu::Aarch64, 11, 0);
    program.rpaths = vec!["@executable_path/../lib".to_owned()];
    program.needed = [
        "/usr/lib/libSystem.B.dylib",
        "/System/Library/Frameworks/AppKit.framework/Versions/C/AppKit",
        "@rpath/liba.dylib",
        "@executable_path/../lib/libb.dylib",
        "@loader_path/../lib/libb.dylib",
        "@rpath/libmissing.dylib",
        "/opt/homebrew/lib/libz.dylib",
    ]
    .map(dylib)
    .to_vec();
    program.needed.push(Dylib {
        path: "@rpath/libweak.dylib".to_owned(),
        weak: true,
    });
    let mut library = slice(Cpu::Aarch64, 11, 0);
    library.install_name = Some("/build/liba.dylib".to_owned());
    // A library may name itself, and be below what its program says.
    library.needed = ["/build/liba.dylib", "@rpath/libb.dylib"]
        .map(dylib)
        .to_vec();
    let package = Package(vec![
        ("bin/tool", mach_o(vec![program])),
        ("lib/liba.dylib", mach_o(vec![library])),
        ("lib/libb.dylib", mach_o(vec![slice(Cpu::Aarch64, 11, 0)])),
    ]);
    let missing = ["/opt/homebrew/lib/libz.dylib", "@rpath/libmissing.dylib"];
    assert_eq!(
        package.claims().missing(),
        missing.map(|name| ("bin/tool", name))
    );
    assert_eq!(
        said(&package.claims(), "macosx_11_0_arm64").0[1],
        "bin/tool: it needs /opt/homebrew/lib/libz.dylib, which macosx_11_0_arm64 does not \
         promise and the package does not carry where the loader looks"
    );
}

#[test]
fn what_a_directory_of_the_system_has_cannot_be_seen() {
    let mut program = slice(Cpu::Aarch64, 11, 0);
    program.rpaths = vec!["/usr/lib/swift".to_owned()];
    program.needed = vec![dylib("@rpath/libswiftCore.dylib")];
    let package = Package(vec![("bin/tool", mach_o(vec![program]))]);
    assert_eq!(package.best(), ["macosx_11_0_arm64"]);
}

/// A slice of a CPU that is not every one of its kind.
fn variant(cpu: Cpu, subtype: u32) -> MachOSlice {
    let mut code = slice(cpu, 11, 0);
    code.cpu_subtype = subtype;
    code
}

#[test]
fn code_for_newer_cpus_alone_is_not_for_the_cpu() {
    for (cpu, subtype, tag, name) in [
        (Cpu::Aarch64, 2, "macosx_11_0_arm64", "arm64e"),
        (Cpu::X86_64, 8, "macosx_11_0_x86_64", "x86_64h"),
    ] {
        let alone = variant(cpu, subtype);
        let package = Package(vec![("bin/tool", mach_o(vec![alone.clone()]))]);
        let reason = format!("bin/tool: it is for macOS on {name}");
        assert_eq!(said(&package.claims(), tag).0, [reason]);
        assert_eq!(package.best(), [""; 0]);
        // Beside code for every machine it does no harm, whatever the order.
        let generic = slice(cpu, 11, 0);
        for slices in [[alone.clone(), generic.clone()], [generic, alone]] {
            let package = Package(vec![("bin/tool", mach_o(slices.to_vec()))]);
            assert_eq!(said(&package.claims(), tag), (vec![], vec![]));
            assert_eq!(package.best(), [tag]);
        }
    }
    // Other subtypes are every one: those of old compilers, and of 64-bit libraries.
    for (cpu, subtype, tag) in [
        (Cpu::Aarch64, 1, "macosx_11_0_arm64"),
        (Cpu::X86_64, 4, "macosx_11_0_x86_64"),
    ] {
        let package = Package(vec![("bin/tool", mach_o(vec![variant(cpu, subtype)]))]);
        assert_eq!(package.best(), [tag]);
    }
}

#[test]
fn of_two_slices_that_a_mac_may_choose_both_count() {
    let (mut haswell, old) = (slice(Cpu::X86_64, 12, 0), slice(Cpu::X86_64, 10, 9));
    haswell.cpu_subtype = 8;
    haswell.needed = vec![dylib("/opt/lib/libfast.dylib")];
    let mut arm64e = slice(Cpu::Aarch64, 13, 0);
    arm64e.cpu_subtype = 2;
    let arm64 = slice(Cpu::Aarch64, 11, 0);
    for slices in [[haswell.clone(), old.clone()], [old, haswell]] {
        let package = Package(vec![("bin/tool", mach_o(slices.to_vec()))]);
        let (reasons, _) = said(&package.claims(), "macosx_11_0_x86_64");
        assert_eq!(reasons.len(), 2, "{reasons:?}");
        assert!(reasons[0].starts_with("bin/tool: it needs macOS 12.0"));
        assert!(reasons[1].starts_with("bin/tool: it needs /opt/lib/libfast.dylib"));
    }
    // No Mac chooses the newer one of these.
    for slices in [[arm64e.clone(), arm64.clone()], [arm64, arm64e]] {
        let package = Package(vec![("bin/tool", mach_o(slices.to_vec()))]);
        assert_eq!(package.best(), ["macosx_11_0_arm64"]);
    }
}

/// A slice for a system of Apple.
fn built_for(platform: u32, cpu: Cpu, major: u16, minor: u8) -> MachOSlice {
    let mut code = slice(cpu, major, minor);
    code.platform = Some(platform);
    code
}

#[test]
fn each_system_of_apple_has_its_own_tags() {
    const DEVICE: &str = "ios_13_0_arm64_iphoneos";
    const SIMULATOR: &str = "ios_14_0_arm64_iphonesimulator";
    const MAC: &str = "macosx_13_0_arm64";
    for (platform, name, tag) in [
        (1, "macOS", Some(MAC)),
        (2, "iOS", Some(DEVICE)),
        (3, "tvOS", None),
        (4, "watchOS", None),
        (6, "Mac Catalyst", None),
        (7, "the simulator of iOS", Some(SIMULATOR)),
        (11, "visionOS", None),
        (12, "the simulator of visionOS", None),
    ] {
        let code = built_for(platform, Cpu::Aarch64, 13, 0);
        let package = Package(vec![("tool.so", mach_o(vec![code]))]);
        for other in [MAC, DEVICE, SIMULATOR] {
            let (reasons, _) = said(&package.claims(), other);
            if tag == Some(other) {
                assert_eq!(reasons, [""; 0]);
            } else {
                assert_eq!(reasons, [format!("tool.so: it is for {name} on aarch64")]);
            }
        }
    }
    // For two systems, it is for both, and for two CPUs there may be two systems.
    let mut zippered = built_for(1, Cpu::Aarch64, 11, 0);
    zippered.also.push(AppleSystem {
        platform: 2,
        minimum: AppleVersion {
            major: 15,
            minor: 0,
            patch: 0,
        },
    });
    let package = Package(vec![("tool.so", mach_o(vec![zippered]))]);
    assert_eq!(said(&package.claims(), "macosx_11_0_arm64").0, [""; 0]);
    assert_eq!(said(&package.claims(), DEVICE).0.len(), 1);
    assert_eq!(
        said(&package.claims(), "ios_15_0_arm64_iphoneos").0,
        [""; 0]
    );
    let slices = vec![
        built_for(1, Cpu::X86_64, 11, 0),
        built_for(2, Cpu::Aarch64, 13, 0),
    ];
    let package = Package(vec![("tool.so", mach_o(slices))]);
    assert_eq!(package.best(), [DEVICE, "macosx_11_0_x86_64"]);
    assert_eq!(
        said(&package.claims(), MAC).0,
        ["tool.so: it is for macOS on x86_64 and iOS on aarch64"]
    );
}

#[test]
fn tags_of_ios_name_two_numbers() {
    for (platform, major, minor, tag, reasons) in [
        (2, 13, 0, "ios_13_0_arm64_iphoneos", 0),
        (2, 13, 4, "ios_13_0_arm64_iphoneos", 1),
        (2, 13, 4, "ios_13_4_arm64_iphoneos", 0),
        (2, 14, 0, "ios_13_9_arm64_iphoneos", 1),
        // There is no older one for this CPU, and linkers raise what is asked for.
        (7, 14, 0, "ios_13_0_arm64_iphonesimulator", 0),
        (7, 14, 1, "ios_13_0_arm64_iphonesimulator", 1),
    ] {
        let code = built_for(platform, Cpu::Aarch64, major, minor);
        let package = Package(vec![("tool.so", mach_o(vec![code]))]);
        let found = said(&package.claims(), tag).0;
        assert_eq!(found.len(), reasons, "{tag}: {found:?}");
        assert!(found.iter().all(|reason| reason.contains("needs iOS 1")));
    }
    let intel = built_for(7, Cpu::X86_64, 13, 0);
    let package = Package(vec![("tool.so", mach_o(vec![intel]))]);
    assert_eq!(package.best(), ["ios_13_0_x86_64_iphonesimulator"]);
}

#[test]
fn extension_modules_for_ios_find_python_in_the_application() {
    let of = |platform| {
        let mut code = built_for(platform, Cpu::Aarch64, 13, 0);
        code.needed = vec![dylib("@rpath/Python.framework/Python")];
        Package(vec![("tool.so", mach_o(vec![code]))])
    };
    assert_eq!(of(2).claims().missing(), []);
    assert_eq!(of(1).claims().missing().len(), 1);
}
