//! Where the runtime comes from: it is given, or it is the published one of a platform.

use std::path::{Path, PathBuf};

use crate::base::failure::Advice;
use crate::commands::cli::StageRuntime;
use crate::commands::common;
use crate::commands::fetch;
use crate::commands::report::Report;
use crate::commands::report::transfers::Transfers;
use crate::fetch::{FetchError, fetch};
use crate::product::Product;
use crate::product::{Platform, Selection};
use crate::version::ReleaseVersion;

/// Where the runtime is.
pub(super) enum Source<'a> {
    /// On this machine.
    Given(&'a Path),
    /// In the release, as the one of this platform.
    Published(&'a Platform),
}

/// Neither a runtime, nor a platform whose runtime could be downloaded.
#[derive(Debug, thiserror::Error)]
#[error("neither a RUNTIME is given, nor the platform whose published one it is to be")]
pub(super) struct NoRuntime(String);

impl Advice for NoRuntime {
    fn help(&self) -> String {
        let choices = &self.0;
        format!("give the RUNTIME, or name its platform with --platform-tag; listed are: {choices}")
    }

    fn wrong_call(&self) -> bool {
        true
    }
}

impl<'a> Source<'a> {
    /// What the call says.
    pub fn of(
        arguments: &'a StageRuntime,
        selection: Option<&Selection<'a>>,
        product: &Product,
    ) -> Result<Self, NoRuntime> {
        match (&arguments.runtime, selection) {
            (Some(runtime), _) => Ok(Self::Given(runtime)),
            (None, Some(selection)) => Ok(Self::Published(selection.platform)),
            (None, None) => Err(NoRuntime(product.listed_tags())),
        }
    }

    /// The path of the runtime, which is downloaded into `scratch` if it is not given.
    pub fn path(
        &self,
        product: &Product,
        version: &ReleaseVersion,
        arguments: &StageRuntime,
        scratch: &Path,
        report: &Report,
    ) -> Result<PathBuf, FetchError> {
        let platforms = match self {
            Self::Given(runtime) => return Ok(runtime.to_path_buf()),
            Self::Published(platform) => [*platform],
        };
        let cache = common::cache(fetch::DOWNLOADS, arguments.no_cache);
        let download = &arguments.download;
        let request = fetch::request(product, version, &platforms, download, cache.as_deref());
        let out = scratch.join("download");
        let mut fetched = fetch(&request, scratch, &out, &Transfers::new(report))?;
        // One was asked for.
        Ok(fetched.pop().map_or(out, |file| file.path))
    }
}
