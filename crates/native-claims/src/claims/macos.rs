//! Mach-O files, against tags for macOS and iOS.

use std::collections::BTreeSet;

use super::carried::Carried;
use super::file::NativeFile;
use super::reason::{Note, Reason};
use super::verdict::Verdict;
use crate::facts::{AppleVersion, Cpu, Dylib, MachO, MachOSlice, name_of_platform};
use crate::tag::{PlatformTag, System};

/// Systems, as `LC_BUILD_VERSION` numbers them.
const MACOS: u32 = 1;
const IOS: u32 = 2;
const IOS_SIMULATOR: u32 = 7;

/// The oldest macOS that has code for 64-bit CPUs of Intel and is of the kind that tags name.
/// Files that name no version are from before 10.6.
const OLDEST: AppleVersion = AppleVersion {
    major: 10,
    minor: 5,
    patch: 0,
};

/// The system and the CPU that a tag names. `None`: it is of another vendor's system.
fn target(tag: &PlatformTag) -> Option<(u32, &str)> {
    match tag.system() {
        System::Macos { .. } => Some((MACOS, tag.cpu())),
        System::Ios { .. } => {
            let (cpu, device) = tag.cpu().rsplit_once('_')?;
            let is_simulator = device == "iphonesimulator";
            Some((if is_simulator { IOS_SIMULATOR } else { IOS }, cpu))
        }
        System::Manylinux { .. }
        | System::Musllinux { .. }
        | System::Linux
        | System::Android { .. }
        | System::Windows => None,
    }
}

fn tag_cpu(cpu: Cpu) -> Option<&'static str> {
    Some(match cpu {
        Cpu::X86 => "i386",
        Cpu::X86_64 => "x86_64",
        Cpu::Aarch64 => "arm64",
        Cpu::Powerpc64 => "ppc64",
        _ => return None,
    })
}

/// The oldest version of a system that loads the code; `None` if it is for another system.
fn minimum_on(slice: &MachOSlice, platform: u32) -> Option<AppleVersion> {
    if slice.platform.is_none() && platform == MACOS {
        return Some(OLDEST);
    }
    slice.minimum_on(platform)
}

/// Whether there is code for the system and for every machine with the CPU of a tag.
pub(super) fn is_for(mach_o: &MachO, tag: &PlatformTag) -> bool {
    let mut slices = slices_for(mach_o, tag);
    slices.any(|(slice, _)| slice.is_for_every_machine())
}

/// The code that a machine of a tag may choose, with the oldest version of the system that loads it:
/// that for every machine with its CPU, and that for newer ones. What is for `arm64e` no system of
/// Apple chooses, unless it is a part of it.
fn slices_for<'a>(
    mach_o: &'a MachO,
    tag: &'a PlatformTag,
) -> impl Iterator<Item = (&'a MachOSlice, AppleVersion)> {
    let target = target(tag);
    mach_o.slices.iter().filter_map(move |slice| {
        let (platform, cpu) = target?;
        let is_chosen = slice.cpu != Cpu::Aarch64 || slice.is_for_every_machine();
        let minimum = minimum_on(slice, platform)?;
        (is_chosen && tag_cpu(slice.cpu) == Some(cpu)).then_some((slice, minimum))
    })
}

/// What a file is for, for a person: systems and CPUs.
pub(super) fn describe(mach_o: &MachO) -> String {
    let mut said: Vec<(&str, Vec<String>)> = Vec::new();
    for slice in &mach_o.slices {
        let platform = slice.platform.unwrap_or(MACOS);
        let (system, cpu) = (name_of_platform(platform), slice.cpu_name());
        match said.iter_mut().find(|(known, _)| *known == system) {
            Some((_, cpus)) => cpus.push(cpu),
            None => said.push((system, vec![cpu])),
        }
    }
    let said = said.iter();
    let said = said.map(|(system, cpus)| format!("{system} on {}", cpus.join(" and ")));
    said.collect::<Vec<_>>().join(" and ")
}

/// What tags of macOS name of a version: its release, which is one number from 11 on and two before.
/// Updates of a release have no tag. Tags of iOS name two numbers.
fn release(platform: u32, major: u32, minor: u32) -> (u32, u32) {
    let is_update = platform == MACOS && major >= 11;
    (major, if is_update { 0 } else { minor })
}

/// The first version of the system that runs on the CPU of a tag, where tags name older ones: linkers
/// do not go below that.
fn first_release(tag: &PlatformTag) -> (u32, u32) {
    if tag.cpu() == "arm64_iphonesimulator" {
        (14, 0)
    } else {
        (0, 0)
    }
}

pub(super) fn check(
    carried: &Carried<'_>,
    file: NativeFile<'_>,
    mach_o: &MachO,
    tag: &PlatformTag,
    verdict: &mut Verdict,
) {
    let (System::Macos { major, minor } | System::Ios { major, minor }) = tag.system() else {
        return;
    };
    let platform = target(tag).map_or(MACOS, |(platform, _)| platform);
    let system = if platform == MACOS { "macOS" } else { "iOS" };
    let promised = release(platform, major, minor).max(first_release(tag));
    // The newest one decides, whatever the order.
    let newest = slices_for(mach_o, tag).map(|(_, minimum)| minimum).max();
    if let Some(minimum) = newest {
        let numbers = (minimum.major.into(), minimum.minor.into());
        let needed = release(platform, numbers.0, numbers.1);
        let is_update = minimum.patch != 0 || needed != numbers;
        let tag = tag.to_string();
        if needed > promised {
            let reason = Reason::System {
                system,
                minimum,
                tag,
            };
            verdict.add(file, reason);
        } else if needed == promised && is_update {
            let note = Note::Update {
                system,
                minimum,
                tag,
            };
            verdict.note(file, note);
        }
    }
    let mut said = BTreeSet::new();
    for (slice, _) in slices_for(mach_o, tag) {
        for library in not_there(carried, file, slice) {
            if said.insert(&library.path) {
                let (library, tag) = (library.path.clone(), tag.to_string());
                verdict.add(file, Reason::Library { library, tag });
            }
        }
    }
}

/// The interpreter, as extension modules for iOS name it (PEP 730).
const PYTHON_OF_IOS: &str = "@rpath/Python.framework/Python";

/// The libraries of macOS are not files since version 11; they are where they always were.
fn is_system(path: &str) -> bool {
    // With `..` a path is below nothing.
    let is_plain = !path.split('/').any(|part| part == "..");
    is_plain && (path.starts_with("/usr/lib/") || path.starts_with("/System/"))
}

fn not_there<'a>(
    carried: &Carried<'_>,
    file: NativeFile<'_>,
    slice: &'a MachOSlice,
) -> impl Iterator<Item = &'a Dylib> {
    let own = slice.install_name.as_deref();
    // `@rpath` may be a directory of the system: what is in it cannot be seen from here.
    let in_system = slice.rpaths.iter().any(|path| is_system(path));
    // An application for iOS brings Python, and its libraries need that.
    let has_python = !slice.is_for_macos();
    slice.needed.iter().filter(move |library| {
        let path = library.path.as_str();
        let is_there = library.weak
            || is_system(path)
            || Some(path) == own
            || (has_python && path == PYTHON_OF_IOS)
            || (in_system && path.starts_with("@rpath/"))
            || carried.has(file, path);
        !is_there
    })
}

/// The tags of macOS for a CPU, or for `universal2`.
pub(super) fn all(cpu: &str) -> Vec<PlatformTag> {
    /// Far beyond all versions that there are.
    const LATEST: u32 = 40;
    let old = (5..16).map(|minor| format!("macosx_10_{minor}_{cpu}"));
    let new = (11..=LATEST).map(|major| format!("macosx_{major}_0_{cpu}"));
    // There is no arm64 among the old ones.
    old.chain(new).filter_map(|tag| tag.parse().ok()).collect()
}

/// The tags that a package with this file may have.
pub(super) fn candidates(mach_o: &MachO) -> Vec<PlatformTag> {
    let mut tags = Vec::new();
    for slice in &mach_o.slices {
        let Some(cpu) = tag_cpu(slice.cpu).filter(|_| slice.is_for_every_machine()) else {
            continue;
        };
        if minimum_on(slice, MACOS).is_some() {
            tags.extend(all(cpu));
        }
        for (platform, device) in [(IOS, "iphoneos"), (IOS_SIMULATOR, "iphonesimulator")] {
            // Its updates are too many to try: the one that a file asks for is the oldest that can do.
            if let Some(minimum) = slice.minimum_on(platform) {
                let (major, minor) = (minimum.major, minimum.minor);
                let tag = format!("ios_{major}_{minor}_{cpu}_{device}");
                tags.extend(tag.parse().ok());
            }
        }
    }
    tags
}

/// Libraries that are nowhere.
pub(super) fn missing<'a>(
    carried: &Carried<'_>,
    file: NativeFile<'_>,
    mach_o: &'a MachO,
) -> Vec<&'a str> {
    let slices = mach_o.slices.iter();
    let mut missing: Vec<&str> = slices
        .flat_map(|slice| not_there(carried, file, slice))
        .map(|library| library.path.as_str())
        .collect();
    missing.sort_unstable();
    missing.dedup();
    missing
}

#[cfg(test)]
mod tests;
