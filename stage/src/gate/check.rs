//! Checks a downloaded set against its `release.json`.
//!
//! The order of trust: an attestation vouches for `SHA256SUMS`, and `SHA256SUMS` vouches for
//! `release.json` and every other file. So the two are compared with each other, and each file with
//! them.

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use crate::base::failure::Advice;
use crate::base::parallel;
use crate::base::regular;
use crate::record::files;
use crate::record::problem::{Problem, Problems, SetFault};
use crate::record::release_json;
use crate::record::release_json::{MAX_SIZE, Release};
use crate::record::walk::walk;
use crate::record::{hash, sums};

/// A set that cannot be checked, or that differs from its `release.json`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file is not a `release.json`.
    #[error("{} is not a release.json", path.display())]
    Release {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: release_json::ReleaseFault,
    },
    /// Files differ.
    #[error(transparent)]
    Problems(#[from] Problems),
}

impl Advice for Error {
    fn help(&self) -> String {
        match self {
            Self::Io(_) => "name a release.json in the directory of its release".to_owned(),
            Self::Release { .. } => {
                "download the file again, and use a `stage` that is as new as the release"
                    .to_owned()
            }
            Self::Problems(_) => "download the files named above again, into a directory with \
                                  nothing else; do not publish or install anything from this set \
                                  until it is complete"
                .to_owned(),
        }
    }

    fn details(&self) -> Vec<String> {
        match self {
            Self::Problems(problems) => problems.details(),
            Self::Io(_) | Self::Release { .. } => Vec::new(),
        }
    }
}

/// Compares every file beside a `release.json` with its entry there. The error lists every missing,
/// changed or unexpected file.
pub fn check(path: &Path, jobs: NonZeroUsize) -> Result<Release, Error> {
    let text = regular::read(path, MAX_SIZE)?;
    let release = Release::parse(&text).map_err(|source| Error::Release {
        path: path.to_path_buf(),
        source,
    })?;
    let root = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let root = root.unwrap_or(Path::new("."));

    let files = release.files();
    let checked = parallel::map(jobs, &files, |file| {
        Ok::<_, io::Error>(hash::compare(root, file, files::RELEASE))
    })?;
    let mut problems = checked.into_iter().flatten().collect::<Vec<_>>();
    for found in walk(root)? {
        let named = files
            .binary_search_by(|file| file.path.cmp(&found.path))
            .is_ok();
        match found.odd {
            Some(what) => problems.push(Problem::new(found.path, SetFault::Foreign(what))),
            None if named || files::ALL.contains(&&*found.path) => {}
            None => problems.push(Problem::new(found.path, SetFault::Foreign("a file"))),
        }
    }
    match regular::read(&root.join(files::SUMS), MAX_SIZE) {
        Ok(there) if there == sums::text(&files, &text).into_bytes() => {}
        Ok(_) => problems.push(Problem::new(files::SUMS, SetFault::Sums)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            problems.push(Problem::new(files::SUMS, SetFault::Missing));
        }
        Err(error) => problems.push(Problem::new(files::SUMS, error)),
    }
    Problems::none_of(problems)?;
    Ok(release)
}
