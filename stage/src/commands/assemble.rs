//! `stage assemble STAGING_DIR`

use std::time::Instant;

use anyhow::Context as _;
use serde_json::json;

use crate::base::digest::Digest;
use crate::base::failpoint;
use crate::base::failure::Advice;
use crate::commands::cli::Assemble;
use crate::commands::failure::Advised;
use crate::commands::report;
use crate::commands::report::{Report, Table};
use crate::gate::assemble::{Gate, WholeSet};
use crate::product::Platform;
use crate::product::Product;
use crate::record::ArtifactKind;
use crate::record::files;
use crate::record::release_json::Release;
use crate::record::sums;
use crate::record::timestamp::Timestamp;
use crate::staging::Staging;

pub fn run(arguments: &Assemble, report: &Report) -> anyhow::Result<()> {
    let product = super::common::product(arguments.product.clone())?;
    assemble(arguments, &product, report).with_context(|| {
        format!(
            "cannot make a release of {}",
            arguments.staging_dir.display()
        )
    })
}

fn assemble(arguments: &Assemble, product: &Product, report: &Report) -> Result<(), Advised> {
    let root = &arguments.staging_dir;
    let start = Instant::now();
    let required = required(product, &arguments.require)?;
    let epoch = std::env::var_os("SOURCE_DATE_EPOCH");
    let timestamp = Timestamp::from_source_date_epoch(epoch.as_deref())?;

    let (staging, manifests) = Staging::open_to_assemble(root, product)?;
    tracing::info!("reading every artifact");
    let gate = Gate {
        root,
        product,
        required: &required,
        jobs: super::common::jobs(arguments.jobs),
    };
    let WholeSet {
        version,
        manifests,
        platforms,
        sdks,
    } = gate.examine(manifests)?;
    failpoint::step("everything read");

    let index = staging.write_index(product, &version, timestamp, &manifests)?;
    let release = Release::new(product, &version, timestamp, platforms, index.clone(), sdks);
    let text = release.text();
    let sums = sums::text(&release.files(), text.as_bytes());
    tracing::info!("moving everything into {}", root.display());
    staging.finish(&index, &sums, &text)?;

    show(&release, &sums, report);
    report.summary(&format!(
        "{} {} is whole: {} files, {} in {:.1} s",
        product.identity.title,
        version.shown(),
        sums.lines().count() + 1,
        report::size(release.files().iter().map(|file| file.size).sum()),
        start.elapsed().as_secs_f64()
    ));
    Ok(())
}

/// A target that no platform file has.
#[derive(Debug, thiserror::Error)]
#[error("no platform of this product has the target {target:?}")]
struct UnknownTarget {
    target: String,
    targets: String,
}

impl Advice for UnknownTarget {
    fn help(&self) -> String {
        format!("--require takes one of {}", self.targets)
    }

    fn wrong_call(&self) -> bool {
        true
    }
}

/// The platforms of `--require`, or all of them.
fn required<'a>(
    product: &'a Product,
    targets: &[String],
) -> Result<Vec<&'a Platform>, UnknownTarget> {
    if targets.is_empty() {
        return Ok(product.platforms.iter().collect());
    }
    let platform = |target: &String| {
        let known = product.platforms.iter().map(|platform| &*platform.target);
        product.platform(target).ok_or_else(|| UnknownTarget {
            target: target.chars().take(80).collect(),
            targets: known.collect::<Vec<_>>().join(", "),
        })
    };
    targets.iter().map(platform).collect()
}

/// Reports what the set consists of.
fn show(release: &Release, sums: &str, report: &Report) {
    let mut table = Table::new(&["target", "wheels", "crates", "npm packages", "size"]);
    for platform in &release.platforms {
        let count = |kind| {
            platform
                .artifacts
                .iter()
                .filter(|artifact| artifact.kind == kind)
                .count()
        };
        let size = platform
            .artifacts
            .iter()
            .map(|artifact| artifact.size)
            .sum();
        let [wheels, crates, npm] = ArtifactKind::ALL.map(count);
        table.row(
            [
                platform.target.clone(),
                wheels.to_string(),
                crates.to_string(),
                npm.to_string(),
                report::size(size),
            ],
            json!({
                "type": "platform",
                "target": platform.target,
                "runtime": platform.bundle.sha256,
                "wheels": wheels,
                "crates": crates,
                "npm": npm,
                "size": size,
            }),
        );
    }
    report.table(&table);
    super::common::show_allowed(release, report);
    let digest = Digest::of(sums.as_bytes());
    report.result(
        &format!("{digest}  {}", files::SUMS),
        &json!({
            "type": "release",
            "version": release.version.semver,
            "path": files::SUMS,
            "sha256": digest,
        }),
    );
}
