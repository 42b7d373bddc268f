//! Finds the files of a release: in a folder, or on a forge.

use std::path::Path;
use std::time::Duration;

use crate::commands::cli::Init;
use crate::commands::common;
use crate::commands::fetch::DOWNLOADS;
use crate::commands::report::Report;
use crate::commands::report::transfers::Transfers;
use crate::init::{self, Download, Files, Forge, InitError, Source};

/// The files of a release, and what is known of it.
pub(super) struct FoundFiles {
    pub files: Files,
    pub forge: Forge,
    pub source: Source,
    /// Where they were found, for messages.
    pub place: String,
}

/// Finds the files that may be archives: in the folder, or in a release that is downloaded.
pub(super) fn find(
    arguments: &Init,
    folder: &Path,
    scratch: &Path,
    report: &Report,
) -> Result<FoundFiles, InitError> {
    let Some(url) = &arguments.from else {
        return Ok(FoundFiles {
            files: init::list(folder)?,
            forge: Forge::default(),
            source: Source::Folder,
            place: folder.display().to_string(),
        });
    };
    let cache = common::cache(DOWNLOADS, arguments.no_cache);
    let place = "the release".to_owned();
    let download = Download {
        url,
        cache: cache.as_deref(),
        retries: arguments.retries,
        silence: Duration::from_secs(arguments.timeout),
    };
    let transfers = Transfers::new(report);
    let out = scratch.join("release");
    let downloaded = init::download(&download, &place, &out, scratch, &transfers)?;
    drop(transfers);
    let has_digests = downloaded.unverified.is_empty();
    if !has_digests {
        let names = downloaded.unverified.join(", ");
        report.warning(&format!(
            "the release has no digest for {names}: what was downloaded could not be verified"
        ));
    }
    Ok(FoundFiles {
        files: downloaded.files,
        forge: downloaded.forge,
        source: Source::Release { has_digests },
        place,
    })
}
