//! A cache entry: one runtime, extracted.
//!
//! ```text
//! 0.163.0-x86_64-unknown-linux-musl-1f2e3d4c5b6a7988/   version, target, and the manifest's hash
//!     ready          the marker: which manifest, which generation
//!     2/             the generation that it names: the package directory
//!     1.retired      the marker of a generation that was found damaged
//!     1/             …which stays for as long as somebody holds a lock on that marker
//! ```
//!
//! The marker is the whole truth: it is written beside its place and renamed there when everything
//! else is done, so what it names is complete, and what no marker names is litter. Directories are
//! never renamed and never reused, for Windows does neither while a program runs out of them; a
//! damaged entry gets a new generation, and its marker moves aside with the locks that are on it.
//!
//! Whoever uses a generation holds a shared lock on its marker. Whoever removes one has the exclusive
//! lock on it, and holds the lock of the cache while doing so. Where the file system knows no locks,
//! nothing that has been finished is ever removed.

use std::fs::{File, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::digest;
use crate::embedded::Embedded;
use crate::error::{Error, FileError};
use crate::extract::{self, Progress};
use crate::fs;
use crate::manifest::Bundle;
use crate::sys;

const MARKER: &str = "ready";
const NEW_MARKER: &str = "ready.new";
const RETIRED: &str = ".retired";
const PROBE: &str = "probe";

/// How exactly the last use of an entry is known.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Where an entry is, or would be.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) dir: PathBuf,
    bundle: &'a Bundle<'static>,
}

/// An entry that is in order, and held.
#[derive(Debug)]
pub(crate) struct Ready {
    /// The marker, with a shared lock on it.
    pub(crate) marker: File,
    /// The package directory.
    pub(crate) package: PathBuf,
}

/// Why an entry cannot be used as it is.
#[derive(Debug)]
pub(crate) enum Miss {
    /// It has not been made.
    Absent,
    /// It is being removed.
    Busy,
    /// It is not as it was written.
    Damaged(String),
}

/// Why an entry could not be made.
pub(crate) enum Failure {
    /// This place will not do; another may.
    Place(String),
    /// No place will.
    Final(Error),
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::Final(error.into())
    }
}

impl<'a> Entry<'a> {
    pub(crate) fn new(cache: &Path, bundle: &'a Bundle<'static>) -> Self {
        let id = digest::hex(&bundle.id[..8]);
        let name = format!("{}-{}-{id}", bundle.version, bundle.target);
        Self {
            dir: cache.join(name),
            bundle,
        }
    }

    /// Takes hold of the entry if it is in order: one marker, and a look at each file.
    pub(crate) fn look(&self) -> Result<Ready, Miss> {
        let path = self.dir.join(MARKER);
        let marker = match sys::open_marker(&path) {
            Ok(marker) => marker,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Miss::Absent),
            Err(error) => return Err(Miss::Damaged(format!("{}: {error}", path.display()))),
        };
        // Without locks there is nobody who removes what is in use.
        if let Err(TryLockError::WouldBlock) = marker.try_lock_shared() {
            return Err(Miss::Busy);
        }
        let content = Marker::read(&marker);
        let Some(content) = content.filter(|content| content.manifest == self.manifest()) else {
            return Err(Miss::Damaged(format!(
                "{} is not its marker",
                path.display()
            )));
        };
        let package = self.dir.join(content.generation.to_string());
        for file in &self.bundle.files {
            let path = package.join(file.path);
            let metadata = std::fs::symlink_metadata(&path);
            let metadata =
                metadata.map_err(|e| Miss::Damaged(format!("{}: {e}", path.display())))?;
            let good = metadata.is_file()
                && metadata.len() == file.size
                && content.modes.accept(sys::mode(&metadata), file.mode);
            if !good {
                return Err(Miss::Damaged(format!("{} was changed", path.display())));
            }
        }
        note_use(&marker);
        Ok(Ready { marker, package })
    }

    /// Makes the entry anew. The caller holds the lock of the cache, and has looked.
    pub(crate) fn make(
        &self,
        embedded: &Embedded,
        progress: &dyn Fn(Progress),
    ) -> Result<Ready, Failure> {
        let unusable = |error: FileError| Failure::Place(error.to_string());
        fs::create_dir_all(&self.dir).map_err(unusable)?;
        self.retire();
        let generation = self.sweep().map_err(unusable)?;
        let probe = self.dir.join(PROBE);
        let allowed = fs::at("write", &probe, sys::allows_execution(&probe)).map_err(unusable)?;
        if !allowed {
            let why = "programs may not be executed there (is it mounted noexec?)";
            return Err(Failure::Place(why.to_owned()));
        }
        let package = self.dir.join(generation.to_string());
        let extracted = fs::at("create directory", &package, std::fs::create_dir(&package))
            .map_err(Error::from)
            .and_then(|()| extract::extract(embedded, &package, progress));
        if let Err(error) = extracted {
            // What cannot be removed now is litter for the next one to sweep.
            _ = std::fs::remove_dir_all(&package);
            return Err(Failure::Final(error));
        }
        let modes = Modes::of(self.bundle, &package)?;
        let marker = Marker {
            manifest: self.manifest(),
            generation,
            modes,
        };
        self.commit(&marker)?;
        self.look().map_err(|miss| {
            let found = match miss {
                Miss::Absent => "its marker was gone".to_owned(),
                Miss::Busy => "somebody removed it".to_owned(),
                Miss::Damaged(what) => what,
            };
            Failure::Final(Error::Disturbed {
                entry: self.dir.clone(),
                found,
            })
        })
    }

    /// Writes the marker: from here on, the entry is ready.
    fn commit(&self, marker: &Marker) -> Result<(), FileError> {
        let new = self.dir.join(NEW_MARKER);
        fs::at("write", &new, std::fs::write(&new, marker.to_string()))?;
        fs::rename(&new, &self.dir.join(MARKER))
    }

    /// Moves the marker of a damaged generation aside, with the locks that are on it.
    fn retire(&self) {
        let marker = self.dir.join(MARKER);
        let generation = sys::open_marker(&marker)
            .ok()
            .and_then(|file| Marker::read(&file))
            .map(|content| content.generation)
            // A marker that cannot be read was that of the newest generation.
            .or_else(|| self.generations().ok()?.into_iter().max())
            .unwrap_or(0);
        let retired = self.dir.join(format!("{generation}{RETIRED}"));
        if std::fs::rename(&marker, retired).is_err() {
            _ = std::fs::remove_dir_all(&marker);
        }
    }

    /// Removes what nobody uses, and returns the number of the next generation.
    fn sweep(&self) -> Result<u64, FileError> {
        let generations = self.generations()?;
        for &generation in &generations {
            let marker = self.dir.join(format!("{generation}{RETIRED}"));
            let lock = match fs::open(&marker) {
                Ok(lock) if lock.try_lock().is_ok() => Some(lock),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                _ => continue,
            };
            let tree = std::fs::remove_dir_all(self.dir.join(generation.to_string()));
            drop(lock);
            if tree.is_ok() || tree.is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
                _ = std::fs::remove_file(marker);
            }
        }
        for litter in [NEW_MARKER, PROBE] {
            _ = std::fs::remove_file(self.dir.join(litter));
        }
        Ok(generations
            .into_iter()
            .max()
            .map_or(1, |newest| newest.saturating_add(1)))
    }

    /// The generations of which anything is left.
    fn generations(&self) -> Result<Vec<u64>, FileError> {
        let entries = fs::at("list", &self.dir, std::fs::read_dir(&self.dir))?;
        let mut generations: Vec<u64> = entries
            .filter_map(|entry| {
                let name = entry.ok()?.file_name();
                let name = name.to_str()?;
                name.strip_suffix(RETIRED).unwrap_or(name).parse().ok()
            })
            .collect();
        generations.sort_unstable();
        generations.dedup();
        Ok(generations)
    }

    fn manifest(&self) -> String {
        digest::hex(&self.bundle.id)
    }
}

/// Notes the use of an entry in the time of its marker, at most once a day.
fn note_use(marker: &File) {
    let now = SystemTime::now();
    let noted = marker.metadata().and_then(|metadata| metadata.modified());
    // A time in the future is that of a clock that was set back since, and worth replacing.
    let fresh = noted.is_ok_and(|noted| now.duration_since(noted).is_ok_and(|age| age < DAY));
    if !fresh {
        // A cache that cannot be written to is not pruned either.
        _ = marker.set_modified(now);
    }
}

/// How the modes of an entry's files compare with those of the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Modes {
    /// They are the same.
    Kept,
    /// The file system has modes of its own, as FAT and many network shares do.
    Foreign,
}

impl Modes {
    fn of(bundle: &Bundle<'_>, package: &Path) -> Result<Self, FileError> {
        for file in &bundle.files {
            let metadata = fs::symlink_metadata(&package.join(file.path))?;
            if !Self::Kept.accept(sys::mode(&metadata), file.mode) {
                return Ok(Self::Foreign);
            }
        }
        Ok(Self::Kept)
    }

    fn accept(self, found: Option<u32>, wanted: u32) -> bool {
        match self {
            Self::Kept => found.is_none_or(|found| found == wanted),
            // The execution of programs was tried before.
            Self::Foreign => true,
        }
    }
}

/// The content of a marker.
#[derive(Debug, PartialEq, Eq)]
struct Marker {
    manifest: String,
    generation: u64,
    modes: Modes,
}

impl Marker {
    /// A marker is about 100 bytes; anything longer is something else.
    const LIMIT: u64 = 512;

    fn read(file: &File) -> Option<Self> {
        let mut text = String::new();
        file.take(Self::LIMIT).read_to_string(&mut text).ok()?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let manifest = lines.next()?.strip_prefix("manifest ")?.to_owned();
        let generation = lines.next()?.strip_prefix("generation ")?.parse().ok()?;
        let modes = match lines.next()?.strip_prefix("modes ")? {
            "kept" => Modes::Kept,
            "foreign" => Modes::Foreign,
            _ => return None,
        };
        lines.next().is_none().then_some(Self {
            manifest,
            generation,
            modes,
        })
    }
}

impl std::fmt::Display for Marker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let modes = match self.modes {
            Modes::Kept => "kept",
            Modes::Foreign => "foreign",
        };
        writeln!(f, "manifest {}", self.manifest)?;
        writeln!(f, "generation {}", self.generation)?;
        writeln!(f, "modes {modes}")
    }
}
