//! A cache entry: one runtime, extracted.
//!
//! ```text
//! 1.2.3-x86_64-unknown-linux-musl-9416c84959315fb7/   version, target, and the manifest's hash
//!     ready          the marker: which manifest, which generation
//!     2/             the generation that it names: the package directory
//!     1.retired      the marker of a generation that was found damaged
//!     1/             which stays for as long as somebody holds a lock on that marker
//! ```
//!
//! The marker is the whole truth. It is written beside its place and renamed there when everything
//! else is done: what it names is complete, and what no marker names is litter. Directories are never
//! renamed and never reused, for Windows does neither while a program runs out of them; a damaged
//! generation is followed by a new one, and its marker moves aside with the locks that are on it.
//!
//! Whoever uses a generation holds a shared lock on its marker. Whoever removes one has had the
//! exclusive lock on it, under the lock of the cache.
//!
//! Nothing is synced to the disk: that takes longer than the extraction. Instead the marker names the
//! boot of the system in which it was written. The first to find one of an earlier boot, after which
//! the power may have failed, reads every byte before the entry is used again, and says so in the
//! marker. Where boots have no names (outside Linux), and where it is asked for, files are synced.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::carried::Carried;
use crate::digest;
use crate::error::{Error, FileError};
use crate::extract::{self, Progress};
use crate::fs;
use crate::lock::{self, Claim};
use crate::manifest::Bundle;
use crate::marker::{self, Disk, Marker, Modes};
use crate::open_files::open_dated;
use crate::sys;
use crate::verify;

const MARKER: &str = "ready";
const NEW_MARKER: &str = "ready.new";
const RETIRED: &str = ".retired";
const PROBE: &str = "probe";

/// How long to wait for those who have programs open for writing. Some network file systems say of
/// every file that it is, and a copy of a process that never executes anything keeps it so.
const WRITERS: Duration = Duration::from_secs(2);

/// What the tests stop at.
#[cfg(not(test))]
const fn step(_: &str) {}
#[cfg(test)]
use crate::testing::step;

/// Where the entry of a bundle is, or would be.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    dir: PathBuf,
    bundle: &'a Bundle<'a>,
}

/// An entry that is in order, and held.
#[derive(Debug)]
pub(crate) struct Ready {
    /// The marker, with a shared lock on it.
    pub(crate) marker: File,
    pub(crate) modes: Modes,
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
    /// It looks right, but the system was restarted since, and nobody has read it.
    Unread(Ready, Marker),
}

/// Why an entry could not be made.
#[derive(Debug)]
pub(crate) enum NotMade {
    /// This place cannot be used; another may.
    Place(String),
    /// No place will.
    Final(Error),
}

impl NotMade {
    /// What cannot be written to is not the place; one that is full could be used, and is not given up for
    /// another, where the user would not look for so much.
    pub(crate) fn of_write(error: FileError, needed: u64) -> Self {
        match Error::of_write(error, needed) {
            Error::File(error) => Self::Place(error.to_string()),
            error => Self::Final(error),
        }
    }
}

impl<'a> Entry<'a> {
    pub(crate) fn new(cache: &Path, bundle: &'a Bundle<'a>) -> Self {
        Self {
            dir: cache.join(name(bundle)),
            bundle,
        }
    }

    /// Takes hold of the entry if it is in order: the marker, and one look at each file.
    pub(crate) fn look(&self) -> Result<Ready, Miss> {
        let path = self.dir.join(MARKER);
        let damaged = |path: &Path, what: &dyn std::fmt::Display| {
            Miss::Damaged(format!("{}: {what}", path.display()))
        };
        let file = match open_dated(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Miss::Absent),
            Err(error) => return Err(damaged(&path, &error)),
        };
        match file.try_lock_shared() {
            Err(std::fs::TryLockError::WouldBlock) => return Err(Miss::Busy),
            // On a file system without locks, nobody removes anything.
            Ok(()) | Err(std::fs::TryLockError::Error(_)) => {}
        }
        let marker = Marker::read(&file).filter(|marker| marker.manifest == self.bundle.id);
        let marker = marker.ok_or_else(|| damaged(&path, &"it is not the marker of this entry"))?;
        let package = self.dir.join(marker.generation.to_string());
        for file in &self.bundle.files {
            let path = package.join(file.path);
            let found = std::fs::symlink_metadata(&path).map_err(|error| damaged(&path, &error))?;
            let size = found.is_file() && found.len() == file.size;
            if !size || !marker.modes.accept(sys::mode(&found), file.mode) {
                return Err(damaged(&path, &"it is not as it was extracted"));
            }
        }
        marker::note_use(&file);
        let ready = Ready {
            marker: file,
            modes: marker.modes,
            package,
        };
        if marker.disk.is_trusted() {
            Ok(ready)
        } else {
            Err(Miss::Unread(ready, marker))
        }
    }

    /// Puts the entry in order. The caller holds the lock of the cache, and found this when it looked.
    pub(crate) fn make(
        &self,
        miss: Miss,
        carried: &Carried,
        sync: bool,
        progress: &dyn Fn(Progress),
    ) -> Result<Ready, NotMade> {
        if let Miss::Unread(ready, marker) = miss
            && verify::verify(carried, &ready.package, ready.modes).is_intact()
        {
            // Where it cannot be said, it is read again next time.
            _ = self.settle(marker);
            return Ok(ready);
        }
        let unusable = |error| NotMade::of_write(error, self.bundle.size);
        fs::create_dir_all(&self.dir).map_err(unusable)?;
        step("begun");
        self.retire();
        step("retired");
        let generation = sweep(&self.dir).map_err(unusable)?;
        step("swept");
        let probe = self.dir.join(PROBE);
        let allowed = fs::at("write", &probe, sys::allows_execution(&probe)).map_err(unusable)?;
        if !allowed {
            let why = "programs may not be executed there, as on a file system mounted noexec";
            _ = fs::remove_dir(&self.dir);
            return Err(NotMade::Place(why.to_owned()));
        }
        step("probed");
        let package = self.dir.join(generation.to_string());
        let marker = self.fill(&package, generation, carried, sync, progress);
        let written = marker.and_then(|marker| {
            step("filled");
            let written = self.write_marker(&marker, sync);
            written.map_err(|error| Error::of_write(error, self.bundle.size))
        });
        if let Err(error) = written {
            // What cannot be removed now is litter for the next one to sweep.
            _ = fs::remove_file(&self.dir.join(NEW_MARKER));
            fs::remove_any(&package);
            _ = fs::remove_dir(&self.dir);
            return Err(NotMade::Final(error));
        }
        step("ready");
        self.look().map_err(|miss| {
            let found = match miss {
                Miss::Damaged(what) => what,
                Miss::Absent | Miss::Busy | Miss::Unread(..) => "its marker was gone".to_owned(),
            };
            NotMade::Final(Error::Disturbed {
                entry: self.dir.clone(),
                found,
            })
        })
    }

    /// Extracts into a new generation, and says what its marker is to say.
    fn fill(
        &self,
        package: &Path,
        generation: u64,
        carried: &Carried,
        sync: bool,
        progress: &dyn Fn(Progress),
    ) -> Result<Marker, Error> {
        fs::at("create directory", package, std::fs::create_dir(package))?;
        step("created");
        extract::extract(carried, package, progress)?;
        let mut modes = Modes::Kept;
        let boot = sys::boot().filter(|_| !sync);
        for file in &self.bundle.files {
            let path = package.join(file.path);
            let metadata = fs::symlink_metadata(&path)?;
            if !Modes::Kept.accept(sys::mode(&metadata), file.mode) {
                modes = Modes::Foreign;
            }
            if boot.is_none() {
                fs::at("sync", &path, fs::open_to_write(&path)?.sync_all())?;
            }
        }
        self.wait_for_writers(package)?;
        step("executable");
        let disk = boot.map_or(Disk::Synced, |boot| Disk::Boot(boot.to_owned()));
        Ok(Marker {
            manifest: self.bundle.id,
            generation,
            modes,
            disk,
        })
    }

    /// Waits until nobody has a program open for writing: until then, Linux does not execute it.
    ///
    /// This process has closed the files. But a process that another thread started meanwhile has
    /// copies of their descriptors, for the moment between its fork and its exec. Once the copies are
    /// gone, no process can get new ones.
    fn wait_for_writers(&self, package: &Path) -> Result<(), FileError> {
        let until = Instant::now() + WRITERS;
        for file in self
            .bundle
            .files
            .iter()
            .filter(|file| file.mode & 0o111 != 0)
        {
            let path = package.join(file.path);
            let file = fs::open(&path)?;
            while sys::is_open_for_writing(&file) == Some(true) && Instant::now() < until {
                thread::sleep(Duration::from_millis(1));
            }
        }
        Ok(())
    }

    /// Writes the marker beside its place and renames it: from then on, the entry is ready.
    fn write_marker(&self, marker: &Marker, sync: bool) -> Result<(), FileError> {
        let new = self.dir.join(NEW_MARKER);
        let file = fs::create_new(&new)?;
        fs::write_all(&file, &new, marker.to_string().as_bytes())?;
        if sync || marker.disk == Disk::Synced {
            fs::at("sync", &new, file.sync_all())?;
        }
        drop(file);
        step("marked");
        fs::rename(&new, &self.dir.join(MARKER))
    }

    /// Says in the marker that everything was read back. It is changed where it is, since others may
    /// have locks on it; who reads it half changed waits for the lock of the cache and reads it again.
    ///
    /// On Windows it cannot be written to, for a shared lock there keeps everybody from it. Nothing asks
    /// for it either: boots have no names there.
    fn settle(&self, mut marker: Marker) -> Result<(), FileError> {
        let path = self.dir.join(MARKER);
        marker.disk = Disk::Synced;
        let text = marker.to_string();
        let file = fs::open_to_write(&path)?;
        fs::write_all(&file, &path, text.as_bytes())?;
        fs::at("write", &path, file.set_len(text.len() as u64))
    }

    /// Moves the marker of a damaged generation aside, with the locks that are on it.
    fn retire(&self) {
        let path = self.dir.join(MARKER);
        let generation = open_dated(&path)
            .ok()
            .and_then(|file| Some(Marker::read(&file)?.generation))
            // One that cannot be read was that of the newest generation.
            .or_else(|| generations(&self.dir).ok()?.pop());
        let retired = generation.map(|generation| self.dir.join(retired(generation)));
        if retired.is_none_or(|retired| fs::rename(&path, &retired).is_err()) {
            // One without a generation: nobody uses it.
            fs::remove_any(&path);
        }
    }
}

/// The name of a bundle's entry.
pub(crate) fn name(bundle: &Bundle<'_>) -> String {
    format!(
        "{}-{}-{}",
        bundle.version,
        bundle.target,
        digest::hex(&bundle.id[..8])
    )
}

/// Whether a file name is that of an entry.
pub(crate) fn is_name(name: &str) -> bool {
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    name.rsplit_once('-')
        .is_some_and(|(_, id)| id.len() == 16 && id.bytes().all(hex))
}

/// Removes an entry that nobody uses, and says whether it is gone. The caller holds the lock of the
/// cache.
pub(crate) fn remove(dir: &Path) -> Result<bool, FileError> {
    let path = dir.join(MARKER);
    let held = match lock::claim(&path) {
        Claim::Held(marker) => {
            fs::remove_file(&path)?;
            Some(marker)
        }
        Claim::Absent => None,
        Claim::InUse => return Ok(false),
    };
    // The lock is still held: whoever opened the marker a moment ago comes too late.
    sweep(dir)?;
    // On Windows, the marker may have its name until it is closed.
    drop(held);
    Ok(fs::remove_dir(dir).is_ok())
}

/// The marker of an entry, if there is one.
pub(crate) fn marker_path(dir: &Path) -> PathBuf {
    dir.join(MARKER)
}

fn retired(generation: u64) -> String {
    format!("{generation}{RETIRED}")
}

/// Removes the generations of an entry without a marker, but for those in use, and returns the number
/// of the next one.
fn sweep(dir: &Path) -> Result<u64, FileError> {
    let generations = generations(dir)?;
    for &generation in &generations {
        let marker = dir.join(retired(generation));
        let held = match lock::claim(&marker) {
            Claim::Held(marker) => Some(marker),
            Claim::Absent => None,
            Claim::InUse => continue,
        };
        let tree = dir.join(generation.to_string());
        // What cannot be removed, such as a program that runs on Windows, can be next time.
        fs::remove_any(&tree);
        drop(held);
        if !tree.exists() {
            fs::remove_any(&marker);
        }
    }
    for litter in [NEW_MARKER, PROBE] {
        fs::remove_any(&dir.join(litter));
    }
    Ok(generations
        .last()
        .map_or(1, |newest| newest.saturating_add(1)))
}

/// The generations of which anything is left, in order.
fn generations(dir: &Path) -> Result<Vec<u64>, FileError> {
    let number = |entry: io::Result<std::fs::DirEntry>| {
        let name = entry.ok()?.file_name();
        let name = name.to_str()?;
        name.strip_suffix(RETIRED).unwrap_or(name).parse().ok()
    };
    let entries = fs::at("list", dir, std::fs::read_dir(dir))?;
    let mut generations: Vec<u64> = entries.filter_map(number).collect();
    generations.sort_unstable();
    generations.dedup();
    Ok(generations)
}
