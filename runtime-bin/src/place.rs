//! Where the cache may lie.
//!
//! In this order: the directory that the caller or the environment names, and then no other, since
//! somebody who names one does not want another to be filled; else the cache directory of the
//! system's convention; else a directory of the user's own in the system's directory for temporary
//! files. The last one is where attackers wait, so it is used only if it belongs to the user and
//! nobody else can enter it; the one before it is refused if it belongs to somebody else, as when
//! `sudo` keeps `HOME`.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::embedded::Product;
use crate::error::Tried;
use crate::fs;
use crate::sys;

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

/// A directory for the cache.
#[derive(Debug)]
pub(crate) struct Place {
    origin: String,
    pub(crate) path: PathBuf,
    trust: Trust,
}

/// The environment, as a function so that it can be another in a test.
pub(crate) type Env<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The places in the order in which they are tried. What cannot be one says why.
pub(crate) fn places(
    product: &Product,
    named: Option<&Path>,
    env: Env<'_>,
) -> Vec<Result<Place, Tried>> {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let named = named.map(|path| ("Locator::cache_dir", path.to_owned()));
    let by_env = || set(product.cache_dir_env).map(|dir| (product.cache_dir_env, dir.into()));
    if let Some((origin, path)) = named.or_else(by_env) {
        return vec![absolute(origin, path, Trust::Named)];
    }
    let temp = std::env::temp_dir().join(private_name(product.crate_name));
    vec![
        conventional(product.crate_name, &set),
        absolute("temporary directory", temp, Trust::Shared),
    ]
}

fn absolute(origin: &str, path: PathBuf, trust: Trust) -> Result<Place, Tried> {
    match std::path::absolute(&path) {
        Ok(path) => Ok(Place {
            origin: origin.to_owned(),
            path,
            trust,
        }),
        Err(error) => Err(Tried {
            origin: origin.to_owned(),
            path: Some(path),
            reason: error.to_string(),
        }),
    }
}

/// The name of a user's directory in a directory that all users share.
fn private_name(name: &str) -> String {
    #[cfg(unix)]
    return format!("{name}-{}", sys::user());
    #[cfg(windows)]
    return name.to_owned();
}

/// The cache directory by the system's convention.
fn conventional(name: &str, set: Env<'_>) -> Result<Place, Tried> {
    let candidates: &[(&str, &str)] = if cfg!(windows) {
        &[("LOCALAPPDATA", "")]
    } else if cfg!(target_vendor = "apple") {
        &[("HOME", "Library/Caches")]
    } else {
        &[("XDG_CACHE_HOME", ""), ("HOME", ".cache")]
    };
    let origin = candidates
        .iter()
        .map(|(name, _)| format!("${name}"))
        .collect::<Vec<_>>();
    for (variable, below) in candidates {
        // The XDG specification has relative paths ignored, and nothing good comes of them elsewhere.
        let dir = set(variable)
            .map(PathBuf::from)
            .filter(|dir| dir.is_absolute());
        if let Some(dir) = dir {
            let path = dir.join(below).join(name);
            return Ok(Place {
                origin: format!("${variable}"),
                path,
                trust: Trust::Own,
            });
        }
    }
    let reason = "not set to an absolute path".to_owned();
    Err(Tried {
        origin: origin.join(", "),
        path: None,
        reason,
    })
}

impl Place {
    /// Whether what lies here already may be used: looks, and changes nothing.
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
        if let Some(why) = sys::distrust(&metadata) {
            return Err(why);
        }
        let open = sys::mode(&metadata).is_some_and(|mode| mode & 0o077 != 0);
        if self.trust == Trust::Shared && open {
            return Err("other users may enter it".to_owned());
        }
        Ok(())
    }

    /// Makes the directory, so that something can be put into it.
    pub(crate) fn create(&self) -> Result<(), String> {
        if self.trust == Trust::Shared {
            let created = sys::create_private_dir(&self.path);
            fs::at("create directory", &self.path, created).map_err(|error| error.to_string())?;
        } else {
            fs::create_dir_all(&self.path).map_err(|error| error.to_string())?;
        }
        self.check()
    }

    /// This place as one that would not do.
    pub(crate) fn tried(&self, reason: String) -> Tried {
        Tried {
            origin: self.origin.clone(),
            path: Some(self.path.clone()),
            reason,
        }
    }
}
