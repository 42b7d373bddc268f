//! Lists an archive and checks all of its content, or says why it is refused.
//!
//!     cargo run --example list -- FILE
//!
//! FILE is a zip or a tar, which may be in gzip, zstd or xz. Its first bytes tell which.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::ExitCode;

use strict_archive::{Compression, DiskFile, Error, Limits, tar, zip};

const LIMITS: Limits = Limits {
    entries: 100_000,
    unpacked_bytes: 10 << 30,
};

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: list FILE");
        return ExitCode::from(2);
    };
    match list(Path::new(&path)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}\nhelp: {}", error.remedy());
            ExitCode::FAILURE
        }
    }
}

fn list(path: &Path) -> Result<(), Error> {
    let failed = |error| Error::new(path, error);
    let mut input = BufReader::new(fs_err::File::open(path).map_err(failed)?);
    let head = input.fill_buf().map_err(failed)?;
    if head.starts_with(b"PK") {
        return list_zip(path);
    }
    match Compression::of(head) {
        Some(compression) => list_tar(path, compression.reader(input).map_err(failed)?),
        None => list_tar(path, input),
    }
}

fn list_zip(path: &Path) -> Result<(), Error> {
    let archive: zip::Archive<DiskFile> = zip::Archive::open(path, LIMITS)?;
    for entry in archive.entries() {
        let kind = match entry.kind {
            zip::EntryKind::File => "file",
            zip::EntryKind::Directory => "directory",
            zip::EntryKind::Symlink => "symlink",
        };
        let mut content = archive.content(entry);
        // The last chunk is empty. Without an error before it, size and checksum are right.
        while !content.chunk()?.is_empty() {}
        print(kind, entry.size, &entry.name);
    }
    Ok(())
}

fn list_tar(path: &Path, input: impl Read) -> Result<(), Error> {
    let mut reader = tar::Reader::new(input, path, LIMITS);
    // Each call passes over the content of the entry before.
    while let Some(entry) = reader.next_entry()? {
        let kind = match entry.kind {
            tar::EntryKind::File => "file",
            tar::EntryKind::Directory => "directory",
            tar::EntryKind::Symlink(_) => "symlink",
            tar::EntryKind::HardLink(_) => "hard link",
        };
        print(kind, entry.size, &entry.name);
    }
    Ok(())
}

/// `Display` of a name escapes what a terminal would obey.
fn print(kind: &str, size: u64, name: &strict_archive::EntryName) {
    println!("{kind:<10} {size:>12}  {name}");
}
