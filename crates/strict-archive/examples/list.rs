//! Lists an archive and checks all of its content, or says why it is refused.
//!
//!     cargo run --example list -- FILE
//!
//! FILE is a zip, a tar, a tar.gz or a tar.zst. Its first bytes tell which.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::ExitCode;

use strict_archive::{DiskFile, Error, GzipReader, Limits, ZstdReader, tar, zip};

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
    match input.fill_buf().map_err(failed)? {
        [b'P', b'K', ..] => list_zip(path),
        [0x1f, 0x8b, ..] => list_tar(path, GzipReader::new(input)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => list_tar(path, ZstdReader::new(input).map_err(failed)?),
        _ => list_tar(path, input),
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
