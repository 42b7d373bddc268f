use std::io;

use strict_archive::{DiskFile, ReadAt};

/// Content that is kept to be read again.
#[derive(Debug)]
pub enum Kept {
    /// Little content: in memory.
    Memory(Vec<u8>),
    /// Much content: on disk, in a file without a name.
    Disk(DiskFile),
}

impl ReadAt for Kept {
    fn size(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes[..].size(),
            Self::Disk(file) => file.size(),
        }
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        match self {
            Self::Memory(bytes) => bytes[..].read_exact_at(buffer, offset),
            Self::Disk(file) => file.read_exact_at(buffer, offset),
        }
    }
}
