//! Loads a product before it is written, from files in a scratch directory.

use std::path::{Path, PathBuf};

use super::error::InitError;
use super::folder::STAGE_TOML;
use crate::product::{Product, ProductError, ProductSource};

/// Loads a product of a stage.toml and other files. Returns where they lay, and what came of it.
pub(super) fn try_out(
    text: &str,
    others: &[(String, String)],
    scratch: &Path,
) -> Result<(PathBuf, Result<Product, ProductError>), InitError> {
    let place = scratch.join("try");
    if place.exists() {
        fs_err::remove_dir_all(&place)?;
    }
    // It may name a README, which stays where it is.
    write(&place, &[("README.md".to_owned(), String::new())])?;
    write(&place, others)?;
    write(&place, &[(STAGE_TOML.to_owned(), text.to_owned())])?;
    let product = Product::load(&ProductSource::Folder(place.clone()));
    Ok((place, product))
}

/// Writes texts below a folder, by their paths in it.
pub fn write(folder: &Path, texts: &[(String, String)]) -> Result<(), InitError> {
    for (path, text) in texts {
        let path = folder.join(path);
        crate::base::files::create_parents(&path)?;
        fs_err::write(path, text)?;
    }
    Ok(())
}
