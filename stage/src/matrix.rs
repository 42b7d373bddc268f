//! The jobs that stage a release, one a target, as a
//! [matrix](https://docs.github.com/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations)
//! of GitHub Actions.

use serde::Serialize;

use crate::product::Platform;
use crate::product::Product;
use crate::version::ReleaseVersion;
use native_claims::WheelTags;

/// A matrix: no combinations, only the jobs that it includes.
#[derive(Debug, Serialize)]
pub struct Matrix<'a> {
    include: Vec<Job<'a>>,
}

/// The job of a target.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Job<'a> {
    /// What `--platform-tag` takes, to fetch and to stage.
    target: &'a str,
    /// The label of the machine that runs the job.
    runner: &'a str,
    /// The platform tags of the wheels that are made, one wheel each.
    platform_tags: Vec<String>,
    /// The name that the runtime has as an asset of the release, in the layout that is preferred.
    asset: Option<String>,
    /// What the staged directory is uploaded as.
    artifact: String,
}

impl<'a> Matrix<'a> {
    /// The jobs of a release, in the order of the targets.
    #[must_use]
    pub fn new(product: &'a Product, version: &ReleaseVersion) -> Self {
        let release = product.release.as_ref();
        let job = |platform: &'a Platform| Job {
            target: &platform.target,
            runner: &platform.ci.runner,
            platform_tags: platform
                .wheel
                .tags
                .iter()
                .map(WheelTags::to_string)
                .collect(),
            asset: release.and_then(|release| release.assets_of(platform).into_iter().next()),
            artifact: format!("{}-{version}-{}", product.identity.name, platform.target),
        };
        Self {
            include: product.platforms.iter().map(job).collect(),
        }
    }
}
