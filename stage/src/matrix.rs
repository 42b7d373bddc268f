//! The jobs that stage a release, one per target, as a
//! [matrix](https://docs.github.com/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations)
//! of GitHub Actions.

use serde::Serialize;

use crate::product::Platform;
use crate::product::Product;
use crate::version::ReleaseVersion;
use native_claims::WheelTags;

/// A matrix with only an `include` list, and no combinations.
#[derive(Debug, Serialize)]
pub struct Matrix<'a> {
    include: Vec<Job<'a>>,
}

/// The job of a target.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Job<'a> {
    /// The target triple, for `--platform-tag` of `stage fetch` and `stage stage-runtime`.
    target: &'a str,
    /// The label of the machine that runs the job.
    runner: &'a str,
    /// The platform tags that the product lists, one item per wheel. The job makes wheels for those
    /// that are true of the runtime.
    platform_tags: Vec<String>,
    /// The platform tags that the job turns to if none of the listed ones is true.
    fallback_tags: Vec<String>,
    /// The name of the runtime's asset in the release, in the preferred layout.
    asset: Option<String>,
    /// The name under which the staged directory is uploaded.
    artifact: String,
}

impl<'a> Matrix<'a> {
    /// Returns the jobs of a release, in the order of the targets.
    #[must_use]
    pub fn new(product: &'a Product, version: &ReleaseVersion) -> Self {
        let release = product.release.as_ref();
        let job = |platform: &'a Platform| Job {
            target: &platform.target,
            runner: &platform.ci.runner,
            platform_tags: texts(&platform.wheel.tags),
            fallback_tags: texts(&platform.wheel.fallback_tags),
            asset: release.and_then(|release| {
                let tag = product.release_tag(version);
                let assets = release.assets_of(platform, &version.upstream(), &tag);
                assets.into_iter().next()
            }),
            artifact: format!("{}-{version}-{}", product.identity.name, platform.target),
        };
        Self {
            include: product.platforms.iter().map(job).collect(),
        }
    }
}

fn texts(tags: &[WheelTags]) -> Vec<String> {
    tags.iter().map(WheelTags::to_string).collect()
}
