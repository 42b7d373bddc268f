//! Reads the archives of a release, one after the other: each may unpack to gigabytes.

use std::error::Error as _;
use std::num::NonZeroUsize;
use std::path::Path;

use super::archive::{Archive, Candidate};
use super::error::InitError;
use super::folder::Files;
use crate::base::failure::Advice as _;
use crate::bundle;

/// An archive that cannot be read.
#[derive(Debug)]
pub struct Unreadable {
    /// Its name.
    pub name: String,
    /// Why not.
    pub reason: String,
    /// What can be done.
    pub help: String,
}

/// Reads the candidates among files. What is no archive goes to those that are passed over. Fails if
/// there is no archive at all; `place` is where they were looked for.
pub fn read(
    files: &mut Files,
    place: &str,
    jobs: NonZeroUsize,
    scratch: &Path,
) -> Result<(Vec<Archive>, Vec<Unreadable>), InitError> {
    let mut archives = Vec::new();
    let mut unreadable = Vec::new();
    for candidate in std::mem::take(&mut files.candidates) {
        tracing::info!("reading {}", candidate.name);
        let Candidate { name, .. } = &candidate;
        let scratch = scratch.join("archive");
        fs_err::create_dir_all(&scratch)?;
        let archive = Archive::read(&candidate, jobs, &scratch);
        fs_err::remove_dir_all(&scratch)?;
        match archive {
            Ok(archive) => archives.push(archive),
            // The disk is full, for example: it is not the archive that is wrong.
            Err(bundle::Error::Scratch(error)) => return Err(error.into()),
            Err(error) if is_something_else(&error) => {
                files
                    .passed_over
                    .push((name.clone(), short(&error, &candidate)));
            }
            Err(error) => unreadable.push(Unreadable {
                name: name.clone(),
                reason: short(&error, &candidate),
                help: error.help(),
            }),
        }
    }
    if archives.is_empty() {
        let passed_over = files
            .passed_over
            .iter()
            .map(|(name, reason)| format!("{name}: {reason}"));
        let unreadable = unreadable
            .iter()
            .map(|one| format!("{}: {}", one.name, one.reason));
        let reasons = unreadable.chain(passed_over).collect::<Vec<_>>();
        return Err(InitError::Nothing {
            place: place.to_owned(),
            files: reasons.len(),
            reasons,
        });
    }
    Ok((archives, unreadable))
}

/// Whether a file was never meant to be an archive of a program.
pub(super) fn is_something_else(error: &bundle::Error) -> bool {
    matches!(
        error,
        bundle::Error::Unknown { .. }
            | bundle::Error::Script { .. }
            | bundle::Error::Special { .. }
            | bundle::Error::Unfit { .. }
    )
}

/// An error without the path that it begins with: the name of the file stands before it.
pub(super) fn short(error: &bundle::Error, candidate: &Candidate) -> String {
    let mut text = error.to_string();
    let causes = std::iter::successors(error.source(), |error| (*error).source());
    for cause in causes.map(ToString::to_string) {
        // Some errors say their cause themselves.
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    let path = candidate.path.display().to_string();
    let rest = text.strip_prefix(&path).map(|rest| {
        let rest = rest.trim_start();
        rest.strip_prefix(':').unwrap_or(rest).trim_start()
    });
    rest.unwrap_or(&text).to_owned()
}
