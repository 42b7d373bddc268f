//! A program with everything that facts are read from.

use crate::facts::testing::Writer;

/// What is in the program; its values can be changed before it is built.
pub(super) struct Sample {
    wide: bool,
    big: bool,
    pub(super) cpu: u32,
    pub(super) kind: u32,
    /// Command, platform, version; the platform is only in newer commands.
    pub(super) versions: Vec<(u32, u32, u32)>,
    pub(super) signed: bool,
}

impl Sample {
    pub(super) fn new(wide: bool, big: bool) -> Self {
        Self {
            wide,
            big,
            cpu: 0x0100_0007,
            kind: 2,
            versions: vec![(0x32, 1, 0x000a_0c00)],
            signed: true,
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        // The sizes of the header and of all commands do not depend on what is in them.
        let len = self.build(0).len() as u64;
        self.build(len)
    }

    fn build(&self, len: u64) -> Vec<u8> {
        const SIGNATURE: &[u8; 9] = b"signature";
        let writer = || Writer::new(self.big, self.wide);
        let mut commands: Vec<Writer> = Vec::new();
        let mut segment = writer();
        segment.u32s(&[
            if self.wide { 0x19 } else { 1 },
            if self.wide { 72 } else { 56 },
        ]);
        segment
            .raw(&[0; 16])
            .addresses(&[0, len, 0, len])
            .u32s(&[5, 5, 0, 0]);
        commands.push(segment);
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
        if self.signed {
            let mut signature = writer();
            let at = u32::try_from(len).unwrap().saturating_sub(9);
            signature.u32s(&[0x1d, 16, at, 9]);
            commands.push(signature);
        }
        let size: usize = commands.iter().map(|command| command.bytes.len()).sum();
        let mut file = writer();
        file.u32(if self.wide { 0xfeed_facf } else { 0xfeed_face });
        // The high byte of the subtype holds flags.
        file.u32s(&[self.cpu, 0x8000_0003, self.kind]);
        file.u32s(&[
            commands.len().try_into().unwrap(),
            size.try_into().unwrap(),
            0,
        ]);
        if self.wide {
            file.u32(0);
        }
        for command in &commands {
            file.raw(&command.bytes);
        }
        file.raw(SIGNATURE);
        file.bytes
    }
}

/// A universal file.
pub(super) fn universal(wide: bool, slices: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Writer::new(true, wide);
    file.u32(if wide { 0xcafe_babf } else { 0xcafe_babe });
    file.u32(slices.len().try_into().unwrap());
    let mut at = 8 + slices.len() as u64 * if wide { 32 } else { 20 };
    for slice in slices {
        let len = slice.len() as u64;
        file.u32s(&[0, 0]).addresses(&[at, len]).u32(0);
        if wide {
            file.u32(0);
        }
        at += len;
    }
    for slice in slices {
        file.raw(slice);
    }
    file.bytes
}
