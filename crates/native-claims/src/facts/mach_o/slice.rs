//! The code for one CPU.

use object::Endianness;
use object::macho::{self, MachHeader32, MachHeader64};
use object::read::macho::{LoadCommandData, MachHeader, Section as _, Segment};
use serde::Serialize;

use super::layout::SliceLayout;
use super::platform::{self, AppleSystem};
use super::signature::Signature;
use super::version::AppleVersion;
use crate::facts::cpu::Cpu;
use crate::facts::image::{Damage, Image, Stop};

/// The code for one CPU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MachOSlice {
    /// The CPU.
    pub cpu: Cpu,
    /// What of the CPU the code needs, as the format numbers it: 3 is any x86-64 and 8 one with
    /// AVX2; 0 is any arm64 and 2 one with pointer authentication.
    pub cpu_subtype: u32,
    /// The CPU, as the format numbers it.
    #[serde(skip)]
    pub(crate) cpu_type: u32,
    /// What it can be used as.
    pub kind: MachOKind,
    /// The system it was built for, as `LC_BUILD_VERSION` numbers it: 1 is macOS. None where
    /// the file does not say, which only ones for macOS before 10.6 do.
    pub platform: Option<u32>,
    /// The oldest version of the system that loads it.
    pub minimum: Option<AppleVersion>,
    /// Other systems that it was built for as well. A library for macOS may be one for iPad programs
    /// on macOS too.
    pub also: Vec<AppleSystem>,
    /// Whether it has a signature, of whichever kind.
    pub signed: bool,
    /// What is known of the signature.
    pub signature: Signature,
    /// The libraries that are loaded with it.
    pub needed: Vec<Dylib>,
    /// The directories in which `@rpath` is looked for.
    pub rpaths: Vec<String>,
    /// Where a library expects to be installed.
    pub install_name: Option<String>,
    #[serde(skip)]
    pub(crate) layout: SliceLayout,
}

/// What a Mach-O file can be used as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MachOKind {
    /// A program.
    Executable,
    /// A library that is loaded when a program starts, or later.
    SharedLibrary,
    /// A library that is only loaded later, such as a plugin.
    Bundle,
    /// Nothing that a system can run or load: an object, debugging symbols.
    Other,
}

/// A library that is loaded with the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dylib {
    /// Its path, which may begin with `@rpath`, `@loader_path` or `@executable_path`.
    pub path: String,
    /// Whether it may be missing.
    pub weak: bool,
}

pub(super) const HEADER: &str = "the Mach-O header";
const COMMANDS: &str = "the load commands";

pub(super) fn read(image: &Image<'_>) -> Result<MachOSlice, Stop> {
    let magic = image.bytes(HEADER, 0, 4)?;
    match magic[..] {
        [0xce, 0xfa, 0xed, 0xfe] | [0xfe, 0xed, 0xfa, 0xce] => {
            read_as::<MachHeader32<Endianness>>(image)
        }
        [0xcf, 0xfa, 0xed, 0xfe] | [0xfe, 0xed, 0xfa, 0xcf] => {
            read_as::<MachHeader64<Endianness>>(image)
        }
        _ => Err(Damage::Invalid("a slice of it is no Mach-O file").into()),
    }
}

fn read_as<H: MachHeader<Endian = Endianness>>(image: &Image<'_>) -> Result<MachOSlice, Stop> {
    let invalid = |_| Damage::Invalid("its load commands are damaged");
    let size = size_of::<H>() as u64;
    let mut bytes = image.bytes(HEADER, 0, size)?;
    let header = *H::parse(&bytes[..], 0).map_err(invalid)?;
    let endian = header.endian().map_err(invalid)?;
    bytes.extend(image.bytes(COMMANDS, size, header.sizeofcmds(endian).into())?);
    let mut slice = MachOSlice {
        cpu: cpu(header.cputype(endian)),
        cpu_type: header.cputype(endian).0,
        cpu_subtype: header.cpusubtype(endian).0 & !macho::CPU_SUBTYPE_MASK,
        kind: kind(header.filetype(endian)),
        platform: None,
        minimum: None,
        also: Vec::new(),
        signed: false,
        signature: Signature::Absent,
        needed: Vec::new(),
        rpaths: Vec::new(),
        install_name: None,
        layout: SliceLayout {
            start: image.start(),
            len: image.len(),
            ..SliceLayout::default()
        },
    };
    let commands = header
        .load_commands(endian, &bytes[..], 0)
        .map_err(invalid)?;
    for command in commands {
        let command = command.map_err(invalid)?;
        add(&mut slice, image, endian, &command)?;
    }
    Ok(slice)
}

fn add(
    slice: &mut MachOSlice,
    image: &Image<'_>,
    endian: Endianness,
    command: &LoadCommandData<'_, Endianness>,
) -> Result<(), Stop> {
    let invalid = |_| Damage::Invalid("a load command of it is damaged");
    let text = |at| {
        let bytes = command.string(endian, at).map_err(invalid)?;
        Ok::<_, Stop>(String::from_utf8_lossy(bytes).into_owned())
    };
    if let Some((segment, sections)) = command.segment_64().map_err(invalid)? {
        slice.add_segment(image, endian, segment, sections)?;
    } else if let Some((segment, sections)) = command.segment_32().map_err(invalid)? {
        slice.add_segment(image, endian, segment, sections)?;
    } else if let Some((version, _)) = command.build_version(endian).map_err(invalid)? {
        let platform = version.platform.get(endian).0;
        slice.built_for(platform, version.minos.get(endian));
    } else if let Some(platform) = platform::of_older_command(command.cmd(), slice.cpu) {
        let version: &macho::VersionMinCommand<Endianness> = command.data().map_err(invalid)?;
        slice.built_for(platform, version.version.get(endian));
    } else if let Some(library) = command.dylib().map_err(invalid)? {
        slice.needed.push(Dylib {
            path: text(library.dylib.name)?,
            weak: command.cmd() == macho::LC_LOAD_WEAK_DYLIB,
        });
    } else if command.cmd() == macho::LC_ID_DYLIB {
        let library: &macho::DylibCommand<Endianness> = command.data().map_err(invalid)?;
        slice.install_name = Some(text(library.dylib.name)?);
    } else if command.cmd() == macho::LC_RPATH {
        let path: &macho::RpathCommand<Endianness> = command.data().map_err(invalid)?;
        slice.rpaths.push(text(path.path)?);
    } else if command.cmd() == macho::LC_CODE_SIGNATURE {
        let data: &macho::LinkeditDataCommand<Endianness> = command.data().map_err(invalid)?;
        let (offset, size) = (data.dataoff.get(endian), data.datasize.get(endian));
        slice.holds(image, "the signature", offset.into(), size.into())?;
        slice.signed = size != 0;
        if slice.signed {
            let at = u64::from(offset);
            slice.layout.signature = Some(at..at + u64::from(size));
            slice.signature = Signature::Unchecked;
        }
    }
    Ok(())
}

impl MachOSlice {
    /// Checks that the file holds what is loaded from it. Debugging symbols describe a file that
    /// is elsewhere.
    fn holds(
        &self,
        image: &Image<'_>,
        part: &'static str,
        at: u64,
        size: u64,
    ) -> Result<(), Damage> {
        match self.kind {
            MachOKind::Other => Ok(()),
            _ => image.holds(part, at, size),
        }
    }

    /// Adds a segment, and what in it the signature is about.
    fn add_segment<S: Segment<Endian = Endianness>>(
        &mut self,
        image: &Image<'_>,
        endian: Endianness,
        segment: &S,
        sections: &[u8],
    ) -> Result<(), Stop> {
        let (at, size) = segment.file_range(endian);
        self.holds(image, "a segment", at, size)?;
        match segment.name() {
            b"__LINKEDIT" => self.layout.linkedit = Some(at..at.saturating_add(size)),
            b"__TEXT" => {
                // One that is damaged is for the loader no less of a program: it reads no sections.
                let sections = segment.sections(endian, sections).unwrap_or_default();
                let mut sections = sections.iter();
                let list = sections.find(|section| section.name() == b"__info_plist");
                self.layout.info_plist = list.and_then(|section| {
                    let at = u64::from(section.offset(endian));
                    let end = at.checked_add(section.size(endian).into())?;
                    (end <= self.layout.len).then_some(at..end)
                });
            }
            _ => {}
        }
        Ok(())
    }

    /// Notes what the code was built for. Of several systems macOS counts, and of several versions of
    /// one the newest.
    fn built_for(&mut self, platform: u32, version: macho::Version) {
        let minimum = AppleVersion::from(version);
        let (Some(main), Some(known)) = (self.platform, self.minimum) else {
            (self.platform, self.minimum) = (Some(platform), Some(minimum));
            return;
        };
        let new = AppleSystem { platform, minimum };
        if platform == main {
            self.minimum = Some(known.max(minimum));
        } else if platform == macho::PLATFORM_MACOS.0 {
            let (platform, minimum) = (main, known);
            self.also.push(AppleSystem { platform, minimum });
            (self.platform, self.minimum) = (Some(new.platform), Some(new.minimum));
        } else {
            self.also.push(new);
        }
    }

    /// Returns the oldest version of a system that loads the code; `None` if it was not built for
    /// that.
    pub(crate) fn minimum_on(&self, platform: u32) -> Option<AppleVersion> {
        let main = self.minimum.filter(|_| self.platform == Some(platform));
        main.or_else(|| {
            let mut also = self.also.iter();
            Some(also.find(|system| system.platform == platform)?.minimum)
        })
    }

    /// Returns whether every machine with the CPU runs the code. Code for `arm64e` runs where Apple
    /// signed it, and code for `x86_64h` on CPUs from 2013 on.
    #[must_use]
    pub fn is_for_every_machine(&self) -> bool {
        self.variant().is_none()
    }

    /// Returns what Apple calls a CPU that is not every one of its kind.
    fn variant(&self) -> Option<&'static str> {
        match (self.cpu, self.cpu_subtype) {
            (Cpu::Aarch64, ARM64E) => Some("arm64e"),
            (Cpu::X86_64, X86_64_HASWELL) => Some("x86_64h"),
            _ => None,
        }
    }

    /// Returns the CPU, for a person.
    #[must_use]
    pub fn cpu_name(&self) -> String {
        let variant = self.variant().map(str::to_owned);
        variant.unwrap_or_else(|| self.cpu.to_string())
    }

    /// Returns whether the system loads the code: it is not an object, or debugging symbols.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.kind != MachOKind::Other
    }

    /// Returns whether it runs on macOS. Very old code does not say for which system it is.
    #[must_use]
    pub fn is_for_macos(&self) -> bool {
        self.platform
            .is_none_or(|platform| platform == macho::PLATFORM_MACOS.0)
    }
}

/// Subtypes of a CPU, without the flags in their high byte.
const ARM64E: u32 = macho::CPU_SUBTYPE_ARM64E.0;
const X86_64_HASWELL: u32 = macho::CPU_SUBTYPE_X86_64_H.0;

pub(super) fn cpu(number: macho::CpuType) -> Cpu {
    match number {
        macho::CPU_TYPE_X86 => Cpu::X86,
        macho::CPU_TYPE_X86_64 => Cpu::X86_64,
        macho::CPU_TYPE_ARM => Cpu::Arm,
        macho::CPU_TYPE_ARM64 => Cpu::Aarch64,
        macho::CPU_TYPE_POWERPC64 => Cpu::Powerpc64,
        other => Cpu::Other(other.0),
    }
}

fn kind(number: macho::FileType) -> MachOKind {
    match number {
        macho::MH_EXECUTE => MachOKind::Executable,
        macho::MH_DYLIB => MachOKind::SharedLibrary,
        macho::MH_BUNDLE => MachOKind::Bundle,
        _ => MachOKind::Other,
    }
}
