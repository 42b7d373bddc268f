use std::fmt;

use object::LittleEndian as LE;
use object::pe::{self, ImageDataDirectory, ImageDosHeader, ImageNtHeaders32, ImageNtHeaders64};
use object::pod;
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader};
use serde::{Serialize, Serializer};

use super::imports::{self, Sections};
use crate::facts::cpu::Cpu;
use crate::facts::head::{Head, Program};
use crate::facts::identity::Identity;
use crate::facts::image::{Damage, Image, Stop, first};
use crate::facts::origin::PeOrigin;
use crate::format::ObjectFormat;

/// A PE file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Pe {
    /// The CPU.
    pub cpu: Cpu,
    /// Whether it has 64-bit addresses (PE32+).
    pub is_64_bit: bool,
    /// Whether it is a library.
    pub dll: bool,
    /// Whether it is .NET code. Such code runs on other CPUs than the one it names.
    pub managed: bool,
    /// Whether it has code for ARM that calls x64 code and is called by it, which only Windows on
    /// ARM runs: ARM64EC where [`cpu`](Self::cpu) is [`Cpu::X86_64`], ARM64X where it is
    /// [`Cpu::Aarch64`].
    pub hybrid: bool,
    /// What it runs in, as the format numbers it: 2 is a program with windows and 3 one for the
    /// console.
    pub subsystem: u16,
    /// The oldest Windows that it was built for, a field that nothing checks.
    pub os_version: WindowsVersion,
    /// The oldest Windows that loads it.
    pub subsystem_version: WindowsVersion,
    /// The libraries that have to be found before it runs.
    pub imports: Vec<String>,
    /// The libraries that are loaded when they are first used.
    pub delay_imports: Vec<String>,
    /// Whether it has a signature.
    pub signed: bool,
}

/// A version of Windows: 6.1 is Windows 7, 10.0 is Windows 10 and later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WindowsVersion {
    /// First number.
    pub major: u16,
    /// Second number.
    pub minor: u16,
}

impl fmt::Display for WindowsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Serialize for WindowsVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

const DOS_HEADER: &str = "the MS-DOS header";
const HEADER: &str = "the PE header";
const OPTIONAL_HEADER: &str = "the optional header";

/// Where real files have their PE header at most. A text that begins with `MZ` has a large number
/// where this one is.
const MAX_HEADER_OFFSET: u64 = 4096;

/// Reads what begins with `MZ`; nothing when it is an MS-DOS program, or something else.
pub(in crate::facts) fn read(image: &Image<'_>) -> Result<Option<Pe>, Stop> {
    let Some(headers) = Headers::read(image)? else {
        return Ok(None);
    };
    let facts = if headers.are_wide()? {
        facts(&Parts::<ImageNtHeaders64>::read(image, &headers)?)?
    } else {
        facts(&Parts::<ImageNtHeaders32>::read(image, &headers)?)?
    };
    Ok(Some(facts))
}

/// Reads the headers of what begins with `MZ`, as [`head`](crate::facts::head()) does.
pub(in crate::facts) fn head(image: &Image<'_>) -> Result<Head, Stop> {
    /// Of a symbol; the length of the table of names follows the last.
    const SYMBOL_SIZE: u64 = 18;
    let unfit = |what: &str| Ok(Head::Unfit(what.to_owned()));
    image.holds(DOS_HEADER, 0, size_of::<ImageDosHeader>() as u64)?;
    let Some(headers) = Headers::read(image)? else {
        return unfit("an MS-DOS program, or a PE file that is damaged");
    };
    if headers.are_wide()? {
        Parts::<ImageNtHeaders64>::read(image, &headers)?;
    } else {
        Parts::<ImageNtHeaders32>::read(image, &headers)?;
    }
    let header = headers.file;
    let symbols = header.pointer_to_symbol_table.get(LE);
    let count = u64::from(header.number_of_symbols.get(LE));
    if symbols != 0 && count != 0 {
        image.holds("the symbol table", symbols.into(), count * SYMBOL_SIZE + 4)?;
    }
    let flags = header.characteristics.get(LE).0;
    if flags & pe::IMAGE_FILE_DLL.0 != 0 {
        return unfit("a DLL");
    }
    if flags & pe::IMAGE_FILE_EXECUTABLE_IMAGE.0 == 0 || header.number_of_sections.get(LE) == 0 {
        return unfit("a PE file that is no program");
    }
    Ok(Head::Program(Program {
        format: ObjectFormat::Pe,
        machine: header.machine.get(LE).0.into(),
    }))
}

/// Reads what begins with `MZ` is for, as [`origin`](crate::facts::origin()) does.
pub(in crate::facts) fn origin(image: &Image<'_>) -> Result<Identity<PeOrigin>, Stop> {
    let program = match head(image)? {
        Head::Program(program) => program,
        Head::Unfit(what) => return Ok(Identity::Unfit(what)),
        Head::Other => return Ok(Identity::Other),
    };
    let Some(headers) = Headers::read(image)? else {
        return Ok(Identity::Other);
    };
    let (managed, hybrid) = if headers.are_wide()? {
        Parts::<ImageNtHeaders64>::read(image, &headers)?.kinds()
    } else {
        Parts::<ImageNtHeaders32>::read(image, &headers)?.kinds()
    };
    Ok(Identity::Program(PeOrigin {
        cpu: cpu(headers.file.machine.get(LE)),
        machine: program.machine,
        managed,
        hybrid,
    }))
}

/// The headers before the table of sections.
struct Headers {
    file: pe::ImageFileHeader,
    /// From the signature to the end of the optional header.
    bytes: Vec<u8>,
    /// Where the table of sections begins.
    end: u64,
}

impl Headers {
    /// Reads them; nothing when the file is no PE file.
    fn read(image: &Image<'_>) -> Result<Option<Self>, Stop> {
        let Ok(dos) = image.structure::<ImageDosHeader>(DOS_HEADER, 0) else {
            return Ok(None);
        };
        let start = u64::from(dos.nt_headers_offset());
        let signature = match image.bytes(HEADER, start, 4) {
            Err(Stop::Damage(_)) if start > MAX_HEADER_OFFSET => return Ok(None),
            signature => signature?,
        };
        if signature != *b"PE\0\0" {
            return Ok(None);
        }
        let base = (size_of::<u32>() + size_of::<pe::ImageFileHeader>()) as u64;
        let header = image.bytes(HEADER, start, base)?;
        let file: pe::ImageFileHeader = *first(HEADER, &header[size_of::<u32>()..])?;
        let size = base + u64::from(file.size_of_optional_header.get(LE));
        let bytes = image.bytes(OPTIONAL_HEADER, start, size)?;
        let end = start + size;
        Ok(Some(Self { file, bytes, end }))
    }

    /// Whether they are those of PE32+.
    fn are_wide(&self) -> Result<bool, Damage> {
        let at = size_of::<u32>() + size_of::<pe::ImageFileHeader>();
        match self.bytes.get(at..at + 2) {
            Some([0x0b, 1]) => Ok(false),
            Some([0x0b, 2]) => Ok(true),
            _ => Err(Damage::Invalid(
                "its optional header is of no kind that PE has",
            )),
        }
    }
}

/// What the headers describe. The file holds the sections and the signature.
struct Parts<'a, H> {
    nt: &'a H,
    directories: Directories<'a>,
    sections: Sections<'a>,
    is_signed: bool,
}

impl<'a, H: ImageNtHeaders> Parts<'a, H> {
    fn read(image: &'a Image<'a>, headers: &'a Headers) -> Result<Self, Stop> {
        let short = |()| Damage::Invalid("its optional header is shorter than PE has it");
        let (nt, after) = pod::from_bytes::<H>(&headers.bytes).map_err(short)?;
        let directories = Directories::of(after, nt.optional_header());
        let sections = Sections::read(image, &headers.file, nt.optional_header(), headers.end)?;
        let certificates = directories.get(pe::IMAGE_DIRECTORY_ENTRY_SECURITY);
        if let Some((offset, size)) = certificates {
            // The only directory whose place is one in the file and not in memory.
            image.holds("the signature", offset.into(), size.into())?;
        }
        let is_signed = certificates.is_some();
        Ok(Self {
            nt,
            directories,
            sections,
            is_signed,
        })
    }
}

impl<H: ImageNtHeaders> Parts<'_, H> {
    /// Whether it is .NET code, and whether it is hybrid code of ARM.
    fn kinds(&self) -> (bool, bool) {
        let managed = pe::IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR;
        (
            self.directories.get(managed).is_some(),
            is_hybrid(self.nt.is_type_64(), &self.directories, &self.sections),
        )
    }
}

fn facts<H: ImageNtHeaders>(parts: &Parts<'_, H>) -> Result<Pe, Stop> {
    let Parts {
        nt,
        directories,
        sections,
        is_signed,
    } = parts;
    let (header, optional) = (nt.file_header(), nt.optional_header());
    let flags = header.characteristics.get(LE).0;
    Ok(Pe {
        cpu: cpu(header.machine.get(LE)),
        is_64_bit: nt.is_type_64(),
        dll: flags & pe::IMAGE_FILE_DLL.0 != 0,
        managed: directories
            .get(pe::IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR)
            .is_some(),
        hybrid: is_hybrid(nt.is_type_64(), directories, sections),
        subsystem: optional.subsystem().0,
        os_version: WindowsVersion {
            major: optional.major_operating_system_version(),
            minor: optional.minor_operating_system_version(),
        },
        subsystem_version: WindowsVersion {
            major: optional.major_subsystem_version(),
            minor: optional.minor_subsystem_version(),
        },
        imports: imports::imports(sections, directories.get(pe::IMAGE_DIRECTORY_ENTRY_IMPORT))?,
        delay_imports: imports::delay_imports(
            sections,
            directories.get(pe::IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT),
        )?,
        signed: *is_signed,
    })
}

/// Whether the load configuration leads to metadata of hybrid code (`CHPEMetadataPointer` of
/// `IMAGE_LOAD_CONFIG_DIRECTORY64`). A configuration that is not there or is shorter has none.
fn is_hybrid(is_64_bit: bool, directories: &Directories<'_>, sections: &Sections<'_>) -> bool {
    const POINTER: u64 = 0xc8;
    let Some((address, _)) = directories.get(pe::IMAGE_DIRECTORY_ENTRY_LOAD_CONFIG) else {
        return false;
    };
    let field = |offset, length| sections.loaded("the load configuration", address, offset, length);
    // Its first field is its size.
    let size = field(0, 4).and_then(|bytes| Some(u32::from_le_bytes(bytes.try_into().ok()?)));
    let has_pointer = size.is_some_and(|size| u64::from(size) >= POINTER + 8);
    is_64_bit
        && has_pointer
        && field(POINTER, 8).is_some_and(|pointer| pointer.iter().any(|byte| *byte != 0))
}

/// The table at the end of the optional header.
struct Directories<'a>(&'a [ImageDataDirectory]);

impl<'a> Directories<'a> {
    /// A loader takes no more entries than there are, whatever number the header has.
    fn of(bytes: &'a [u8], header: &impl ImageOptionalHeader) -> Self {
        let whole = bytes.len() - bytes.len() % size_of::<ImageDataDirectory>();
        let entries = pod::slice_from_all_bytes(&bytes[..whole]).unwrap_or_default();
        let count = usize::try_from(header.number_of_rva_and_sizes()).unwrap_or(usize::MAX);
        Self(&entries[..count.min(entries.len())])
    }

    /// Place and size of a directory that is there.
    fn get(&self, index: usize) -> Option<(u32, u32)> {
        let range = self.0.get(index)?.address_range();
        (range.0 != 0 && range.1 != 0).then_some(range)
    }
}

fn cpu(machine: pe::Machine) -> Cpu {
    match machine {
        pe::IMAGE_FILE_MACHINE_I386 => Cpu::X86,
        pe::IMAGE_FILE_MACHINE_AMD64 => Cpu::X86_64,
        pe::IMAGE_FILE_MACHINE_ARMNT => Cpu::Arm,
        pe::IMAGE_FILE_MACHINE_ARM64 => Cpu::Aarch64,
        other => Cpu::Other(other.0.into()),
    }
}

#[cfg(test)]
mod tests;
