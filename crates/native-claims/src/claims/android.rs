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

/// The tags that a package with this file may have: from the level that it says it needs, or from the
/// first that Rust and Go build for, on.
pub(super) fn candidates(elf: &Elf) -> Vec<PlatformTag> {
    const OLDEST: u32 = 21;
    /// Far beyond all levels that there are.
    const LATEST: u32 = 60;
    let Some(cpu) = tag_cpu(elf.cpu) else {
        return Vec::new();
    };
    let first = elf.android_api.unwrap_or(OLDEST);
    let tags = (first..=LATEST).map(|api| format!("android_{api}_{cpu}"));
    tags.filter_map(|tag| tag.parse().ok()).collect()
}
