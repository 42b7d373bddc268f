//! `stage stage-runtime STAGING_DIR [RUNTIME]`

mod source;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::audit;
use crate::audit::{Audit, Severity};
use crate::base::cache;
use crate::base::failpoint;
use crate::base::failure::{Attempt as _, Failure};
use crate::bundle::{self, Bundle, OpenRequest};
use crate::commands::cli::{Compression, Format, StageRuntime};
use crate::commands::report;
use crate::commands::report::{Report, Table};
use crate::compress;
use crate::compress::{Compressed, Encoding, Options};
use crate::contents::Contents;
use crate::package;
use crate::package::{Input, Made, Task};
use crate::product::Product;
use crate::product::Selection;
use crate::record::Allowed;
use crate::record::Artifact;
use crate::record::Effort;
use crate::record::manifest::{BundleRecord, Manifest};
use crate::record::timestamp::Timestamp;
use crate::staging::Staging;
use native_claims::WheelTags;

use source::Source;

pub fn run(arguments: &StageRuntime, report: &Report) -> Result<(), Failure> {
    let StageRuntime {
        staging_dir,
        runtime,
        ..
    } = arguments;
    let what = runtime.as_ref().map_or_else(
        || arguments.codex_version.clone(),
        |runtime| runtime.display().to_string(),
    );
    let attempt = || format!("cannot stage {what} into {}", staging_dir.display());
    let start = Instant::now();

    // What can be wrong with the call is told before anything is touched.
    let mut product = super::common::product(arguments.product.clone())?;
    if let Some(limit) = arguments.max_crate_size {
        product.krate.limits = limit.into();
    }
    super::common::check_codes(&arguments.allow).attempting(attempt)?;
    let version = product
        .parse_version(&arguments.codex_version)
        .attempting(attempt)?;
    let selection = Selection::parse(&arguments.platform_tag, &product).attempting(attempt)?;
    let epoch = std::env::var_os("SOURCE_DATE_EPOCH");
    let timestamp = Timestamp::from_source_date_epoch(epoch.as_deref()).attempting(attempt)?;
    let jobs = super::common::jobs(arguments.jobs);
    let source = Source::of(arguments, selection.as_ref(), &product).attempting(attempt)?;

    let staging = Staging::open(staging_dir, runtime.as_deref()).attempting(attempt)?;
    let scratch = staging.scratch();
    let runtime = source
        .path(&product, &version, arguments, &scratch, report)
        .attempting(attempt)?;
    report.step(&format!("reading {}", runtime.display()));
    let request = OpenRequest {
        product: &product,
        version: &version,
        selection: selection.as_ref(),
        jobs,
    };
    let bundle = bundle::open(&runtime, &request, &scratch).attempting(attempt)?;
    failpoint::step("runtime opened");
    let platform = bundle.platform();
    let contents = Contents::of_bundle(&bundle, jobs)
        .map_err(audit::AuditError::from)
        .attempting(attempt)?;
    let record = BundleRecord::new(&bundle);
    let new = Manifest::new(&product, &version, platform, record);
    let (mut manifest, lost) = staging
        .manifest_for(&product, new, arguments.replace)
        .attempting(attempt)?;
    warn_of_lost(&lost, report);

    let mut wheels = Vec::new();
    if wanted(arguments, Format::Wheel) {
        wheels =
            choose_wheels(&bundle, &contents, selection, arguments, report).attempting(attempt)?;
    }
    let tasks = tasks(arguments, wheels);
    let compressed =
        compress(&bundle, &tasks, arguments, jobs, &staging, report).attempting(attempt)?;
    failpoint::step("content compressed");

    for task in &tasks {
        report.step(&format!("writing the {task}"));
    }
    let out = staging
        .out()
        .map_err(package::Error::from)
        .attempting(attempt)?;
    let input = Input {
        product: &product,
        version,
        platform,
        bundle: &bundle,
        contents: &contents,
        compressed: &compressed,
        effort: effort(arguments.compression),
        timestamp,
        out: &out,
    };
    let made = make(&input, &tasks, jobs).attempting(attempt)?;
    let (mut made, audits): (Vec<_>, Vec<_>) = made.into_iter().unzip();
    let allowed = allowed(audits, arguments, report).attempting(attempt)?;
    let artifacts = made.iter().map(|made| made.artifact.clone());
    manifest.add(artifacts.collect(), allowed);
    report.step(&format!("moving everything into {}", staging_dir.display()));
    let index = staging
        .commit(&product, &version, timestamp, &manifest)
        .attempting(attempt)?;

    // What names every platform carries nothing of the runtime.
    made.extend(index.into_iter().map(|artifact| Made {
        artifact,
        content_size: 0,
        elapsed: Duration::ZERO,
    }));
    show(&product, &made, report);
    report.summary(&format!(
        "staged {} {version} for {} into {} in {:.1} s",
        product.identity.title,
        platform.target,
        staging_dir.display(),
        start.elapsed().as_secs_f64()
    ));
    Ok(())
}

fn warn_of_lost(artifacts: &[Artifact], report: &Report) {
    for Artifact { path, .. } in artifacts {
        report.warning(&format!(
            "{path} is missing or damaged and no longer part of the release"
        ));
    }
}

/// The wheels to make: those that were asked for by their tags, and of the listed ones those that
/// are true. A listed one that is not is a warning.
fn choose_wheels(
    bundle: &Bundle,
    contents: &Contents,
    selection: Option<Selection>,
    arguments: &StageRuntime,
    report: &Report,
) -> Result<Vec<WheelTags>, audit::AuditError> {
    let (mut wheels, listed) = selection.map_or_else(
        || (Vec::new(), true),
        |chosen| (chosen.wheels, chosen.listed),
    );
    let entrypoint = bundle.entrypoint().as_str();
    let wrong = audit::tags::refused(&wheels, contents, &arguments.allow);
    if !wrong.is_empty() {
        return Err(audit::AuditError::Findings(wrong));
    }
    if listed {
        let choice =
            audit::tags::choose(bundle.platform(), contents, entrypoint, &arguments.allow)?;
        for dropped in choice.dropped {
            report.warning(&dropped);
        }
        wheels.extend(choice.wheels);
        wheels.sort();
        wheels.dedup();
    }
    Ok(wheels)
}

/// What there is to make: the wheels with these tags, and one of each other format.
fn tasks(arguments: &StageRuntime, wheels: Vec<WheelTags>) -> Vec<Task> {
    let mut tasks = wheels.into_iter().map(Task::Wheel).collect::<Vec<_>>();
    if wanted(arguments, Format::Crate) {
        tasks.push(Task::Crates);
    }
    if wanted(arguments, Format::Npm) {
        tasks.push(Task::Npm);
    }
    tasks
}

/// Whether a format is to be made.
fn wanted(arguments: &StageRuntime, format: Format) -> bool {
    arguments.format.is_empty() || arguments.format.contains(&format)
}

/// Compresses what the tasks need. A cache that cannot be used costs time, never the artifacts.
fn compress(
    bundle: &Bundle,
    tasks: &[Task],
    arguments: &StageRuntime,
    jobs: NonZeroUsize,
    staging: &Staging,
    report: &Report,
) -> Result<Compressed, compress::Error> {
    let mut encodings = Vec::new();
    for task in tasks {
        encodings.push(match task {
            Task::Wheel(_) | Task::Npm => Encoding::Deflate,
            Task::Crates => Encoding::Zstd,
        });
    }
    let cache = cache::directory("compressed").filter(|_| !arguments.no_cache);
    let scratch = staging.scratch();
    let run = |cache: Option<&PathBuf>| {
        let total = bundle.files().iter().map(|file| file.size).sum();
        let progress = report.progress(total);
        let cache = cache.map(PathBuf::as_path);
        let options = Options {
            effort: effort(arguments.compression),
            jobs,
            cache,
            scratch: &scratch,
        };
        compress::compress(bundle, &encodings, &options, &|file, bytes| {
            progress.advance(file.path.as_str(), bytes);
        })
    };
    match (run(cache.as_ref()), &cache) {
        (Err(compress::Error::Cache(error)), Some(cache)) => {
            let cache = cache.display();
            report.warning(&format!("going on without the cache in {cache}: {error}"));
            run(None)
        }
        (result, _) => result,
    }
}

fn effort(compression: Compression) -> Effort {
    match compression {
        Compression::Fast => Effort::Fast,
        Compression::Default => Effort::Default,
        Compression::Best => Effort::Best,
    }
}

/// What was found out about an artifact.
type Audited = Result<Audit, audit::AuditError>;

/// Makes the artifacts, and holds each against the rules of `stage verify`.
fn make(
    input: &Input,
    tasks: &[Task],
    jobs: NonZeroUsize,
) -> Result<Vec<(Made, Audited)>, package::Error> {
    let request = audit::AuditRequest {
        product: input.product,
        jobs: NonZeroUsize::MIN,
    };
    // One at a time: an audit has records of its own of each file.
    let auditing = Mutex::new(());
    package::write(input, tasks, jobs, |artifact, contents| {
        let _alone = auditing.lock().unwrap_or_else(PoisonError::into_inner);
        audit::audit_written(artifact, contents, input.out, &request)
    })
}

/// What the rules of `stage verify` have against what was made. Errors that are not allowed end the
/// command; whatever else was found is shown. Returns what was allowed.
fn allowed(
    audits: Vec<Audited>,
    arguments: &StageRuntime,
    report: &Report,
) -> Result<Vec<Allowed>, audit::AuditError> {
    let mut allowed = Vec::new();
    let mut errors = Vec::new();
    for audit in audits {
        let mut audit = audit?;
        audit.allow(&arguments.allow);
        allowed.extend(audit.allowed());
        for finding in &audit.findings {
            let text = format!("{}: {}", audit.path.display(), finding.text());
            if finding.is_error() {
                errors.push(text);
            } else if finding.rule.severity != Severity::Note {
                report.warning(&text);
            }
        }
    }
    if errors.is_empty() {
        Ok(allowed)
    } else {
        Err(audit::AuditError::Findings(errors))
    }
}

/// Reports what was made.
fn show(product: &Product, made: &[Made], report: &Report) {
    let mut table = Table::new(&["artifact", "size", "of limit", "ratio", "time"]);
    for Made {
        artifact,
        content_size,
        elapsed,
        ..
    } in made
    {
        let limit = artifact.kind.limits(product).in_force();
        let share = limit.map(|limit| report::share(artifact.size, limit));
        let ratio = (*content_size > 0).then(|| report::share(artifact.size, *content_size));
        let seconds = elapsed.as_secs_f64();
        let percent = |share: f64| format!("{:.0} %", share * 100.0);
        let row = [
            artifact.path.clone(),
            report::size(artifact.size),
            share.map_or_else(|| "-".to_owned(), percent),
            ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}")),
            format!("{seconds:.2} s"),
        ];
        table.row(
            row,
            json!({
                "type": "artifact",
                "kind": artifact.kind,
                "path": artifact.path,
                "size": artifact.size,
                "sha256": artifact.sha256,
                "limit": limit,
                "share": share,
                "ratio": ratio,
                "seconds": seconds,
            }),
        );
    }
    report.table(&table);
}
