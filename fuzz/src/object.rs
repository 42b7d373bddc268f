use std::io::{self, Cursor, Read, Seek, SeekFrom};

use native_claims::ObjectFormat;
use native_claims::facts::{self, FactsError, PageHasher, PageHashes};

use crate::check_error;

/// Most bytes that `facts::read` says it reads, beside the first ones.
const BUDGET: u64 = 16 << 20;
/// What one read counts at least.
const READ: u64 = 64;

/// Counts what is read.
struct Metered<'a> {
    bytes: Cursor<&'a [u8]>,
    cost: u64,
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.cost += (buffer.len() as u64).max(READ);
        assert!(self.cost <= BUDGET + 256, "{} bytes were read", self.cost);
        self.bytes.read(buffer)
    }
}

impl Seek for Metered<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
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
    let mut source = Metered {
        bytes: Cursor::new(&bytes),
        cost: 0,
    };
    if format == ObjectFormat::MachO {
        check_signatures(&bytes);
    }
    match facts::read(&mut source) {
        Ok(Some(facts)) => {
            let json = serde_json::to_value(&facts).unwrap();
            let name = match format {
                ObjectFormat::Elf => "elf",
                ObjectFormat::MachO => "mach_o",
                ObjectFormat::Pe => "pe",
                ObjectFormat::Xcoff => "xcoff",
            };
            assert_eq!(json["format"], name);
        }
        // A Java class begins like a Mach-O file, and a program of DOS like a PE file.
        Ok(None) => assert_ne!(format, ObjectFormat::Elf),
        Err(error) => {
            check_error(&error, error.remedy());
            match error {
                FactsError::Damaged { format: said, .. } => assert_eq!(said, format),
                FactsError::Io(error) => panic!("memory can always be read: {error}"),
            }
        }
    }
}

/// Checks signatures. It makes no difference whether the pages were hashed before.
fn check_signatures(bytes: &[u8]) {
    let mut pages = PageHasher::default();
    for piece in bytes.chunks(1000) {
        pages.update(piece);
    }
    let [hashed, unhashed] = [pages.finish(), PageHashes::default()].map(|pages| {
        let facts = facts::read_signed(&mut Cursor::new(bytes), &pages);
        facts.ok().map(|facts| serde_json::to_value(facts).unwrap())
    });
    assert_eq!(hashed, unhashed);
}
