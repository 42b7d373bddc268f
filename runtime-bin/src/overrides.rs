//! A runtime of the user's own, in place of the embedded one: how distributions, NixOS and people who
//! work on the runtime itself use programs that carry one.

use std::path::{Path, PathBuf};

use crate::embedded::Product;
use crate::error::BadOverride;
use crate::fs;
use crate::metadata;
use crate::sys;

/// A runtime that the user brought.
#[derive(Debug)]
pub(crate) struct Own {
    pub(crate) entrypoint: PathBuf,
    /// What is known of it, if it lies in a package directory.
    pub(crate) package: Option<Package>,
}

/// A package directory.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) dir: PathBuf,
    pub(crate) path_dir: Option<PathBuf>,
    pub(crate) version: String,
}

/// How far above an executable its package directory may be.
const MAX_DEPTH: usize = 8;

/// Finds the runtime at a path: a package directory, or an executable, in one or not.
pub(crate) fn open(product: &Product, path: &Path) -> Result<Own, BadOverride> {
    let path = &fs::at("look at", path, std::path::absolute(path))?;
    if fs::metadata(path)?.is_dir() {
        let (entrypoint, package) =
            read_package(product, path)?.ok_or(BadOverride::NoMetadata(product.metadata_file))?;
        let metadata = fs::metadata(&entrypoint).map_err(BadOverride::from);
        return match metadata {
            Err(BadOverride::Missing) => Err(BadOverride::NoEntrypoint(entrypoint)),
            Ok(metadata) if !sys::is_executable(&metadata) => {
                Err(BadOverride::NotExecutable(entrypoint))
            }
            metadata => metadata.map(|_| Own {
                entrypoint,
                package: Some(package),
            }),
        };
    }
    if !sys::is_executable(&fs::metadata(path)?) {
        return Err(BadOverride::NotExecutable(path.clone()));
    }
    // As it was given, and where it really lies: `~/.local/bin` is full of links into packages.
    let real = std::fs::canonicalize(path).ok();
    for executable in [Some(path), real.as_ref()].into_iter().flatten() {
        for dir in executable.ancestors().skip(1).take(MAX_DEPTH) {
            if let Ok(Some((entrypoint, package))) = read_package(product, dir)
                && entrypoint == *executable
            {
                return Ok(Own {
                    entrypoint,
                    package: Some(package),
                });
            }
        }
    }
    Ok(Own {
        entrypoint: path.clone(),
        package: None,
    })
}

/// Reads the metadata of a package directory: its entrypoint, and what it is. `None` where there is
/// no metadata.
fn read_package(product: &Product, dir: &Path) -> Result<Option<(PathBuf, Package)>, BadOverride> {
    let file = dir.join(product.metadata_file);
    let text = match fs::read_to_string(&file).map_err(BadOverride::from) {
        Ok(text) => text,
        Err(BadOverride::Missing) => return Ok(None),
        Err(error) => return Err(error),
    };
    let unusable = |why: String| BadOverride::Metadata {
        file: file.clone(),
        why,
    };
    let fields = metadata::strings(&text).map_err(|why| unusable(why.to_owned()))?;
    let get = |name: &str| {
        fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    };
    let need = |name: &str| get(name).ok_or_else(|| unusable(format!("has no string {name:?}")));
    let below = |path: &String| {
        path.split('/')
            .fold(dir.to_owned(), |dir, name| dir.join(name))
    };
    let entrypoint = below(need(product.entrypoint_field)?);
    let version = need(product.version_field)?.clone();
    let path_dir = get(product.path_dir_field)
        .map(below)
        .filter(|dir| dir.is_dir());
    Ok(Some((
        entrypoint,
        Package {
            dir: dir.to_owned(),
            path_dir,
            version,
        },
    )))
}
