//! The files of a release that a forge has.

use std::path::Path;

use super::archive::LIMITS;
use super::error::InitError;
use super::folder::{Files, MOST_FILES};
use super::known::Known;
use super::proposal::Forge;
use crate::fetch::{Events, Published, Reach, ReleaseUrl};

/// A release whose archives were downloaded.
#[derive(Debug)]
pub struct Downloaded {
    /// Its files; those that may be archives lie in the directory for them.
    pub files: Files,
    /// What the forge says.
    pub forge: Forge,
    /// Files that were downloaded although there is no digest of them.
    pub unverified: Vec<String>,
}

/// How a release is downloaded.
#[derive(Clone, Copy)]
pub struct Download<'a> {
    /// Where the release is.
    pub url: &'a ReleaseUrl,
    /// The cache of downloads; `None` for no cache.
    pub cache: Option<&'a Path>,
    /// How often to retry after a try that made no progress.
    pub retries: u32,
    /// How long to wait for a server that sends nothing.
    pub silence: std::time::Duration,
}

/// Downloads what may be archives of programs into a directory, which is made.
pub fn download(
    download: &Download,
    place: &str,
    out: &Path,
    scratch: &Path,
    events: &dyn Events,
) -> Result<Downloaded, InitError> {
    let reach = Reach {
        cache: download.cache,
        retries: download.retries,
        silence: download.silence,
        most: LIMITS.unpacked_bytes,
        events,
    };
    let published = Published::read(download.url, &reach)?;
    if published.files.len() > MOST_FILES {
        return Err(InitError::TooMany {
            place: place.to_owned(),
            limit: MOST_FILES,
        });
    }
    let mut files = Files::default();
    for file in &published.files {
        files.add(&file.name, &out.join(&file.name));
    }
    // Of two files with one name, no address is that of either.
    files.candidates.sort_by(|a, b| a.name.cmp(&b.name));
    files.candidates.dedup_by(|a, b| a.name == b.name);
    fs_err::create_dir_all(out)?;
    let names = files
        .candidates
        .iter()
        .map(|one| &*one.name)
        .collect::<Vec<_>>();
    let unverified = published
        .files
        .iter()
        .filter(|file| !file.has_digest && names.contains(&&*file.name));
    let unverified = unverified.map(|file| file.name.clone()).collect();
    published.fetch(&names, out, scratch, &reach)?;
    let repository = published.repository.clone();
    let addresses = published.addresses();
    let mut notes = Vec::new();
    if let (Some(page), Some(host)) = (&repository, published.other_host()) {
        notes.push(format!(
            "{host} says that the repository is {page}, which is on another host: check it"
        ));
    }
    let is_found = published.is_on_github() || addresses.is_some();
    if !is_found {
        notes.push(
            "the files of the release are not where one pattern says: to download them with stage, fill \
             in download-url, api-url and assets of `[release]` in stage.toml"
                .to_owned(),
        );
    }
    Ok(Downloaded {
        forge: Forge {
            repository: repository.map(|page| Known::new(page, "the address of the release")),
            tag: Some(published.tag.clone()).filter(|tag| !tag.is_empty()),
            addresses,
            is_found,
            notes,
        },
        files,
        unverified,
    })
}
