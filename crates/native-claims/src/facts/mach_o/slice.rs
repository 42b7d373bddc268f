//! The code for one CPU.

use std::fmt;

use object::Endianness;
use object::macho::{self, LoadCommandType, MachHeader32, MachHeader64};
use object::read::macho::{LoadCommandData, MachHeader};
use serde::{Serialize, Serializer};

use super::super::Cpu;
use super::super::image::{Fault, Image, Stop};

/// The code for one CPU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MachOSlice {
    /// The CPU.
    pub cpu: Cpu,
    /// What of the CPU the code needs, as the format numbers it: 3 is any x86-64 and 8 one with
    /// AVX2; 0 is any arm64 and 2 one with pointer authentication.
    pub cpu_subtype: u32,
    /// What it can be used as.
    pub kind: MachOKind,
    /// The system it was built for, as `LC_BUILD_VERSION` numbers it: 1 is macOS. None where
    /// the file does not say, which only ones for macOS before 10.6 do.
    pub platform: Option<u32>,
    /// The oldest version of the system that loads it.
    pub minimum: Option<AppleVersion>,
    /// Whether it has a signature, of whichever kind.
    pub signed: bool,
    /// The libraries that are loaded with it.
    pub needed: Vec<Dylib>,
    /// The directories in which `@rpath` is looked for.
    pub rpaths: Vec<String>,
    /// Where a library expects to be installed.
    pub install_name: Option<String>,
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

/// A version of macOS, or of one of its relatives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AppleVersion {
    /// First number.
    pub major: u16,
    /// Second number.
    pub minor: u8,
    /// Third number, which is mostly zero.
    pub patch: u8,
}

impl fmt::Display for AppleVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        match self.patch {
            0 => Ok(()),
            patch => write!(f, ".{patch}"),
        }
    }
}

impl Serialize for AppleVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl From<macho::Version> for AppleVersion {
    fn from(version: macho::Version) -> Self {
        let [_, _, minor, patch] = version.0.to_be_bytes();
        Self {
            major: version.major(),
            minor,
            patch,
        }
    }
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
        _ => Err(Fault::Invalid("a slice of it is no Mach-O file").into()),
    }
}

fn read_as<H: MachHeader<Endian = Endianness>>(image: &Image<'_>) -> Result<MachOSlice, Stop> {
    let invalid = |_| Fault::Invalid("its load commands are damaged");
    let size = size_of::<H>() as u64;
    let mut bytes = image.bytes(HEADER, 0, size)?;
    let header = *H::parse(&bytes[..], 0).map_err(invalid)?;
    let endian = header.endian().map_err(invalid)?;
    bytes.extend(image.bytes(COMMANDS, size, header.sizeofcmds(endian).into())?);
    let mut slice = MachOSlice {
        cpu: cpu(header.cputype(endian)),
        cpu_subtype: header.cpusubtype(endian).0 & !macho::CPU_SUBTYPE_MASK,
        kind: kind(header.filetype(endian)),
        platform: None,
        minimum: None,
        signed: false,
        needed: Vec::new(),
        rpaths: Vec::new(),
        install_name: None,
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
    let invalid = |_| Fault::Invalid("a load command of it is damaged");
    let text = |at| {
        let bytes = command.string(endian, at).map_err(invalid)?;
        Ok::<_, Stop>(String::from_utf8_lossy(bytes).into_owned())
    };
    if let Some((segment, _)) = command.segment_64().map_err(invalid)? {
        let (offset, size) = (segment.fileoff.get(endian), segment.filesize.get(endian));
        slice.holds(image, "a segment", offset, size)?;
    } else if let Some((segment, _)) = command.segment_32().map_err(invalid)? {
        let (offset, size) = (segment.fileoff.get(endian), segment.filesize.get(endian));
        slice.holds(image, "a segment", offset.into(), size.into())?;
    } else if let Some((version, _)) = command.build_version(endian).map_err(invalid)? {
        let platform = version.platform.get(endian).0;
        slice.built_for(platform, version.minos.get(endian));
    } else if let Some(platform) = older_platform(command.cmd()) {
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
    ) -> Result<(), Fault> {
        match self.kind {
            MachOKind::Other => Ok(()),
            _ => image.holds(part, at, size),
        }
    }

    /// Notes what the code was built for. Of several systems macOS counts: a library for it and
    /// for iPad programs on it names both.
    fn built_for(&mut self, platform: u32, version: macho::Version) {
        if self.platform.is_none() || platform == macho::PLATFORM_MACOS.0 {
            self.platform = Some(platform);
            self.minimum = Some(version.into());
        }
    }
}

/// The system that one of the commands names that there were before `LC_BUILD_VERSION`.
fn older_platform(command: LoadCommandType) -> Option<u32> {
    Some(match command {
        macho::LC_VERSION_MIN_MACOSX => macho::PLATFORM_MACOS.0,
        macho::LC_VERSION_MIN_IPHONEOS => macho::PLATFORM_IOS.0,
        macho::LC_VERSION_MIN_TVOS => macho::PLATFORM_TVOS.0,
        macho::LC_VERSION_MIN_WATCHOS => macho::PLATFORM_WATCHOS.0,
        _ => return None,
    })
}

fn cpu(number: macho::CpuType) -> Cpu {
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
