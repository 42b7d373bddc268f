//! A program with everything that facts are read from, and its signature.

use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384};

use crate::facts::testing::Writer;

/// What is in the program; its values can be changed before it is built.
pub(crate) struct Sample {
    pub(crate) wide: bool,
    pub(crate) big: bool,
    pub(crate) cpu: u32,
    pub(crate) subtype: u32,
    pub(crate) kind: u32,
    /// Command, platform, version; the platform is only in newer commands.
    pub(crate) versions: Vec<(u32, u32, u32)>,
    pub(crate) signer: Option<Signer>,
    /// A property list in it.
    pub(crate) plist: Vec<u8>,
    /// Bytes of code.
    pub(crate) code: usize,
}

impl Sample {
    pub(crate) fn new(wide: bool, big: bool) -> Self {
        Self {
            wide,
            big,
            cpu: 0x0100_0007,
            subtype: 3,
            kind: 2,
            versions: vec![(0x32, 1, 0x000a_0c00)],
            signer: Some(Signer::default()),
            plist: Vec::new(),
            code: 0,
        }
    }

    /// A program for Apple silicon with several pages.
    pub(crate) fn arm64() -> Self {
        Self {
            cpu: 0x0100_000c,
            subtype: 0,
            versions: vec![(0x32, 1, 0x000b_0000)],
            code: 3 * 4096,
            ..Self::new(true, false)
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        // The sizes of the header, of all commands and of the signature do not depend on what is in them.
        let signature = |code: &[u8]| {
            let signer = self.signer.as_ref();
            signer.map_or_else(Vec::new, |signer| signer.sign(code, &self.plist))
        };
        let len = self.build(0, 0).len();
        let size = signature(&vec![0; len]).len();
        let mut bytes = self.build(len, size);
        bytes.extend(signature(&bytes));
        bytes
    }

    /// All that comes before the signature, which is at byte `len` and has `size` bytes.
    fn build(&self, len: usize, size: usize) -> Vec<u8> {
        let writer = || Writer::new(self.big, self.wide);
        let number = |number: usize| u32::try_from(number).unwrap();
        let name = |name: &str| {
            let mut name = name.as_bytes().to_vec();
            name.resize(16, 0);
            name
        };
        let mut commands: Vec<Writer> = Vec::new();
        let list_at = len.saturating_sub(self.plist.len());
        let (head, section) = if self.wide { (72, 80) } else { (56, 68) };
        for (segment, at, size, sections) in [("__TEXT", 0, len, 1), ("__LINKEDIT", len, size, 0)] {
            let mut text = writer();
            text.u32s(&[if self.wide { 0x19 } else { 1 }, head + section * sections]);
            text.raw(&name(segment))
                .addresses(&[at as u64, size as u64, at as u64, size as u64])
                .u32s(&[5, 5, sections, 0]);
            if sections == 1 {
                text.raw(&name("__info_plist"))
                    .raw(&name(segment))
                    .addresses(&[list_at as u64, self.plist.len() as u64])
                    .u32s(&[number(list_at), 0, 0, 0, 0, 0, 0]);
                if self.wide {
                    text.u32(0);
                }
            }
            commands.push(text);
        }
        for &(command, platform, version) in &self.versions {
            let mut built = writer();
            if command == 0x32 {
                built.u32s(&[command, 24, platform, version, 0, 0]);
            } else {
                built.u32s(&[command, 16, version, 0]);
            }
            commands.push(built);
        }
        for (command, path) in [
            (0xc, "/usr/lib/libSystem.B.dylib"),
            (0x8000_0018, "@rpath/libx.dylib"),
            (0xd, "@rpath/self.dylib"),
        ] {
            let mut library = writer();
            library.u32s(&[command, 56, 24, 0, 0, 0]).text(path);
            library.bytes.resize(56, 0);
            commands.push(library);
        }
        let mut rpath = writer();
        rpath
            .u32s(&[0x8000_001c, 32, 12])
            .text("@loader_path/../lib");
        commands.push(rpath);
        if self.signer.is_some() {
            let mut signature = writer();
            signature.u32s(&[0x1d, 16, number(len), number(size)]);
            commands.push(signature);
        }
        let size: usize = commands.iter().map(|command| command.bytes.len()).sum();
        let mut file = writer();
        file.u32(if self.wide { 0xfeed_facf } else { 0xfeed_face });
        // The high byte of the subtype holds flags.
        file.u32s(&[self.cpu, 0x8000_0000 | self.subtype, self.kind]);
        file.u32s(&[number(commands.len()), number(size), 0]);
        if self.wide {
            file.u32(0);
        }
        for command in &commands {
            file.raw(&command.bytes);
        }
        file.raw(&vec![0x90; self.code]).raw(&self.plist);
        file.bytes
    }
}

/// Signs as `codesign` does. What it says can be wrong.
#[derive(Clone)]
pub(crate) struct Signer {
    /// The algorithms of its lists of hashes, by their numbers.
    pub(crate) hashes: Vec<u8>,
    /// The size of a page is 2 to the power of this.
    pub(crate) shift: u8,
    pub(crate) version: u32,
    pub(crate) flags: u32,
    /// Parts by their slots.
    pub(crate) parts: Vec<(u32, Vec<u8>)>,
    /// Whether these and the property list are signed.
    pub(crate) seals: bool,
    /// Slots for which something else is signed than what is there.
    pub(crate) falsely: Vec<u32>,
    /// Bytes that are signed; none are all.
    pub(crate) limit: Option<u32>,
    /// Bytes of zeros behind it.
    pub(crate) padding: usize,
}

impl Default for Signer {
    /// An ad hoc signature, as a linker makes it.
    fn default() -> Self {
        Self {
            hashes: vec![2],
            shift: 12,
            version: 0x2_0400,
            flags: 0x2_0002,
            parts: Vec::new(),
            seals: true,
            falsely: Vec::new(),
            limit: None,
            padding: 7,
        }
    }
}

/// A part of a signature that has a header.
pub(crate) fn blob(magic: u32, content: &[u8]) -> Vec<u8> {
    let mut blob = Writer::new(true, true);
    blob.u32s(&[magic, u32::try_from(8 + content.len()).unwrap()])
        .raw(content);
    blob.bytes
}

fn digest(hash: u8, bytes: &[u8]) -> Vec<u8> {
    let mut digest = match hash {
        1 => Sha1::digest(bytes).to_vec(),
        4 => Sha384::digest(bytes).to_vec(),
        _ => Sha256::digest(bytes).to_vec(),
    };
    digest.truncate(if hash == 3 { 20 } else { 48 });
    digest
}

impl Signer {
    /// Returns the signature of code that has a property list, if that is not empty.
    fn sign(&self, code: &[u8], plist: &[u8]) -> Vec<u8> {
        let mut parts = Vec::new();
        for (index, hash) in (0..).zip(&self.hashes) {
            let slot = if index == 0 { 0 } else { 0xfff + index };
            parts.push((slot, self.directory(*hash, code, plist)));
        }
        parts.extend(self.parts.clone());
        let mut blob = Writer::new(true, true);
        let len: usize = parts.iter().map(|(_, part)| part.len()).sum();
        let mut at = 12 + 8 * parts.len();
        blob.u32(0xfade_0cc0);
        blob.u32s(&[
            u32::try_from(at + len).unwrap(),
            u32::try_from(parts.len()).unwrap(),
        ]);
        for (slot, part) in &parts {
            blob.u32s(&[*slot, u32::try_from(at).unwrap()]);
            at += part.len();
        }
        for (_, part) in &parts {
            blob.raw(part);
        }
        blob.raw(&vec![0; self.padding]);
        blob.bytes
    }

    fn directory(&self, hash: u8, code: &[u8], plist: &[u8]) -> Vec<u8> {
        const IDENTIFIER: &[u8] = b"sample\0";
        let limit = self.limit.map_or(code.len(), |limit| limit as usize);
        let page = match self.shift {
            0 => limit,
            shift => 1 << shift,
        };
        let covered = &code[..limit.min(code.len())];
        let pages = covered.chunks(page).map(|page| digest(hash, page));
        let pages = pages.collect::<Vec<_>>();
        let size = digest(hash, b"").len();
        // Slot 0 is not a special one.
        let mut special = vec![vec![0; size]; 8];
        let list = (!plist.is_empty()).then(|| (1, plist.to_vec()));
        for (slot, part) in self.parts.iter().cloned().chain(list) {
            if self.seals && slot < 8 {
                let falsely = self.falsely.contains(&slot);
                let part = if falsely { vec![1] } else { part };
                special[slot as usize] = digest(hash, &part);
            }
        }
        for slot in &self.falsely {
            if special[*slot as usize].iter().all(|byte| *byte == 0) {
                special[*slot as usize] = vec![1; size];
            }
        }
        let header = match self.version {
            0x2_0400.. => 88,
            0x2_0300.. => 64,
            0x2_0200.. => 52,
            0x2_0100.. => 48,
            _ => 44,
        };
        let hashes = header + IDENTIFIER.len() + 7 * size;
        let len = hashes + pages.len() * size;
        let number = |number: usize| u32::try_from(number).unwrap();
        let mut blob = Writer::new(true, true);
        blob.u32s(&[0xfade_0c02, number(len), self.version, self.flags]);
        blob.u32s(&[number(hashes), number(header), 7, number(pages.len())]);
        let says = if self.version >= 0x2_0300 { 0 } else { limit };
        blob.u32(number(says));
        blob.raw(&[u8::try_from(size).unwrap(), hash, 0, self.shift]);
        blob.bytes.resize(header, 0);
        if self.version >= 0x2_0300 {
            blob.bytes[56..64].copy_from_slice(&(limit as u64).to_be_bytes());
        }
        blob.raw(IDENTIFIER);
        for hash in special[1..].iter().rev().chain(&pages) {
            blob.raw(hash);
        }
        blob.bytes
    }
}

/// A universal file. Its table has the CPUs of the slices.
pub(crate) fn universal(wide: bool, slices: &[Vec<u8>]) -> Vec<u8> {
    aligned(wide, 1, slices)
}

/// A universal file whose slices begin at multiples of some bytes.
pub(crate) fn aligned(wide: bool, to: usize, slices: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Writer::new(true, wide);
    file.u32(if wide { 0xcafe_babf } else { 0xcafe_babe });
    file.u32(slices.len().try_into().unwrap());
    let head = 8 + slices.len() * if wide { 32 } else { 20 };
    let mut at = head.next_multiple_of(to);
    for slice in slices {
        let number = |at: usize| {
            let bytes: [u8; 4] = slice[at..at + 4].try_into().unwrap();
            let is_big = slice[0] == 0xfe;
            let number = if is_big {
                u32::from_be_bytes
            } else {
                u32::from_le_bytes
            };
            number(bytes)
        };
        let cpu = if slice.starts_with(b"!") {
            [0, 0]
        } else {
            [number(4), number(8)]
        };
        let len = slice.len() as u64;
        file.u32s(&cpu).addresses(&[at as u64, len]).u32(0);
        if wide {
            file.u32(0);
        }
        at = (at + slice.len()).next_multiple_of(to);
    }
    for slice in slices {
        file.align(to).raw(slice);
    }
    file.bytes
}
