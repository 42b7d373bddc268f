//! Small programs, built byte by byte, all of which their headers describe.

/// A little-endian 64-bit ELF program: a header, a segment and a section header.
pub(super) fn elf(machine: u16) -> Vec<u8> {
    let mut bytes = vec![0; 64 + 56];
    bytes[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    bytes[16] = 2;
    put(&mut bytes, 18, machine);
    bytes[24] = 0x78;
    bytes[32] = 64;
    for (index, size) in [64, 56, 1, 64, 1].into_iter().enumerate() {
        put(&mut bytes, 52 + 2 * index, size);
    }
    bytes[64] = 1;
    bytes.extend(b"content");
    let len = bytes.len() as u64;
    put_u64(&mut bytes, 64 + 32, len);
    put_u64(&mut bytes, 40, len);
    bytes.resize(bytes.len() + 64, 0);
    bytes
}

/// A little-endian 64-bit Mach-O program: a header, a segment and a command of another kind.
pub(super) fn mach_o(cpu: u32) -> Vec<u8> {
    let mut bytes = vec![0; 32 + 72 + 24];
    for (index, value) in [0xfeed_facf, cpu, 0, 2, 2, 72 + 24].into_iter().enumerate() {
        put_u32(&mut bytes, 4 * index, value);
    }
    put_u32(&mut bytes, 32, 0x19);
    put_u32(&mut bytes, 36, 72);
    put_u32(&mut bytes, 104, 0x8000_0028);
    put_u32(&mut bytes, 108, 24);
    bytes.extend(b"content");
    let len = bytes.len() as u64;
    put_u64(&mut bytes, 32 + 48, len);
    bytes
}

/// A PE program: the headers, a section and a signature.
pub(super) fn pe(machine: u16) -> Vec<u8> {
    let mut bytes = vec![0; 0x40 + 24 + 240 + 40];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[0x3c] = 0x40;
    bytes[0x40..0x44].copy_from_slice(b"PE\0\0");
    put(&mut bytes, 0x44, machine);
    put(&mut bytes, 0x46, 1);
    put(&mut bytes, 0x54, 240);
    put(&mut bytes, 0x56, 2);
    put(&mut bytes, 0x58, 0x20b);
    put(&mut bytes, 0x58 + 108, 16);
    let content = bytes.len();
    put(&mut bytes, 0x58 + 240 + 16, 7);
    put(&mut bytes, 0x58 + 240 + 20, content.try_into().unwrap());
    put(
        &mut bytes,
        0x58 + 112 + 32,
        u16::try_from(content).unwrap() + 7,
    );
    put(&mut bytes, 0x58 + 112 + 36, 9);
    bytes.extend(b"contentsignature");
    bytes
}

fn put(bytes: &mut [u8], at: usize, value: u16) {
    bytes[at..at + 2].copy_from_slice(&value.to_le_bytes());
}

fn put_u32(bytes: &mut [u8], at: usize, value: u32) {
    bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

fn put_u64(bytes: &mut [u8], at: usize, value: u64) {
    bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
}
