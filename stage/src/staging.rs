//! The staging directory, and the only code that writes into it.
//!
//! A command opens the directory ([`Staging::open`]), works in a private directory inside it, and
//! at the end moves what it made into place ([`Staging::commit`]). All bytes are written before
//! the first move, and each move can be undone, so that a failure at any point (a full disk most
//! of all) leaves the directory as it was. Against a kill there is no undoing; there the order
//! helps: the index (the facade crate and the npm root) and the manifest of the target go first,
//! and come back last, so that what is half done has no manifest, and the next run sweeps it.

pub mod interrupt;
mod lock;
mod moves;

use std::io;
use std::path::{Path, PathBuf};

use crate::failpoint;
use crate::failure::Advice;
use crate::package::timestamp::Timestamp;
use crate::package::{Artifact, Kind, crates, npm, wheel};
use crate::product::Product;
use crate::release::index;
use crate::release::manifest::{self, Manifest};
use crate::version::ReleaseVersion;

use interrupt::InUse;
use lock::Lock;
use moves::Moves;

/// The private directory of the command that holds the lock. Nothing of it outlives the command.
const PRIVATE: &str = ".stage";

/// A staging directory that this process holds the lock of.
pub struct Staging {
    root: PathBuf,
    /// Directories that were not there before, the deepest first.
    created: Vec<PathBuf>,
    lock: Option<Lock>,
}

/// A staging directory that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something is in the way.
    #[error("{0} is not a directory")]
    NotADirectory(PathBuf),
    /// It is part of what is to be staged.
    #[error("{0} lies inside the runtime {1}")]
    InsideRuntime(PathBuf, PathBuf),
    /// Another process is at work.
    #[error("another `stage` is writing into {0}")]
    Locked(PathBuf),
    /// It cannot be written, or what was there cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A manifest that cannot be read.
    #[error("the manifest {path} cannot be used: {reason}")]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Another release.
    #[error("{root} holds version {staged} (of {target}), this is version {version}")]
    OtherVersion {
        /// The staging directory.
        root: PathBuf,
        /// The version that is there.
        staged: String,
        /// A target that has it.
        target: String,
        /// The version that was asked for.
        version: String,
    },
    /// Another runtime of the same release and target.
    #[error(
        "another runtime is staged for {target} already: its files have the digest {staged}, \
         those of this one {bundle}"
    )]
    OtherBundle {
        /// The target.
        target: String,
        /// What is there.
        staged: String,
        /// What was to be staged.
        bundle: String,
    },
}

impl Advice for Error {
    fn help(&self) -> String {
        match self {
            Self::NotADirectory(_) => {
                "name a directory, or a path where one can be made".to_owned()
            }
            Self::Locked(_) => {
                "wait until it has ended, or stage into a directory of its own and copy the two \
                 together"
                    .to_owned()
            }
            Self::InsideRuntime(..) => "use a staging directory outside of the runtime".to_owned(),
            Self::Io(error) => io_help(error),
            Self::Manifest { path, .. } => {
                format!("remove {} and stage its target again", path.display())
            }
            Self::OtherVersion { .. } => {
                "stage each release into a directory of its own".to_owned()
            }
            Self::OtherBundle { .. } => {
                "a release has one runtime a target: stage the same one as before, or add \
                 --replace to start the target again with this one"
                    .to_owned()
            }
        }
    }
}

/// What to do about a failed operation on a file.
#[must_use]
pub fn io_help(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "make room on that disk, or use a staging directory on another one; staging needs \
             about twice the size of the artifacts, and the runtime's own if it is an archive"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "use a directory that you may write to, and files that you may read"
        }
        io::ErrorKind::NotFound => "check the path",
        _ => "check that path and its disk, and run the command again",
    }
    .to_owned()
}

impl Staging {
    /// Takes a directory, which is created if it is not there, for this process.
    ///
    /// It must not lie inside the runtime, of which it would become a part.
    pub fn open(path: &Path, runtime: &Path) -> Result<Self, Error> {
        if lies_inside(path, runtime) {
            return Err(Error::InsideRuntime(
                path.to_path_buf(),
                runtime.to_path_buf(),
            ));
        }
        if path.exists() && !path.is_dir() {
            return Err(Error::NotADirectory(path.to_path_buf()));
        }
        let mut staging = Self {
            root: path.to_path_buf(),
            created: Vec::new(),
            lock: None,
        };
        staging.create(path)?;
        let private = path.join(PRIVATE);
        staging.lock = Some(match Lock::take(&private)? {
            Some(lock) => lock,
            None => return Err(Error::Locked(path.to_path_buf())),
        });
        // What a killed command left there.
        *interrupt::hold() = Some(InUse {
            private,
            created: staging.created.clone(),
        });
        let scratch = staging.scratch();
        if scratch.exists() {
            fs_err::remove_dir_all(&scratch)?;
        }
        fs_err::create_dir(&scratch)?;
        failpoint::step("directory opened");
        Ok(staging)
    }

    /// A directory on the disk of the staging directory, for this command only.
    #[must_use]
    pub fn scratch(&self) -> PathBuf {
        self.root.join(PRIVATE).join("scratch")
    }

    /// Creates a directory, and remembers which of it is new.
    fn create(&mut self, path: &Path) -> io::Result<()> {
        let missing = path
            .ancestors()
            .take_while(|path| !path.as_os_str().is_empty() && path.symlink_metadata().is_err());
        self.created.splice(0..0, missing.map(Path::to_path_buf));
        if let Some(in_use) = &mut *interrupt::hold() {
            in_use.created.clone_from(&self.created);
        }
        fs_err::create_dir_all(path)
    }

    /// The manifests that are there, in the order of their targets.
    pub fn manifests(&self, product: &Product) -> Result<Vec<Manifest>, Error> {
        let mut manifests = Vec::new();
        for name in list(&self.root.join(manifest::DIRECTORY))? {
            let path = self.root.join(manifest::DIRECTORY).join(&name);
            let wrong = |reason| Error::Manifest {
                path: path.clone(),
                reason,
            };
            let text = fs_err::read_to_string(&path)?;
            let manifest = Manifest::parse(&text, product).map_err(wrong)?;
            if name != format!("{}.json", manifest.target) {
                return Err(wrong(format!("it is of the target {}", manifest.target)));
            }
            manifests.push(manifest);
        }
        manifests.sort_by(|a, b| a.target.cmp(&b.target));
        Ok(manifests)
    }

    /// The manifest to continue: the one of this runtime if it is staged already, else a new one.
    ///
    /// With `replace`, whatever is staged for the target is forgotten.
    pub fn manifest_for(
        &self,
        product: &Product,
        new: Manifest,
        replace: bool,
    ) -> Result<Manifest, Error> {
        for staged in self.manifests(product)? {
            let same_target = staged.target == new.target;
            if staged.version != new.version && !(same_target && replace) {
                return Err(Error::OtherVersion {
                    root: self.root.clone(),
                    staged: staged.version,
                    target: staged.target,
                    version: new.version,
                });
            }
            if !same_target || replace {
                continue;
            }
            if staged.bundle != new.bundle {
                return Err(Error::OtherBundle {
                    target: new.target,
                    staged: staged.bundle.sha256.to_string(),
                    bundle: new.bundle.sha256.to_string(),
                });
            }
            return Ok(staged);
        }
        Ok(new)
    }

    /// The directory below which artifacts are written, at their paths in the staging directory.
    pub fn out(&self) -> io::Result<PathBuf> {
        let out = self.scratch().join("out");
        for kind in Kind::ALL {
            fs_err::create_dir_all(out.join(kind.directory()))?;
        }
        Ok(out)
    }

    /// Puts the artifacts of a manifest into place, which were written below [`Self::out`], and
    /// makes the index anew, which is returned.
    pub fn commit(
        mut self,
        product: &Product,
        version: &ReleaseVersion,
        timestamp: Timestamp,
        new: &Manifest,
    ) -> Result<Vec<Artifact>, Error> {
        let out = self.out()?;
        let mut manifests = self.manifests(product)?;
        manifests.retain(|manifest| manifest.target != new.target);
        manifests.push(new.clone());
        let index = index::write(product, version, timestamp, &manifests, &out)?;

        fs_err::create_dir(out.join(manifest::DIRECTORY))?;
        let manifest_path = Manifest::path(&new.target);
        fs_err::write(out.join(&manifest_path), new.text())?;
        let names = Kind::ALL
            .map(Kind::directory)
            .into_iter()
            .chain([manifest::DIRECTORY]);
        for name in names {
            if !list(&out.join(name))?.is_empty() {
                self.create(&self.root.join(name))?;
            }
        }
        let unnamed = self.unnamed(product, &manifests)?;
        failpoint::step("everything written");

        let uninterrupted = interrupt::hold();
        let mut moves = Moves::new(&self.root, &out, self.scratch().join("old"))?;
        for path in index::paths(product, version) {
            moves.remove(&path)?;
        }
        moves.remove(&manifest_path)?;
        for path in &unnamed {
            moves.remove(path)?;
        }
        for artifact in &new.artifacts {
            moves.place(&artifact.path)?;
        }
        moves.place(&manifest_path)?;
        for artifact in &index {
            moves.place(&artifact.path)?;
        }
        moves.keep();
        self.created.clear();
        drop(uninterrupted);
        Ok(index)
    }

    /// Artifacts of the product that no manifest names: left by a killed command, or of a runtime
    /// that was replaced. What is not named like an artifact of the product is left alone.
    fn unnamed(&self, product: &Product, manifests: &[Manifest]) -> io::Result<Vec<String>> {
        let named = |path: &String| {
            manifests
                .iter()
                .flat_map(|m| &m.artifacts)
                .any(|artifact| artifact.path == *path)
        };
        let wheel_prefix = format!("{}-", wheel::file_name_prefix(product));
        let is_wheel =
            |name: &str| name.starts_with(&wheel_prefix) && name.strip_suffix(".whl").is_some();
        let npm_prefix = format!("{}-", npm::file_name_prefix(product));
        let is_npm =
            |name: &str| name.starts_with(&npm_prefix) && name.strip_suffix(".tgz").is_some();
        let is_crate = |name: &str| {
            product.platforms.iter().any(|platform| {
                let platform_crate = crates::platform_crate(product, platform);
                name.strip_prefix(&platform_crate)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with("-part"))
            })
        };
        let mut unnamed = Vec::new();
        for kind in Kind::ALL {
            for name in list(&self.root.join(kind.directory()))? {
                let ours = match kind {
                    Kind::Wheel => is_wheel(&name),
                    Kind::Crate => is_crate(&name),
                    Kind::Npm => is_npm(&name),
                };
                let path = format!("{}/{name}", kind.directory());
                if ours && !named(&path) {
                    unnamed.push(path);
                }
            }
        }
        Ok(unnamed)
    }
}

impl Drop for Staging {
    /// Leaves no trace: neither of the private directory nor of directories that stayed empty.
    fn drop(&mut self) {
        // Nobody is left to hear of an error here, and the next command sweeps what remains.
        if let Some(lock) = self.lock.take() {
            *interrupt::hold() = None;
            let _ = fs_err::remove_dir_all(self.scratch());
            lock.release();
        }
        for path in &self.created {
            let _ = fs_err::remove_dir(path);
        }
    }
}

/// Whether a path, which need not be there, leads into a directory.
fn lies_inside(path: &Path, directory: &Path) -> bool {
    let (Ok(path), Ok(directory)) = (std::path::absolute(path), directory.canonicalize()) else {
        return false;
    };
    let there = path
        .ancestors()
        .find_map(|ancestor| ancestor.canonicalize().ok());
    there.is_some_and(|there| there.starts_with(directory))
}

/// The names in a directory, sorted; none if it is not there. Names that are not UTF-8 are nobody's
/// artifacts and are passed over.
fn list(directory: &Path) -> io::Result<Vec<String>> {
    let entries = match fs_err::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let names = entries.map(|entry| Ok(entry?.file_name().into_string().ok()));
    let mut names = names
        .filter_map(Result::transpose)
        .collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}
