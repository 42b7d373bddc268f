//! The one bit of a mode that a package keeps.
//!
//! Windows has no modes, and neither has a zip that was made there. There, the bytes decide, by the same
//! rule on every system and for every target: what can be run is executable, and so is what a Unix
//! loads. These are the modes that linkers and archives of published runtimes give it: 0755 for
//! libraries of Linux and macOS, and 0644 for those of Windows.

use std::fs::Metadata;
use std::io::{self, Read, Seek};

use native_claims::facts::{self, ElfKind, Facts, FactsError, MachOKind};

/// The owner's executable bit of a Unix mode.
pub(super) const OWNER_EXECUTABLE: u32 = 0o100;

/// Returns whether a file is executable: its owner may execute it or, on systems that have no modes,
/// its bytes are those of a program.
pub fn is_executable(metadata: &Metadata, content: &mut (impl Read + Seek)) -> io::Result<bool> {
    executable(metadata).map_or_else(|| by_bytes(content), Ok)
}

/// Returns the owner's executable bit. `None` on systems without it.
#[cfg_attr(
    unix,
    expect(clippy::unnecessary_wraps, reason = "Windows has no such bit")
)]
pub(super) fn executable(metadata: &Metadata) -> Option<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        Some(metadata.permissions().mode() & OWNER_EXECUTABLE != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        None
    }
}

/// Returns whether a file whose mode nobody recorded is executable.
pub(super) fn by_bytes(content: &mut (impl Read + Seek)) -> io::Result<bool> {
    match facts::read(content) {
        Ok(Some(facts)) => Ok(is_run_or_loaded(&facts)),
        Ok(None) | Err(FactsError::Damaged { .. }) => Ok(false),
        Err(FactsError::Io(error)) => Err(error),
    }
}

fn is_run_or_loaded(facts: &Facts) -> bool {
    match facts {
        Facts::Elf(elf) => elf.kind != ElfKind::Other,
        Facts::MachO(mach_o) => mach_o.slices.iter().any(|one| one.kind != MachOKind::Other),
        Facts::Pe(pe) => !pe.dll,
        Facts::Xcoff(_) | Facts::Script(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// The headers of a PE file that has these characteristics.
    fn pe(characteristics: u16) -> Vec<u8> {
        let mut bytes = vec![0; 0x400];
        bytes[..2].copy_from_slice(b"MZ");
        bytes[0x3c] = 0x80;
        bytes[0x80..0x84].copy_from_slice(b"PE\0\0");
        bytes[0x84..0x86].copy_from_slice(&0x8664_u16.to_le_bytes());
        bytes[0x94..0x96].copy_from_slice(&240_u16.to_le_bytes());
        bytes[0x96..0x98].copy_from_slice(&characteristics.to_le_bytes());
        bytes[0x98..0x9a].copy_from_slice(&0x20b_u16.to_le_bytes());
        // Sixteen directories, all of them empty.
        bytes[0x98 + 108] = 16;
        bytes
    }

    fn by(bytes: &[u8]) -> bool {
        by_bytes(&mut Cursor::new(bytes)).unwrap()
    }

    #[test]
    fn programs_and_scripts_are_executable() {
        let own = std::env::current_exe().unwrap();
        assert!(by(&fs_err::read(own).unwrap()));
        assert!(by(&pe(0x22)));
        assert!(by(b"#!/bin/sh\nexit\n"));
    }

    #[test]
    fn libraries_of_windows_and_data_are_not() {
        assert!(!by(&pe(0x2022)));
        let texts: [&[u8]; 6] = [b"", b"#", b"# !/bin/sh\n", b"MZ", b"\x7fELF", b"{}\n"];
        for text in texts {
            assert!(!by(text), "{text:?}");
        }
    }
}
