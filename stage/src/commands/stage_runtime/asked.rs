//! What the call asks for, read and checked before anything is touched.

use std::num::NonZeroUsize;

use crate::commands::cli::StageRuntime;
use crate::commands::common;
use crate::commands::failure::Advised;
use crate::product::{Product, Selection};
use crate::record::timestamp::Timestamp;
use crate::version::ReleaseVersion;

/// The arguments, as values that cannot be wrong.
pub(super) struct Asked<'a> {
    pub arguments: &'a StageRuntime,
    pub product: &'a Product,
    /// The version of the artifacts.
    pub version: ReleaseVersion,
    /// The version of the runtime, which has no revision.
    pub upstream: ReleaseVersion,
    pub selection: Option<Selection<'a>>,
    pub timestamp: Timestamp,
    pub jobs: NonZeroUsize,
}

impl<'a> Asked<'a> {
    /// Reads the arguments, and the time of the artifacts from the environment.
    pub fn read(arguments: &'a StageRuntime, product: &'a Product) -> Result<Self, Advised> {
        common::check_codes(&arguments.allow)?;
        let version = common::version(product, &arguments.release_tag, arguments.revision)?;
        let selection = Selection::parse(&arguments.platform_tag, product)?;
        let epoch = std::env::var_os("SOURCE_DATE_EPOCH");
        let timestamp = Timestamp::from_source_date_epoch(epoch.as_deref())?;
        Ok(Self {
            arguments,
            product,
            upstream: version.unrevised(),
            version,
            selection,
            timestamp,
            jobs: common::jobs(arguments.jobs),
        })
    }
}
