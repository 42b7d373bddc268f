//! Heads of executables, built byte by byte, and trees.

use std::path::Path;

use super::BundlePath;
use super::tree::{FileWriter, Link, Tree, TreeFile};

/// A little-endian 64-bit ELF program.
pub(super) fn elf(machine: u16) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    bytes[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    bytes[16..18].copy_from_slice(&2_u16.to_le_bytes());
    bytes[18..20].copy_from_slice(&machine.to_le_bytes());
    bytes
}

/// A little-endian 64-bit Mach-O program.
pub(super) fn mach_o(cpu: u32) -> Vec<u8> {
    let mut bytes = vec![0; 32];
    bytes[..4].copy_from_slice(&0xfeed_facf_u32.to_le_bytes());
    bytes[4..8].copy_from_slice(&cpu.to_le_bytes());
    bytes[12..16].copy_from_slice(&2_u32.to_le_bytes());
    bytes
}

/// A PE program.
pub(super) fn pe(machine: u16) -> Vec<u8> {
    let mut bytes = vec![0; 0x40 + 24];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[0x3c] = 0x40;
    bytes[0x40..0x44].copy_from_slice(b"PE\0\0");
    bytes[0x44..0x46].copy_from_slice(&machine.to_le_bytes());
    bytes[0x56..0x58].copy_from_slice(&2_u16.to_le_bytes());
    bytes
}

/// A directory with files and links in it, as an opener would have unpacked them. A file holds its
/// own name.
pub(super) fn tree(dir: &Path, files: &[&str], links: &[(&str, &str)]) -> Tree {
    let path = |text: &str| BundlePath::parse(text).unwrap();
    let file = |name: &&str| {
        let mut writer = FileWriter::create(&path(name).in_dir(dir)).unwrap();
        writer.write(name.as_bytes()).unwrap();
        TreeFile {
            path: path(name),
            executable: Some(false),
            content: writer.finish(),
        }
    };
    Tree {
        dir: dir.to_owned(),
        files: files.iter().map(file).collect(),
        links: links
            .iter()
            .map(|(link, target)| Link {
                path: path(link),
                target: path(target),
            })
            .collect(),
    }
}

/// The names of a tree's files.
pub(super) fn names(tree: &Tree) -> Vec<&str> {
    tree.files.iter().map(|file| file.path.as_str()).collect()
}
