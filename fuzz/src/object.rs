use std::io;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use native_claims::ObjectFormat;
use native_claims::facts::{self, FactsError};
use stage::container::ReadAt;

use crate::check_error;

/// Most bytes that `facts::read` says it reads, beside the first ones.
const BUDGET: u64 = 16 << 20;
/// What one read counts at least.
const READ: u64 = 64;

/// Counts what is read.
struct Metered<'a> {
    bytes: &'a [u8],
    cost: AtomicU64,
}

impl ReadAt for Metered<'_> {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let cost = (buffer.len() as u64).max(READ);
        let total = self.cost.fetch_add(cost, Relaxed) + cost;
        assert!(total <= BUDGET + 256, "{total} bytes were read");
        self.bytes.read_exact_at(buffer, offset)
    }
}

/// Reads an executable that begins with one of `magics`. It has facts of `format`, none or damage;
/// no read leads past its end, however its tables overlap they are not read for ever, and what was
/// found can be printed.
pub fn check_object(format: ObjectFormat, magics: &[&[u8]], data: &[u8]) {
    let mut bytes = data.to_vec();
    if !magics.iter().any(|magic| data.starts_with(magic)) {
        let magic = magics[usize::from(data.first().copied().unwrap_or_default()) % magics.len()];
        bytes.resize(data.len().max(magic.len()), 0);
        bytes[..magic.len()].copy_from_slice(magic);
    }
    let source = Metered {
        bytes: &bytes,
        cost: AtomicU64::new(0),
    };
    match facts::read(&source) {
        Ok(Some(facts)) => {
            let json = serde_json::to_value(&facts).unwrap();
            let name = match format {
                ObjectFormat::Elf => "elf",
                ObjectFormat::MachO => "mach_o",
                ObjectFormat::Pe => "pe",
            };
            assert_eq!(json["format"], name);
        }
        // A Java class begins like a Mach-O file, and a program of DOS like a PE file.
        Ok(None) => assert_ne!(format, ObjectFormat::Elf),
        Err(error) => {
            check_error(&error);
            match error {
                FactsError::Damaged { format: said, .. } => assert_eq!(said, format),
                FactsError::Io(error) => panic!("memory can always be read: {error}"),
            }
        }
    }
}
