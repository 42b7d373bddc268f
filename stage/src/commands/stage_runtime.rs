//! `stage stage-runtime STAGING_DIR [RUNTIME]`

mod asked;
mod compress;
mod make;
mod show;
mod source;
mod tasks;

use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::failure::Advised;
use crate::audit;
use crate::base::failpoint;
use crate::bundle::{self, Bundle, OpenRequest};
use crate::commands::cli::{Format, StageRuntime};
use crate::commands::report::Report;
use crate::contents::Contents;
use crate::package::{self, Input, Made};
use crate::record::manifest::{BundleRecord, Manifest};
use crate::record::manual;
use crate::record::{Allowed, Artifact};
use crate::staging::Staging;

use asked::Asked;
use source::Source;

pub fn run(arguments: &StageRuntime, report: &Report) -> anyhow::Result<()> {
    let mut product = super::common::product(arguments.product.clone())?;
    if let Some(limit) = arguments.max_crate_size {
        product.krate.limits = limit.into();
    }
    let staged = Asked::read(arguments, &product).and_then(|asked| stage(&asked, report));
    staged.with_context(|| {
        let what = arguments.runtime.as_ref().map_or_else(
            || arguments.release_tag.clone(),
            |runtime| runtime.display().to_string(),
        );
        format!(
            "cannot stage {what} into {}",
            arguments.staging_dir.display()
        )
    })
}

/// Takes the steps in their order: open, package, commit, report.
fn stage(asked: &Asked, report: &Report) -> Result<(), Advised> {
    let Asked {
        arguments,
        product,
        version,
        ..
    } = asked;
    let start = Instant::now();
    let source = Source::of(arguments, asked.selection.as_ref(), product)?;
    let staging = Staging::open(&arguments.staging_dir, arguments.runtime.as_deref())?;
    let bundle = open(asked, &source, &staging, report)?;
    let platform = bundle.platform();
    for line in bundle.left_out() {
        report.warning(&format!("{}: left out: {line}", platform.target));
    }
    let contents = Contents::of_bundle(&bundle, asked.jobs).map_err(audit::AuditError::from)?;
    for finding in audit::copied_links(&bundle, &contents) {
        report.warning(&format!("{}: {}", platform.target, finding.text()));
    }
    let mut new = Manifest::new(product, version, platform, BundleRecord::new(&bundle));
    new.manual = manual::read(&bundle).map_err(audit::AuditError::from)?;
    let (mut manifest, lost) = staging.manifest_for(product, new, arguments.replace)?;
    warn_of_lost(&lost, report);
    warn_of_series(asked, report);

    let (mut made, allowed) = package(asked, &bundle, &contents, &staging, report)?;
    let artifacts = made.iter().map(|made| made.artifact.clone());
    manifest.add(artifacts.collect(), allowed);
    let out = arguments.staging_dir.display();
    tracing::info!("moving everything into {out}");
    let index = staging.commit(product, version, asked.timestamp, &manifest)?;

    // The facade and the npm root contain no bytes of the runtime.
    made.extend(index.into_iter().map(|artifact| Made {
        artifact,
        content_size: 0,
        elapsed: Duration::ZERO,
    }));
    show::show(product, &made, report);
    report.summary(&format!(
        "staged {} {} for {} into {out} in {:.1} s",
        product.identity.title,
        version.shown(),
        platform.target,
        start.elapsed().as_secs_f64()
    ));
    Ok(())
}

/// Opens the runtime, which is downloaded if it is not given.
fn open(
    asked: &Asked,
    source: &Source,
    staging: &Staging,
    report: &Report,
) -> Result<Bundle, Advised> {
    let Asked {
        arguments,
        product,
        upstream: version,
        ..
    } = asked;
    let scratch = staging.scratch();
    let runtime = source.path(product, version, arguments, &scratch, report)?;
    tracing::info!("reading {}", runtime.display());
    let request = OpenRequest {
        product,
        version,
        selection: asked.selection.as_ref(),
        jobs: asked.jobs,
    };
    let bundle = bundle::open(&runtime, &request, &scratch)?;
    tracing::debug!(
        target_triple = &*bundle.platform().target,
        entrypoint = bundle.entrypoint().as_str(),
        files = bundle.files().len(),
        "runtime opened"
    );
    failpoint::step("runtime opened");
    Ok(bundle)
}

/// Compresses the content, makes the artifacts of it and audits them. Returns them with the findings
/// that were allowed.
fn package(
    asked: &Asked,
    bundle: &Bundle,
    contents: &Contents,
    staging: &Staging,
    report: &Report,
) -> Result<(Vec<Made>, Vec<Allowed>), Advised> {
    let arguments = asked.arguments;
    let tasks = tasks::tasks(
        bundle,
        contents,
        asked.selection.as_ref(),
        arguments,
        asked.product,
        report,
    )?;
    let compressed = compress::compress(bundle, &tasks, arguments, asked.jobs, staging, report)?;
    failpoint::step("content compressed");
    for task in &tasks {
        tracing::info!("writing the {task}");
    }
    let out = staging.out().map_err(package::PackageError::from)?;
    let input = Input {
        product: asked.product,
        version: &asked.version,
        platform: bundle.platform(),
        bundle,
        contents,
        compressed: &compressed,
        effort: compress::effort(arguments.compression),
        timestamp: asked.timestamp,
        out: &out,
    };
    let made = make::make(&input, &tasks, asked.jobs)?;
    let (made, audits): (Vec<_>, Vec<_>) = made.into_iter().unzip();
    let allowed = make::allowed(audits, arguments, report)?;
    Ok((made, allowed))
}

/// Says what a revision means for later releases: npm and Cargo take it for newer than those.
fn warn_of_series(asked: &Asked, report: &Report) {
    let published = |artifact| asked.arguments.formats().contains(&artifact);
    let to_npm_or_cargo = published(Format::Npm) || published(Format::Crate);
    if let Some((series, next)) = asked.version.bound_series().filter(|_| to_npm_or_cargo) {
        let version = &asked.version;
        report.warning_with_help(
            &format!("for npm and Cargo this is {version}, which is newer than later patches of {series}"),
            &format!(
                "stage every later patch of {series} with --revision too, from 0 on; from {next}.0 on \
                 there is no need"
            ),
        );
    }
}

fn warn_of_lost(artifacts: &[Artifact], report: &Report) {
    for Artifact { path, .. } in artifacts {
        report.warning(&format!(
            "{path} is missing or damaged and no longer part of the release"
        ));
    }
}
