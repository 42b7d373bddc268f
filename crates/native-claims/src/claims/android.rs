//! ELF files, against tags for Android ([PEP 738](https://peps.python.org/pep-0738/)).

use super::carried::Carried;
use super::file::NativeFile;
use super::reason::Reason;
use super::verdict::Verdict;
use crate::facts::{Cpu, Elf, UnixSystem};
use crate::tag::{PlatformTag, System};

/// The libraries of the NDK, which programs may use, with the level that has them first
/// (developer.android.com, "Native APIs").
const LIBRARIES: [(&str, u32); 25] = [
    ("libEGL.so", 9),
    ("libGLESv1_CM.so", 4),
    ("libGLESv2.so", 5),
    ("libGLESv3.so", 18),
    ("libOpenMAXAL.so", 14),
    ("libOpenSLES.so", 9),
    ("libaaudio.so", 26),
    ("libamidi.so", 29),
    ("libandroid.so", 9),
    ("libbinder_ndk.so", 29),
    ("libc.so", 3),
    ("libcamera2ndk.so", 24),
    ("libdl.so", 3),
    ("libicu.so", 31),
    ("libjnigraphics.so", 8),
    ("liblog.so", 3),
    ("libm.so", 3),
    ("libmediandk.so", 21),
    ("libnativehelper.so", 31),
    ("libnativewindow.so", 26),
    ("libneuralnetworks.so", 27),
    ("libstdc++.so", 3),
    ("libsync.so", 26),
    ("libvulkan.so", 24),
    ("libz.so", 3),
];

/// What tags call a CPU.
fn tag_cpu(cpu: Cpu) -> Option<&'static str> {
    Some(match cpu {
        Cpu::X86 => "x86",
        Cpu::X86_64 => "x86_64",
        Cpu::Arm => "armeabi_v7a",
        Cpu::Aarch64 => "arm64_v8a",
        _ => return None,
    })
}

/// Whether a file is for Android and the CPU of a tag.
pub(super) fn is_for(elf: &Elf, tag: &PlatformTag) -> bool {
    elf.system == UnixSystem::Android && tag_cpu(elf.cpu) == Some(tag.cpu())
}

pub(super) fn check(
    carried: &Carried<'_>,
    file: NativeFile<'_>,
    elf: &Elf,
    tag: &PlatformTag,
    verdict: &mut Verdict,
) {
    let System::Android { api: promised } = tag.system() else {
        return;
    };
    if let Some(api) = elf.android_api.filter(|api| *api > promised) {
        let tag = tag.to_string();
        verdict.add(file, Reason::Android { api, tag });
    }
    for library in &elf.needed {
        let known = LIBRARIES.iter().find(|(name, _)| name == library);
        let has = known.is_some_and(|(_, since)| *since <= promised);
        // The one of Python is in the process that loads a module.
        if !has && !library.starts_with("libpython3.") && !carried.has(file, library) {
            let (library, tag) = (library.clone(), tag.to_string());
            verdict.add(file, Reason::Library { library, tag });
        }
    }
}

/// The tags for a CPU, from the first level that the NDK, Rust and Go build for.
pub(super) fn all(cpu: &str) -> Vec<PlatformTag> {
    /// Far beyond all levels that there are.
    const LATEST: u32 = 60;
    let tags = (21..=LATEST).map(|api| format!("android_{api}_{cpu}"));
    tags.filter_map(|tag| tag.parse().ok()).collect()
}

/// The tags that a package with this file may have.
pub(super) fn candidates(elf: &Elf) -> Vec<PlatformTag> {
    tag_cpu(elf.cpu).map(all).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::testing::{Package, elf, said};
    use crate::facts::{Facts, Libc};

    fn android(cpu: Cpu, api: Option<u32>, needed: &[&str]) -> Elf {
        let mut elf = elf(cpu);
        (elf.system, elf.libc, elf.android_api) = (UnixSystem::Android, Some(Libc::Other), api);
        elf.needed = needed.iter().map(ToString::to_string).collect();
        elf
    }

    #[test]
    fn a_program_is_for_the_level_that_it_says() {
        for (cpu, api, needed, best) in [
            (
                Cpu::Aarch64,
                Some(24),
                &["libc.so"][..],
                "android_24_arm64_v8a",
            ),
            (
                Cpu::Arm,
                Some(16),
                &["libc.so", "liblog.so"],
                "android_21_armeabi_v7a",
            ),
            (Cpu::X86, None, &[], "android_21_x86"),
            // A library that came later.
            (
                Cpu::X86_64,
                Some(21),
                &["libaaudio.so"],
                "android_26_x86_64",
            ),
        ] {
            let package = Package(vec![("bin/tool", Facts::Elf(android(cpu, api, needed)))]);
            assert_eq!(package.best(), [best]);
            let like = best.parse().unwrap();
            let candidates = package.claims().candidates(&like);
            let first = candidates
                .iter()
                .find(|tag| package.claims().check(tag).is_allowed());
            assert_eq!(first, Some(&like));
        }
        let program = android(
            Cpu::Aarch64,
            Some(24),
            &["libc++_shared.so", "libpython3.13.so"],
        );
        let package = Package(vec![("bin/tool", Facts::Elf(program))]);
        let (reasons, notes) = said(&package.claims(), "android_23_arm64_v8a");
        assert_eq!(notes, [""; 0]);
        assert_eq!(
            reasons,
            [
                "bin/tool: it needs level 24 of Android's interfaces, and android_23_arm64_v8a \
                 promises less",
                "bin/tool: it needs libc++_shared.so, which android_23_arm64_v8a does not promise \
                 and the package does not carry where the loader looks",
            ]
        );
        // A program for Linux, and one for another CPU.
        let linux = Package(vec![("bin/tool", Facts::Elf(elf(Cpu::Aarch64)))]);
        for (package, tag) in [
            (&linux, "android_30_arm64_v8a"),
            (&package, "android_30_x86_64"),
        ] {
            assert_eq!(said(&package.claims(), tag).0.len(), 1, "{tag}");
        }
    }
}
