//! A program with everything that facts are read from.

use object::elf::VER_FLG_WEAK;

use crate::facts::testing::{Writer, facts};
use crate::facts::{Elf, Facts};

#[expect(clippy::struct_excessive_bools, reason = "each is one thing to change")]
/// What is in the program; its values can be changed before it is built.
pub(super) struct Sample {
    wide: bool,
    big: bool,
    pub(super) data: u8,
    pub(super) of_type: u16,
    pub(super) machine: u16,
    pub(super) entry: u64,
    /// Size of a program header, which all of them have.
    pub(super) entry_size: u16,
    /// Empty program headers.
    pub(super) extra_headers: u16,
    pub(super) interpreter: Option<&'static str>,
    /// Whether the name of the interpreter ends with a zero byte.
    pub(super) interpreter_ends: bool,
    /// The second interpreter, in a segment of its own.
    pub(super) second_interpreter: Option<&'static str>,
    /// The search path of `DT_RUNPATH`.
    pub(super) runpath: Option<&'static str>,
    /// Whether there are packed relocations.
    pub(super) relr: bool,
    /// A second loaded segment: its offset, address, bytes in the file and alignment.
    pub(super) second_load: Option<[u64; 4]>,
    /// Alignment of the first one.
    pub(super) alignment: u64,
    /// `EI_OSABI`.
    pub(super) os_abi: u8,
    /// `e_flags`.
    pub(super) flags: u32,
    /// Attributes of ARM, in the only section.
    pub(super) attributes: Option<Vec<u8>>,
    /// A second note: its owner, its type and its content.
    pub(super) note: Option<(&'static str, u32, Vec<u8>)>,
    /// What the header says of the bytes of the second note, beyond those that there are.
    pub(super) note_missing: i64,
    /// Whether a name that ends another one is not written again.
    pub(super) shares_names: bool,
    /// Whether each of the segments is there twice.
    pub(super) twice: bool,
    pub(super) needed: Vec<&'static str>,
    pub(super) soname: Option<&'static str>,
    pub(super) pie: bool,
    pub(super) stack: Option<u32>,
    /// Libraries, and the versions of each, with their flags.
    pub(super) versions: Vec<(&'static str, Vec<(&'static str, u16)>)>,
    /// Names of symbols, with their binding and type (`st_info`) and section.
    pub(super) symbols: Vec<(&'static str, u8, u16)>,
    /// Whether a symbol whose name is in no table comes first.
    pub(super) unnamed_symbol: bool,
    /// Takes the place of the table of versions.
    pub(super) version_table: Option<Vec<u8>>,
    /// Of the table of versions.
    pub(super) version: u16,
    pub(super) dynamic_moved: u64,
    /// What the header says; the table has its own end.
    pub(super) dynamic_size: Option<u64>,
    /// Whether a table of 1 MiB without an end takes the place of the real one.
    pub(super) endless: bool,
    /// Whether the table has no end and the loaded part of the file ends with it.
    pub(super) unended: bool,
    pub(super) strings_moved: u64,
    pub(super) strings_size: u64,
    pub(super) strings_tag: u64,
}

pub(super) fn weak() -> u16 {
    VER_FLG_WEAK.0
}

/// Addresses are further than offsets by this.
const BASE: u64 = 0x1_0000;

/// Offsets of names and the names.
#[derive(Default)]
struct Names {
    bytes: Vec<u8>,
    /// Whether a name that ends another one is not written again.
    share: bool,
}

impl Names {
    fn add(&mut self, name: &str) -> u64 {
        let name = [name.as_bytes(), &[0]].concat();
        if self.share {
            let mut known = self.bytes.windows(name.len());
            if let Some(at) = known.position(|known| known == name) {
                return at as u64;
            }
        }
        let at = self.bytes.len() as u64;
        self.bytes.extend(name);
        at
    }
}

impl Sample {
    pub(super) fn new(wide: bool, big: bool) -> Self {
        Self {
            wide,
            big,
            data: if big { 2 } else { 1 },
            of_type: 3,
            machine: 62,
            entry: 0x1_0100,
            entry_size: if wide { 56 } else { 32 },
            extra_headers: 0,
            interpreter: Some("/lib64/ld-linux-x86-64.so.2"),
            interpreter_ends: true,
            second_interpreter: None,
            runpath: Some("$ORIGIN::$ORIGIN/../lib"),
            relr: false,
            second_load: None,
            alignment: if wide { 8 } else { 4 },
            os_abi: 3,
            flags: 0,
            attributes: None,
            note: None,
            note_missing: 0,
            shares_names: false,
            twice: false,
            needed: vec!["libstdc++.so.6", "libc.so.6"],
            soname: None,
            pie: true,
            stack: Some(6),
            versions: vec![
                (
                    "libstdc++.so.6",
                    vec![("CXXABI_1.3.9", 0), ("CXXABI_1.3.11", 0)],
                ),
                ("libc.so.6", vec![("GLIBC_2.17", 0), ("GLIBC_2.2.5", 0)]),
            ],
            symbols: vec![
                ("printf", 0x12, 0),
                ("zcalloc", 0x10, 0),
                ("main", 0x12, 1),
                ("inflate_table", 0x12, 0),
            ],
            unnamed_symbol: false,
            version_table: None,
            version: 1,
            dynamic_moved: 0,
            dynamic_size: None,
            endless: false,
            unended: false,
            strings_moved: 0,
            strings_size: u64::MAX,
            strings_tag: 5,
        }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "a file is written from its first byte to its last"
    )]
    pub(super) fn bytes(&self) -> Vec<u8> {
        let writer = || Writer::new(self.big, self.wide);
        let times = if self.twice { 2 } else { 1 };
        let more = [
            self.second_interpreter.is_some(),
            self.second_load.is_some(),
            self.note.is_some(),
        ];
        let more = u16::try_from(more.iter().filter(|is| **is).count()).unwrap();
        let segments = 5 * times + more + self.extra_headers;
        let head = if self.wide { 64 } else { 52 };
        let start = head + u64::from(segments) * if self.wide { 56 } else { 32 };

        let mut names = Names {
            share: self.shares_names,
            ..Names::default()
        };
        names.add("");
        let mut content = writer();
        let interpreter = (
            start,
            self.interpreter.map_or(0, |name| {
                name.len() as u64 + u64::from(self.interpreter_ends)
            }),
        );
        if let Some(name) = self.interpreter {
            content.text(name);
        }
        let second_interpreter = start + content.at();
        if let Some(name) = self.second_interpreter {
            content.text(name);
        }
        content.align(8);
        let note = start + content.at();
        content
            .u32s(&[4, if self.wide { 16 } else { 12 }, 5])
            .text("GNU");
        content.u32s(&[0xc000_8002, 4, 0b111]);
        if self.wide {
            content.u32(0);
        }
        let note_size = start + content.at() - note;
        content.align(8);
        let second_note = start + content.at();
        if let Some((owner, kind, bytes)) = &self.note {
            let size = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap();
            content.u32s(&[size(owner.as_bytes()) + 1, size(bytes), *kind]);
            content.text(owner).align(4).raw(bytes);
        }
        let second_note_size = start + content.at() - second_note;
        let second_note_size = second_note_size
            .checked_add_signed(self.note_missing)
            .unwrap();
        content.align(8);
        let symbols = start + content.at();
        content.raw(&self.symbol_table(&mut names));
        let versions = start + content.at();
        let table = self.version_table.clone();
        content.raw(&table.unwrap_or_else(|| self.version_table(&mut names)));

        let mut entries = self.entries(versions, &mut names);
        entries.push([6, symbols + BASE]);
        let strings = start + content.at();
        content.raw(&names.bytes).align(8);
        entries.push([
            self.strings_tag,
            (strings + BASE).wrapping_add(self.strings_moved),
        ]);
        entries.push([10, self.strings_size.min(names.bytes.len() as u64)]);
        if self.endless {
            entries.resize(1 << 16, [77, 0]);
        }
        if !self.unended {
            entries.push([0, 0]);
        }
        let dynamic = start + content.at();
        for entry in &entries {
            content.addresses(entry);
        }
        let dynamic_size = self.dynamic_size.unwrap_or(start + content.at() - dynamic);
        // What follows the end of the table is not its.
        if !self.unended {
            content.addresses(&[1, 0xffff]);
        }

        let mut file = writer();
        file.raw(b"\x7fELF")
            .raw(&[if self.wide { 2 } else { 1 }, self.data, 1, self.os_abi])
            .raw(&[0; 8]);
        file.u16(self.of_type).u16(self.machine).u32(1);
        // The section comes last.
        let sections = self.attributes.as_ref().map_or(0, |_| start + content.at());
        let section_size: u16 = if self.wide { 64 } else { 40 };
        file.addresses(&[self.entry, head, sections])
            .u32(self.flags);
        for value in [
            if self.wide { 64 } else { 52 },
            self.entry_size,
            segments,
            section_size,
            self.attributes.as_ref().map_or(0, |_| 1),
            0,
        ] {
            file.u16(value);
        }
        let mut header = |kind: u32, flags: u32, offset: u64, address: u64, size: u64| {
            file.u32(kind);
            if self.wide {
                file.u32(flags);
            }
            file.addresses(&[offset, address, address, size, size]);
            if !self.wide {
                file.u32(flags);
            }
            let loaded = self
                .second_load
                .filter(|load| load[..3] == [offset, address, size]);
            file.address(match (kind, loaded) {
                (1, Some([.., alignment])) => alignment,
                (1, None) => self.alignment,
                _ if self.wide => 8,
                _ => 4,
            });
        };
        header(1, 5, 0, BASE, start + content.at());
        if let Some([offset, address, size, _]) = self.second_load {
            header(1, 4, offset, address, size);
        }
        for _ in 0..times {
            // An empty header is PT_NULL.
            let (at, size) = interpreter;
            header(if size == 0 { 0 } else { 3 }, 4, at, at + BASE, size);
            header(
                2,
                6,
                dynamic,
                dynamic + BASE + self.dynamic_moved,
                dynamic_size,
            );
            header(0x6474_e553, 4, note, note + BASE, note_size);
            header(
                self.stack.map_or(0, |_| 0x6474_e551),
                self.stack.unwrap_or_default(),
                0,
                0,
                0,
            );
        }
        if let Some(name) = self.second_interpreter {
            let at = second_interpreter;
            header(3, 4, at, at + BASE, name.len() as u64 + 1);
        }
        if self.note.is_some() {
            header(4, 4, second_note, second_note + BASE, second_note_size);
        }
        for _ in 0..segments - 1 - 4 * times - more {
            header(0, 0, 0, 0, 0);
        }
        file.raw(&content.bytes);
        if let Some(attributes) = &self.attributes {
            let at = file.at() + u64::from(section_size);
            // Name, type, flags, address, offset, size and four more.
            file.u32(0).u32(0x7000_0003).addresses(&[0, 0, at]);
            file.address(attributes.len() as u64).u32s(&[0, 0]);
            file.addresses(&[1, 0]).raw(attributes);
        }
        file.bytes
    }

    /// Those of the dynamic table that do not name the table of names.
    fn entries(&self, versions: u64, names: &mut Names) -> Vec<[u64; 2]> {
        let mut entries: Vec<[u64; 2]> = Vec::new();
        entries.extend(self.needed.iter().map(|name| [1, names.add(name)]));
        entries.extend(self.soname.map(|name| [14, names.add(name)]));
        entries.push([15, names.add("/opt/lib")]);
        entries.extend(self.runpath.map(|path| [29, names.add(path)]));
        if self.relr {
            entries.extend([[36, versions + BASE], [35, 8], [37, 8]]);
        }
        entries.push([0x6fff_fffe, versions + BASE]);
        let count = if self.version_table.is_some() {
            0xffff_ffff
        } else {
            self.versions.len() as u64
        };
        entries.push([0x6fff_ffff, count]);
        entries.push([0x6fff_fffb, if self.pie { 0x0800_0000 } else { 0 }]);
        entries
    }

    fn version_table(&self, names: &mut Names) -> Vec<u8> {
        let mut table = Writer::new(self.big, self.wide);
        let last = self.versions.len().saturating_sub(1);
        for (index, (library, versions)) in self.versions.iter().enumerate() {
            let count = versions.len();
            let size = u32::try_from(16 + 16 * count).unwrap();
            let name = u32::try_from(names.add(library)).unwrap();
            table.u16(self.version).u16(count.try_into().unwrap());
            table.u32s(&[name, 16, if index == last { 0 } else { size }]);
            for (index, (version, flags)) in versions.iter().enumerate() {
                let name = u32::try_from(names.add(version)).unwrap();
                table.u32(0).u16(*flags).u16(2).u32(name);
                table.u32(if index + 1 == count { 0 } else { 16 });
            }
        }
        table.bytes
    }

    fn symbol_table(&self, names: &mut Names) -> Vec<u8> {
        let mut table = Writer::new(self.big, self.wide);
        let mut symbol = |name: u32, info: u8, section: u16| {
            table.u32(name);
            if self.wide {
                table.raw(&[info, 0]).u16(section).addresses(&[0; 2]);
            } else {
                table.u32s(&[0; 2]).raw(&[info, 0]).u16(section);
            }
        };
        symbol(0, 0, 0);
        if self.unnamed_symbol {
            symbol(u32::MAX, 0x12, 0);
        }
        for (name, info, section) in &self.symbols {
            symbol(u32::try_from(names.add(name)).unwrap(), *info, *section);
        }
        table.bytes
    }
}

/// What a sample says of itself.
pub(super) fn elf(sample: &Sample) -> Elf {
    match facts(&sample.bytes()).unwrap() {
        Some(Facts::Elf(elf)) => elf,
        other => panic!("{other:?}"),
    }
}
