//! What an ELF program is for.

use std::fmt;

use object::{Endianness, elf};

use super::arm;
use super::dynamic::Dynamic;
use super::kind::{ElfKind, Libc};
use super::layout::{Header, Layout};
use super::system::{Signs, UnixSystem};
use super::{identity, notes, read};
use crate::facts::cpu::Cpu;
use crate::facts::identity::Identity;
use crate::facts::image::{Image, Stop};

/// What an ELF program is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElfOrigin {
    /// The system.
    pub system: UnixSystem,
    /// The CPU: what [`machine`](Self::machine), class and byte order name together.
    pub cpu: Cpu,
    /// `e_machine`.
    pub machine: u32,
    /// Whether its class is 64-bit. A 32-bit program for a 64-bit CPU, as those of x32 are, has a
    /// [`cpu`](Self::cpu) of its own.
    pub is_64_bit: bool,
    /// Whether its data is little-endian.
    pub little_endian: bool,
    /// `e_flags`, whose meaning depends on the CPU.
    pub flags: u32,
    /// How it comes by its C library.
    pub linkage: Linkage,
    /// The registers in which it hands over floating-point numbers. `None`: its CPU has one way
    /// only, or it does not say. A static program of Go does not.
    pub float: Option<FloatAbi>,
    /// The generation of ARM that it needs, 4 to 9, from its attributes. `None`: it is for another
    /// CPU, or says nothing.
    pub arm_version: Option<u8>,
    /// Whether it needs versions of symbols that illumos has and Solaris has not. Programs without
    /// them may be for either.
    pub is_illumos: bool,
}

/// How a program comes by its C library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linkage {
    /// It brings what it needs. Which C library that was, the headers do not say.
    Static,
    /// It asks for a loader, or for libraries, of this C library.
    Dynamic(Libc),
}

/// The registers in which floating-point numbers are handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FloatAbi {
    /// Those for integers: `eabi`, `lp64`.
    Soft,
    /// Those for floating-point numbers of 32 bits: `lp64f`.
    Single,
    /// Those for floating-point numbers of 64 bits: `eabihf`, `lp64d`.
    Hard,
}

/// Reads what a file that begins with the magic of ELF is for, as
/// [`origin`](crate::facts::origin()) does.
pub(in crate::facts) fn origin(image: &Image<'_>) -> Result<Identity<ElfOrigin>, Stop> {
    let unfit = |what: &str| Ok(Identity::Unfit(what.to_owned()));
    let layout = Layout::read(image)?;
    let Layout { header, .. } = &layout;
    image.holds(
        "the section header table",
        header.sections.0,
        header.sections.1,
    )?;
    if !matches!(header.kind, elf::ET_EXEC | elf::ET_DYN) {
        return unfit("an ELF file that is no program");
    }
    let named = layout.of_kind(elf::PT_INTERP).next();
    let dynamic = Dynamic::read(image, &layout)?;
    match identity::kind(header, named.is_some(), &dynamic) {
        ElfKind::SharedLibrary => return unfit("a shared library"),
        _ if header.entry == 0 => return unfit("an ELF file that is no program"),
        _ => {}
    }
    let interpreter = named.map(|segment| read::interpreter(image, segment));
    let interpreter = interpreter.transpose()?;
    let interpreter = interpreter.as_deref();
    let versions = dynamic.versions(image, &layout)?;
    let system = UnixSystem::of(&Signs {
        os_abi: header.os_abi,
        note: notes::read(image, &layout)?.system,
        interpreter,
        needed: &dynamic.needed,
        versions: &versions,
    });
    let linkage = match identity::libc(system, interpreter, &dynamic.needed, &versions) {
        Some(libc) => Linkage::Dynamic(libc),
        None if interpreter.is_some() || !dynamic.needed.is_empty() => {
            Linkage::Dynamic(Libc::Other)
        }
        None => Linkage::Static,
    };
    let mut of_symbols = versions.iter().flat_map(|need| &need.versions);
    Ok(Identity::Program(ElfOrigin {
        system,
        cpu: identity::cpu(header),
        machine: header.machine.0.into(),
        is_64_bit: header.is_64_bit,
        little_endian: header.endian == Endianness::Little,
        flags: header.flags,
        linkage,
        float: float(header, interpreter),
        arm_version: arm::version(image, header)?,
        is_illumos: of_symbols.any(|version| version.name.starts_with("ILLUMOS_")),
    }))
}

/// The loader says it, as each ABI has one of its own; and the linker's flags.
fn float(header: &Header, interpreter: Option<&str>) -> Option<FloatAbi> {
    let name = interpreter.and_then(|path| path.rsplit('/').next());
    match header.machine {
        elf::EM_ARM => {
            let of_loader = match name {
                Some("ld-linux-armhf.so.3" | "ld-musl-armhf.so.1" | "ld-musl-armebhf.so.1") => {
                    Some(FloatAbi::Hard)
                }
                Some(
                    "ld-linux.so.3" | "ld-linux.so.2" | "ld-musl-arm.so.1" | "ld-musl-armeb.so.1",
                ) => Some(FloatAbi::Soft),
                _ => None,
            };
            of_loader.or_else(|| of_arm_flags(header.flags))
        }
        elf::EM_RISCV => Some(match header.flags & elf::EF_RISCV_FLOAT_ABI {
            0 => FloatAbi::Soft,
            2 => FloatAbi::Single,
            _ => FloatAbi::Hard,
        }),
        elf::EM_LOONGARCH => match header.flags & 7 {
            1 => Some(FloatAbi::Soft),
            2 => Some(FloatAbi::Single),
            3 => Some(FloatAbi::Hard),
            _ => None,
        },
        _ => None,
    }
}

fn of_arm_flags(flags: u32) -> Option<FloatAbi> {
    /// `EF_ARM_ABI_FLOAT_SOFT` and `EF_ARM_ABI_FLOAT_HARD`.
    const SOFT: u32 = 0x200;
    const HARD: u32 = 0x400;
    match (flags & SOFT != 0, flags & HARD != 0) {
        (true, false) => Some(FloatAbi::Soft),
        (false, true) => Some(FloatAbi::Hard),
        _ => None,
    }
}

/// `Linux on x86_64 with glibc`, `FreeBSD on aarch64`, `Linux on arm, version 6, with musl`.
impl fmt::Display for ElfOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let system = if self.is_illumos {
            "illumos".to_owned()
        } else {
            self.system.to_string()
        };
        write!(f, "{system} on {}", self.cpu)?;
        if let Some(version) = self.arm_version {
            write!(f, "v{version}")?;
        }
        match self.float {
            Some(FloatAbi::Soft) => f.write_str(" (soft float)")?,
            Some(FloatAbi::Single) => f.write_str(" (single float)")?,
            Some(FloatAbi::Hard) if self.cpu == Cpu::Arm => f.write_str(" (hard float)")?,
            _ => {}
        }
        match self.linkage {
            Linkage::Static => f.write_str(", static"),
            Linkage::Dynamic(Libc::Glibc) => f.write_str(" with glibc"),
            Linkage::Dynamic(Libc::Musl) => f.write_str(" with musl"),
            Linkage::Dynamic(Libc::Other) if self.system == UnixSystem::Linux => {
                f.write_str(" with another C library")
            }
            Linkage::Dynamic(Libc::Other) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::testing::Sample;
    use super::*;
    use crate::facts::image::Damage;
    use crate::facts::{FactsError, Origin, origin as read};

    fn identity(sample: &Sample) -> Identity<Origin> {
        read(&mut Cursor::new(sample.bytes())).unwrap()
    }

    fn origin(sample: &Sample) -> ElfOrigin {
        match identity(sample) {
            Identity::Program(Origin::Elf(elf)) => elf,
            other => panic!("{other:?}"),
        }
    }

    /// A static program.
    fn alone(wide: bool, big: bool, machine: u16) -> Sample {
        let mut sample = Sample::new(wide, big);
        (sample.machine, sample.interpreter) = (machine, None);
        sample.needed.clear();
        sample.versions.clear();
        sample
    }

    #[test]
    fn class_byte_order_and_machine_are_one_cpu() {
        for (wide, big, machine, cpu, text) in [
            (true, false, 62, Cpu::X86_64, "Linux on x86_64, static"),
            (
                false,
                false,
                62,
                Cpu::Other(62),
                "Linux on machine 0x3e, static",
            ),
            (false, false, 3, Cpu::X86, "Linux on x86, static"),
            (true, false, 183, Cpu::Aarch64, "Linux on aarch64, static"),
            (true, true, 22, Cpu::S390x, "Linux on s390x, static"),
            (true, true, 21, Cpu::Powerpc64, "Linux on powerpc64, static"),
            (
                true,
                false,
                21,
                Cpu::Powerpc64Le,
                "Linux on powerpc64le, static",
            ),
            (true, false, 8, Cpu::Mips64El, "Linux on mips64el, static"),
            (
                true,
                false,
                258,
                Cpu::Loongarch64,
                "Linux on loongarch64, static",
            ),
        ] {
            let found = origin(&alone(wide, big, machine));
            assert_eq!((found.cpu, found.machine), (cpu, machine.into()));
            assert_eq!((found.is_64_bit, found.little_endian), (wide, !big));
            assert_eq!(found.linkage, Linkage::Static);
            assert_eq!(found.to_string(), text);
        }
    }

    #[test]
    fn the_c_library_is_that_of_the_loader_or_of_what_is_needed() {
        for (interpreter, needed, os_abi, linkage, text) in [
            (
                Some("/lib64/ld-linux-x86-64.so.2"),
                &["libc.so.6"][..],
                0,
                Linkage::Dynamic(Libc::Glibc),
                "Linux on x86_64 with glibc",
            ),
            (
                Some("/lib/ld-musl-x86_64.so.1"),
                &[],
                0,
                Linkage::Dynamic(Libc::Musl),
                "Linux on x86_64 with musl",
            ),
            (
                Some("/lib/ld-uClibc.so.0"),
                &["libc.so.0"],
                0,
                Linkage::Dynamic(Libc::Other),
                "Linux on x86_64 with another C library",
            ),
            (
                Some("/system/bin/linker64"),
                &["libc.so"],
                0,
                Linkage::Dynamic(Libc::Other),
                "Android on x86_64",
            ),
            (
                Some("/usr/libexec/ld.so"),
                &["libc.so.100.3"],
                0,
                Linkage::Dynamic(Libc::Other),
                "OpenBSD on x86_64",
            ),
            (None, &[], 9, Linkage::Static, "FreeBSD on x86_64, static"),
            (None, &[], 3, Linkage::Static, "Linux on x86_64, static"),
        ] {
            let mut sample = alone(true, false, 62);
            (sample.interpreter, sample.os_abi) = (interpreter, os_abi);
            sample.needed = needed.to_vec();
            let found = origin(&sample);
            assert_eq!((found.linkage, &*found.to_string()), (linkage, text));
        }
    }

    #[test]
    fn illumos_is_known_by_what_solaris_has_not() {
        for (version, text) in [
            ("SUNW_1.22", "Solaris on x86_64"),
            ("ILLUMOS_0.1", "illumos on x86_64"),
        ] {
            let mut sample = alone(true, false, 62);
            (sample.interpreter, sample.needed) = (Some("/lib/amd64/ld.so.1"), vec!["libc.so.1"]);
            sample.versions = vec![("libc.so.1", vec![(version, 0)])];
            assert_eq!(origin(&sample).to_string(), text);
        }
    }

    #[test]
    fn abis_of_one_cpu_are_told_apart() {
        use FloatAbi::{Hard, Single, Soft};
        for (machine, wide, flags, interpreter, float) in [
            (40, false, 0x0500_0400, None, Some(Hard)),
            (40, false, 0x0500_0200, None, Some(Soft)),
            // Those of Go, of a linker that nobody told, and of one that lies.
            (40, false, 0x0500_0002, None, None),
            (40, false, 0x0500_0600, None, None),
            (40, false, 0, Some("/lib/ld-linux-armhf.so.3"), Some(Hard)),
            (
                40,
                false,
                0x0500_0200,
                Some("/lib/ld-musl-armhf.so.1"),
                Some(Hard),
            ),
            (
                40,
                false,
                0x0500_0400,
                Some("/lib/ld-linux.so.3"),
                Some(Soft),
            ),
            (40, false, 0, Some("/lib/ld-musl-arm.so.1"), Some(Soft)),
            (40, false, 0x0500_0400, Some("/lib/ld.so"), Some(Hard)),
            (243, true, 5, None, Some(Hard)),
            (243, true, 1, None, Some(Soft)),
            (243, true, 3, None, Some(Single)),
            (258, true, 0x43, None, Some(Hard)),
            (258, true, 0x41, None, Some(Soft)),
            (258, true, 0x42, None, Some(Single)),
            (258, true, 0x40, None, None),
            (62, true, 0x400, None, None),
        ] {
            let mut sample = alone(wide, false, machine);
            (sample.flags, sample.interpreter) = (flags, interpreter);
            let found = origin(&sample);
            assert_eq!(
                (found.float, found.flags),
                (float, flags),
                "{machine} {flags:#x}"
            );
        }
    }

    #[test]
    fn the_generation_of_arm_is_among_its_attributes() {
        let attributes = b"A\x11\0\0\0aeabi\0\x01\x07\0\0\0\x06\x06";
        for (machine, attributes, version) in [
            (40, Some(&attributes[..]), Some(6)),
            (40, Some(b"A"), None),
            (40, None, None),
            (3, Some(attributes), None),
        ] {
            let mut sample = alone(false, false, machine);
            sample.attributes = attributes.map(<[u8]>::to_vec);
            sample.flags = 0x0500_0400;
            let found = origin(&sample);
            assert_eq!(found.arm_version, version);
            let text = if version.is_some() {
                "Linux on armv6 (hard float), static"
            } else {
                continue;
            };
            assert_eq!(found.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_program_is_said_to_be_so() {
        let unfit = |change: fn(&mut Sample)| {
            let mut sample = Sample::new(true, false);
            change(&mut sample);
            match identity(&sample) {
                Identity::Unfit(what) => what,
                other => panic!("{other:?}"),
            }
        };
        let library = |sample: &mut Sample| {
            // Old linkers give a library an entry point.
            (sample.pie, sample.soname) = (false, Some("libx.so.1"));
        };
        assert_eq!(unfit(library), "a shared library");
        let nothing = "an ELF file that is no program";
        assert_eq!(unfit(|sample| sample.of_type = 1), nothing);
        assert_eq!(unfit(|sample| sample.entry = 0), nothing);
    }

    #[test]
    fn what_is_cut_short_is_truncated() {
        let mut sample = Sample::new(true, false);
        sample.attributes = Some(vec![0; 8]);
        let bytes = sample.bytes();
        for end in 4..bytes.len() - 8 {
            match read(&mut Cursor::new(&bytes[..end])) {
                Err(FactsError::Damaged {
                    damage: Damage::Truncated { len, .. },
                    ..
                }) => assert_eq!(len, end as u64),
                other => panic!("{other:?} of {end} bytes"),
            }
        }
        for at in 0..bytes.len() {
            for byte in [0, 1, 0x7f, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] = byte;
                // A panic is what this looks for.
                let _ = read(&mut Cursor::new(bytes));
            }
        }
    }
}
