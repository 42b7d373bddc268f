//! The marker of a cache entry: a few lines that say what lies beside it.
//!
//! ```text
//! manifest 9416c84959315fb79d7380978877fa8a1bcd74c22a20e055130dfac86be198cd
//! generation 1
//! modes kept
//! disk 0b5a7a8e-4f62-4ff5-9a3c-0d6f9f2f4c11
//! ```
//!
//! The time of its last change is the time of the entry's last use, to the day.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::time::{Duration, SystemTime};

use crate::digest::{self, Hash};
use crate::sys;

/// What a marker says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Marker {
    /// The manifest of what was extracted.
    pub(crate) manifest: Hash,
    /// The directory that it was extracted to.
    pub(crate) generation: u64,
    pub(crate) modes: Modes,
    pub(crate) disk: Disk,
}

/// How the modes of the files compare with those of the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Modes {
    /// They are the same.
    Kept,
    /// The file system has modes of its own, as FAT and many network shares do.
    Foreign,
}

/// Whether the files are on the disk or only on their way there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Disk {
    /// They have been written to the disk, or read back from it.
    Synced,
    /// They were written since the system was started that has this name. As long as it runs, it knows
    /// what it wrote; if it is another, the power may have failed in between.
    Boot(String),
}

/// How exactly the last use is known.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Marker {
    /// A marker has some 150 bytes; anything longer is something else.
    const LIMIT: usize = 512;

    /// Reads an open marker.
    pub(crate) fn read(mut file: &File) -> Option<Self> {
        let mut buffer = [0; Self::LIMIT];
        let mut length = 0;
        loop {
            match file.read(&mut buffer[length..]) {
                Ok(0) => return Self::parse(str::from_utf8(&buffer[..length]).ok()?),
                Ok(more) => length += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return None,
            }
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let mut field = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        let marker = Self {
            manifest: digest::parse(field("manifest")?)?,
            generation: field("generation")?.parse().ok()?,
            modes: match field("modes")? {
                "kept" => Modes::Kept,
                "foreign" => Modes::Foreign,
                _ => return None,
            },
            disk: match field("disk")? {
                "synced" => Disk::Synced,
                boot => Disk::Boot(boot.to_owned()),
            },
        };
        lines.next().is_none().then_some(marker)
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            manifest,
            generation,
            modes,
            disk,
        } = self;
        let modes = match modes {
            Modes::Kept => "kept",
            Modes::Foreign => "foreign",
        };
        let disk = match disk {
            Disk::Synced => "synced",
            Disk::Boot(boot) => boot,
        };
        let manifest = digest::hex(manifest);
        writeln!(
            f,
            "manifest {manifest}\ngeneration {generation}\nmodes {modes}\ndisk {disk}"
        )
    }
}

impl Modes {
    /// Whether a file with these permissions is one that should have those.
    pub(crate) fn accept(self, found: Option<u32>, wanted: u32) -> bool {
        match self {
            Self::Kept => found.is_none_or(|found| found == wanted),
            // That programs can be executed was tried.
            Self::Foreign => true,
        }
    }
}

impl Disk {
    /// Whether the files are as they were written, as far as the power goes.
    pub(crate) fn is_trusted(&self) -> bool {
        match self {
            Self::Synced => true,
            Self::Boot(boot) => sys::boot() == Some(boot),
        }
    }
}

/// Notes the use of an entry, at most once a day.
pub(crate) fn note_use(marker: &File) {
    let now = SystemTime::now();
    let noted = marker.metadata().and_then(|metadata| metadata.modified());
    // A time in the future is that of a clock that was set back since, and worth replacing.
    let recent = noted.is_ok_and(|noted| now.duration_since(noted).is_ok_and(|age| age < DAY));
    if !recent {
        // Where this fails because the cache is read-only, nothing is pruned either.
        _ = marker.set_modified(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker(disk: Disk) -> Marker {
        Marker {
            manifest: [7; 32],
            generation: 3,
            modes: Modes::Kept,
            disk,
        }
    }

    #[test]
    fn reads_what_it_writes() {
        for disk in [Disk::Synced, Disk::Boot("0b5a".to_owned())] {
            for modes in [Modes::Kept, Modes::Foreign] {
                let marker = Marker {
                    modes,
                    ..marker(disk.clone())
                };
                assert_eq!(Marker::parse(&marker.to_string()), Some(marker));
            }
        }
    }

    #[test]
    fn refuses_what_was_cut_short_or_added_to() {
        let text = marker(Disk::Synced).to_string();
        for length in 0..text.len() {
            assert_eq!(Marker::parse(&text[..length]), None, "{length}");
        }
        assert_eq!(Marker::parse(&(text + "\n")), None);
    }

    #[test]
    fn trusts_what_this_boot_wrote() {
        assert!(Disk::Synced.is_trusted());
        assert!(!Disk::Boot("another".to_owned()).is_trusted());
        assert!(sys::boot().is_none_or(|boot| Disk::Boot(boot.to_owned()).is_trusted()));
    }
}
