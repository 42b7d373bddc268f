//! What a Mach-O program is for.

use std::fmt;

use object::macho;

use super::platform;
use super::slice::{MachOKind, MachOSlice};
use super::universal::{self, MachO};
use super::version::AppleVersion;
use crate::facts::cpu::Cpu;
use crate::facts::identity::Identity;
use crate::facts::image::{Image, Stop};

/// What a Mach-O program is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachOOrigin {
    /// Whether it is a universal file, which has a table of slices. There may be only one slice in it.
    pub universal: bool,
    /// The code for each CPU, in the order of the file; never empty.
    pub slices: Vec<SliceOrigin>,
}

/// What the code for one CPU is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SliceOrigin {
    /// The CPU.
    pub cpu: Cpu,
    /// `cputype` of the header.
    pub machine: u32,
    /// Whether every machine with the CPU runs it: it is not for `arm64e` or `x86_64h`.
    pub is_for_every_machine: bool,
    /// The system, as `LC_BUILD_VERSION` numbers it: 1 is macOS, 2 is iOS, 7 is the simulator of
    /// iOS. `None`: it does not say, as very old code for macOS.
    pub platform: Option<u32>,
    /// The oldest version of the system that loads it.
    pub minimum: Option<AppleVersion>,
    /// What Apple calls the CPU.
    name: &'static str,
}

impl MachOOrigin {
    /// Returns whether it has code for macOS that every machine with a CPU runs.
    #[must_use]
    pub fn runs_on_macos(&self, cpu: Cpu) -> bool {
        let mut slices = self.slices.iter();
        slices.any(|slice| slice.cpu == cpu && slice.is_for_macos() && slice.is_for_every_machine)
    }
}

impl SliceOrigin {
    /// Returns whether it runs on macOS. Very old code does not say for which system it is.
    #[must_use]
    pub fn is_for_macos(&self) -> bool {
        self.platform
            .is_none_or(|platform| platform == macho::PLATFORM_MACOS.0)
    }

    fn of(slice: &MachOSlice) -> Self {
        let is_for_every_machine = slice.is_for_every_machine();
        Self {
            cpu: slice.cpu,
            machine: slice.cpu_type,
            is_for_every_machine,
            platform: slice.platform,
            minimum: slice.minimum,
            name: match (slice.cpu, is_for_every_machine) {
                (Cpu::X86_64, true) => "x86_64",
                (Cpu::X86_64, false) => "x86_64h",
                (Cpu::Aarch64, true) => "arm64",
                (Cpu::Aarch64, false) => "arm64e",
                (Cpu::X86, _) => "i386",
                (Cpu::Arm, _) => "arm",
                (Cpu::Powerpc64, _) => "ppc64",
                _ => "another CPU",
            },
        }
    }
}

/// Reads what a file that begins with a magic of Mach-O is for, as
/// [`origin`](crate::facts::origin()) does.
pub(in crate::facts) fn origin(image: &Image<'_>) -> Result<Identity<MachOOrigin>, Stop> {
    let unfit = |what: &str| Ok(Identity::Unfit(what.to_owned()));
    let Some(MachO { universal, slices }) = universal::read(image)? else {
        return unfit("a universal archive of Mach-O objects");
    };
    let is_program = |slice: &MachOSlice| slice.kind == MachOKind::Executable;
    if !slices.iter().all(is_program) {
        return unfit("a Mach-O file that is no program");
    }
    let slices = slices.iter().map(SliceOrigin::of).collect();
    Ok(Identity::Program(MachOOrigin { universal, slices }))
}

/// `macOS on arm64`, `macOS on x86_64 and arm64`, `iOS on arm64`.
impl fmt::Display for MachOOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said: Vec<(&str, Vec<&str>)> = Vec::new();
        for slice in &self.slices {
            let platform = slice.platform.unwrap_or(macho::PLATFORM_MACOS.0);
            let system = platform::name(platform);
            match said.iter_mut().find(|(known, _)| *known == system) {
                Some((_, cpus)) => cpus.push(slice.name),
                None => said.push((system, vec![slice.name])),
            }
        }
        let said = said.iter();
        let said = said.map(|(system, cpus)| format!("{system} on {}", cpus.join(" and ")));
        f.write_str(&said.collect::<Vec<_>>().join(" and "))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::facts::mach_o::testing::{Sample, universal};
    use crate::facts::{Origin, origin as read};

    fn origin(bytes: &[u8]) -> MachOOrigin {
        match read(&mut Cursor::new(bytes)).unwrap() {
            Identity::Program(Origin::MachO(mach_o)) => mach_o,
            other => panic!("{other:?}"),
        }
    }

    fn of(cpu: u32, subtype: u32) -> Sample {
        Sample {
            cpu,
            subtype,
            ..Sample::arm64()
        }
    }

    const ARM64: u32 = 0x0100_000c;
    const X86_64: u32 = 0x0100_0007;

    #[test]
    fn each_slice_is_told() {
        let x86 = of(X86_64, 3).bytes();
        let arm = of(ARM64, 0).bytes();
        let arm64e = of(ARM64, 2).bytes();
        let phone = Sample {
            versions: vec![(0x32, 2, 0x000d_0000)],
            ..Sample::arm64()
        };
        for (bytes, is_universal, runs, text) in [
            (arm.clone(), false, &[Cpu::Aarch64][..], "macOS on arm64"),
            (x86.clone(), false, &[Cpu::X86_64], "macOS on x86_64"),
            (
                universal(false, &[x86.clone(), arm.clone()]),
                true,
                &[Cpu::X86_64, Cpu::Aarch64],
                "macOS on x86_64 and arm64",
            ),
            (
                universal(true, &[arm64e.clone(), x86]),
                true,
                &[Cpu::X86_64],
                "macOS on arm64e and x86_64",
            ),
            (
                universal(false, std::slice::from_ref(&arm)),
                true,
                &[Cpu::Aarch64],
                "macOS on arm64",
            ),
            (arm64e, false, &[], "macOS on arm64e"),
            (of(X86_64, 8).bytes(), false, &[], "macOS on x86_64h"),
            (of(7, 3).bytes(), false, &[Cpu::X86], "macOS on i386"),
            (phone.bytes(), false, &[], "iOS on arm64"),
        ] {
            let found = origin(&bytes);
            assert_eq!((found.universal, &*found.to_string()), (is_universal, text));
            for cpu in [Cpu::X86, Cpu::X86_64, Cpu::Aarch64] {
                assert_eq!(
                    found.runs_on_macos(cpu),
                    runs.contains(&cpu),
                    "{text} {cpu}"
                );
            }
        }
        let found = origin(&arm);
        assert_eq!(found.slices[0].machine, ARM64);
        assert_eq!(found.slices[0].minimum.unwrap().to_string(), "11.0");
    }

    #[test]
    fn what_is_no_program_is_said_to_be_so() {
        let library = Sample {
            kind: 6,
            ..Sample::arm64()
        };
        let archive = b"!<arch>\n".to_vec();
        for (bytes, what) in [
            (library.bytes(), "a Mach-O file that is no program"),
            (
                universal(false, &[library.bytes(), of(X86_64, 3).bytes()]),
                "a Mach-O file that is no program",
            ),
            (
                universal(false, &[archive]),
                "a universal archive of Mach-O objects",
            ),
        ] {
            let found = read(&mut Cursor::new(bytes)).unwrap();
            assert_eq!(found, Identity::Unfit(what.to_owned()));
        }
        // A Java class.
        let class = [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61];
        assert_eq!(read(&mut Cursor::new(class)).unwrap(), Identity::Other);
    }

    #[test]
    fn what_is_cut_short_is_no_program() {
        let bytes = universal(false, &[of(X86_64, 3).bytes(), of(ARM64, 0).bytes()]);
        for end in (8..bytes.len()).step_by(7) {
            assert!(read(&mut Cursor::new(&bytes[..end])).is_err(), "{end}");
        }
    }
}
