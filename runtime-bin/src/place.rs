//! Where the cache may lie.
//!
//! If the caller or the environment names a directory, it is that one and no other: somebody who names
//! one does not want another to be filled. Else it is the cache directory of the system's convention,
//! and where that cannot be used, a directory of the user's own among the temporary files.
//!
//! What is executed must not have been put there by somebody else. The directory of the convention is
//! refused if it belongs to another user, as it does where `sudo` keeps `HOME`; the one among the
//! temporary files, where anybody can have made it, is also refused if it is a link or if others may
//! enter it. What was named is taken as it is.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::embedded::Product;
use crate::error::Tried;
use crate::fs;
use crate::sys;

/// A directory for the cache.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    origin: String,
    trust: Trust,
    user: Option<u32>,
}

/// How far a place is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// It was named for the purpose.
    Named,
    /// It is a directory of the user's own, by convention.
    Own,
    /// It lies where anybody can make directories.
    Shared,
}

/// What a process finds around itself.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub(crate) variable: &'a dyn Fn(&str) -> Option<OsString>,
    pub(crate) temp_dir: &'a Path,
    pub(crate) convention: Convention,
    pub(crate) user: Option<u32>,
}

/// A system's convention for the user's cache directory: the variables that name it, the first that is
/// set to an absolute path, and what comes below.
pub(crate) type Convention = &'static [(&'static str, &'static str)];

/// The [XDG base directories](https://specifications.freedesktop.org/basedir-spec/latest/), which have
/// relative paths ignored.
pub(crate) const XDG: Convention = &[("XDG_CACHE_HOME", ""), ("HOME", ".cache")];
const APPLE: Convention = &[("HOME", "Library/Caches")];
const WINDOWS: Convention = &[("LOCALAPPDATA", "")];

/// The convention of the system that this build is for.
pub(crate) const CONVENTION: Convention = if cfg!(windows) {
    WINDOWS
} else if cfg!(target_vendor = "apple") {
    APPLE
} else {
    XDG
};

impl Surroundings<'_> {
    /// A variable that is set to something.
    pub(crate) fn get(&self, name: &str) -> Option<OsString> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    /// The places in the order in which they are tried. What cannot be one says why.
    pub(crate) fn places(
        &self,
        product: &Product,
        named: Option<&Path>,
    ) -> Vec<Result<Place, Tried>> {
        if let Some(path) = named {
            return vec![self.place("Locator::cache_dir", path, Trust::Named)];
        }
        if let Some(path) = self.get(product.cache_dir_env) {
            return vec![self.place(product.cache_dir_env, Path::new(&path), Trust::Named)];
        }
        let user = self
            .user
            .map_or_else(String::new, |user| format!("-{user}"));
        let shared = self.temp_dir.join(format!("{}{user}", product.crate_name));
        vec![
            self.conventional(product.crate_name),
            self.place("the directory for temporary files", &shared, Trust::Shared),
        ]
    }

    fn place(&self, origin: &str, path: &Path, trust: Trust) -> Result<Place, Tried> {
        let origin = origin.to_owned();
        match std::path::absolute(path) {
            Ok(path) => Ok(Place {
                path,
                origin,
                trust,
                user: self.user,
            }),
            Err(error) => Err(Tried {
                origin,
                path: Some(path.to_owned()),
                reason: error.to_string(),
            }),
        }
    }

    fn conventional(&self, name: &str) -> Result<Place, Tried> {
        let found = self.convention.iter().find_map(|(variable, below)| {
            let dir = PathBuf::from(self.get(variable)?);
            dir.is_absolute()
                .then(|| (variable, dir.join(below).join(name)))
        });
        if let Some((variable, path)) = found {
            return self.place(variable, &path, Trust::Own);
        }
        let variables: Vec<_> = self
            .convention
            .iter()
            .map(|(variable, _)| *variable)
            .collect();
        Err(Tried {
            origin: variables.join(", "),
            path: None,
            reason: "not set to an absolute path".to_owned(),
        })
    }
}

impl Place {
    /// Whether what lies here may be used. Looks, and changes nothing.
    pub(crate) fn check(&self) -> Result<(), String> {
        let metadata = match self.trust {
            Trust::Named => return Ok(()),
            Trust::Own => fs::metadata(&self.path),
            Trust::Shared => fs::symlink_metadata(&self.path),
        };
        let metadata = match metadata {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.to_string()),
        };
        if !metadata.is_dir() {
            return Err("it is not a directory".to_owned());
        }
        // What belongs to the system is as good as one's own.
        if let Some(owner) = sys::owner(&metadata)
            && owner != 0
            && Some(owner) != self.user
        {
            return Err(format!("it belongs to another user (uid {owner})"));
        }
        let open = sys::mode(&metadata).is_some_and(|mode| mode & 0o077 != 0);
        if self.trust == Trust::Shared && open {
            return Err("other users may enter it".to_owned());
        }
        Ok(())
    }

    /// Makes the directory, so that something can be put into it.
    pub(crate) fn create(&self) -> fs::Result<()> {
        let created = if self.trust == Trust::Shared {
            sys::create_private_dir(&self.path)
        } else {
            std::fs::create_dir_all(&self.path)
        };
        fs::at("create directory", &self.path, created)
    }

    /// Reports this place as one that cannot be used.
    pub(crate) fn tried(self, reason: String) -> Tried {
        Tried {
            origin: self.origin,
            path: Some(self.path),
            reason,
        }
    }
}
