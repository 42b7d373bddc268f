//! A program with everything that facts are read from.

use crate::facts::testing::Writer;

/// What is in the program; its values can be changed before it is built.
pub(super) struct Sample {
    wide: bool,
    pub(super) machine: u16,
    pub(super) flags: u16,
    pub(super) magic: u16,
    /// How many directories the header counts.
    pub(super) directories: u32,
    pub(super) managed: bool,
    /// Size of the load configuration, and its pointer to metadata of hybrid code.
    pub(super) load_config: Option<(u32, u64)>,
    pub(super) imports_moved: u32,
    pub(super) name_moved: u32,
    pub(super) delay_is_relative: bool,
    pub(super) signature_size: u32,
    /// Bytes of import table, where it has no end.
    pub(super) filler: Option<usize>,
}

/// Where the section is loaded.
const ADDRESS: u32 = 0x1000;
const BASE: u32 = 0x40_0000;
const SIGNATURE: &[u8; 9] = b"signature";

impl Sample {
    pub(super) fn new(wide: bool) -> Self {
        Self {
            wide,
            machine: 0x8664,
            flags: 2,
            magic: if wide { 0x20b } else { 0x10b },
            directories: 16,
            managed: false,
            load_config: None,
            imports_moved: 0,
            name_moved: 0,
            delay_is_relative: true,
            signature_size: 9,
            filler: None,
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let writer = || Writer::new(false, self.wide);
        let optional_size = if self.wide { 240 } else { 224 };
        let start = 64 + 24 + optional_size + 40;

        let mut content = writer();
        content
            .text("KERNEL32.dll")
            .text("VCRUNTIME140.dll")
            .text("later.dll")
            .align(4);
        let imports = u32::try_from(content.at()).unwrap();
        for name in [0, 13 + self.name_moved] {
            content.u32s(&[0, 0, 0, ADDRESS + name, ADDRESS]);
        }
        content.u32s(&[0; 5]);
        let delayed = u32::try_from(content.at()).unwrap();
        let (attributes, base) = if self.delay_is_relative {
            (1, 0)
        } else {
            (0, BASE)
        };
        content.u32s(&[attributes, ADDRESS + 30 + base, 0, 0, 0, 0, 0, 0]);
        content.u32s(&[0; 8]);
        if let Some(filler) = self.filler {
            // Each 20 bytes import a library whose name begins where these do.
            content.bytes.truncate(imports.try_into().unwrap());
            content.bytes.resize(filler, 1);
            for entry in content.bytes[imports.try_into().unwrap()..].chunks_exact_mut(20) {
                entry[12..16].copy_from_slice(&ADDRESS.to_le_bytes());
            }
        }
        let load_config = u32::try_from(content.at()).unwrap();
        if let Some((size, pointer)) = self.load_config {
            content.u32s(&[size]).raw(&[0; 0xc4]);
            content.raw(&pointer.to_le_bytes()).raw(&[0; 0x70]);
        }
        let size = u32::try_from(content.at()).unwrap();

        let mut file = writer();
        file.raw(b"MZ").raw(&[0; 58]).u32(64);
        file.raw(b"PE\0\0").u16(self.machine).u16(1).u32s(&[0; 3]);
        file.u16(optional_size.try_into().unwrap()).u16(self.flags);
        file.u16(self.magic).raw(&[0; 22]);
        if self.wide {
            file.address(BASE.into());
        } else {
            file.u32s(&[0, BASE]);
        }
        file.u32s(&[4096, 512]);
        // The versions of the system, of the program and of the subsystem.
        for number in [6, 0, 0, 0, 6, 2] {
            file.u16(number);
        }
        file.u32s(&[0, 0x2000, start, 0]).u16(3).u16(0);
        file.addresses(&[0; 4]).u32s(&[0, self.directories]);
        let mut directories = [[0; 2]; 16];
        directories[1] = [ADDRESS + imports + self.imports_moved, 60];
        directories[4] = [start + size, self.signature_size];
        if let Some((size, _)) = self.load_config {
            directories[10] = [ADDRESS + load_config, size];
        }
        directories[13] = [ADDRESS + delayed, 64];
        if self.managed {
            directories[14] = [ADDRESS, 8];
        }
        for directory in directories {
            file.u32s(&directory);
        }
        file.raw(b".rdata\0\0")
            .u32s(&[size, ADDRESS, size, start, 0, 0, 0, 0]);
        file.raw(&content.bytes).raw(SIGNATURE);
        file.bytes
    }
}
