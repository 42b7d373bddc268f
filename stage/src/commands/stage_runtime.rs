//! `stage stage-runtime STAGING_DIR RUNTIME`

use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use crate::bundle::{self, OpenRequest};
use crate::cli::{Format, StageRuntime};
use crate::compress::{self, Encoding};
use crate::failpoint;
use crate::failure::{Attempt as _, Failure};
use crate::package::timestamp::Timestamp;
use crate::package::{self, Artifact, Input, crates, wheel};
use crate::platform::Selection;
use crate::release::manifest::{BundleRecord, Manifest};
use crate::report::{self, Report};
use crate::staging::Staging;

/// The form of content that a format is made of.
fn encoding(format: Format) -> Encoding {
    match format {
        Format::Wheel => Encoding::Deflate,
        Format::Crate => Encoding::Zstd,
    }
}

pub fn run(arguments: StageRuntime, report: &Report) -> Result<(), Failure> {
    let StageRuntime {
        staging_dir,
        runtime,
        codex_version,
        platform_tag,
        format,
        product,
        replace,
    } = arguments;
    let attempt = || {
        format!(
            "cannot stage {} into {}",
            runtime.display(),
            staging_dir.display()
        )
    };

    let product = super::product(product)?;
    let version = product.parse_version(&codex_version).attempting(attempt)?;
    let selection = Selection::parse(&platform_tag, &product).attempting(attempt)?;
    let epoch = std::env::var_os("SOURCE_DATE_EPOCH");
    let timestamp = Timestamp::from_source_date_epoch(epoch.as_deref()).attempting(attempt)?;
    let formats = if format.is_empty() {
        Format::ALL.to_vec()
    } else {
        format
    };

    let staging = Staging::open(&staging_dir).attempting(attempt)?;
    let scratch = staging.scratch();
    report.step(&format!("reading {}", runtime.display()));
    let request = OpenRequest {
        product: &product,
        version: &version,
        platform: selection.as_ref().map(|selection| selection.platform),
    };
    let bundle = bundle::open(&runtime, &request, &scratch).attempting(attempt)?;
    failpoint::step("runtime opened");
    let platform = bundle.platform();
    let record = BundleRecord::new(&bundle);
    let new = Manifest::new(&product, &version, platform, record);
    let mut manifest = staging
        .manifest_for(&product, new, replace)
        .attempting(attempt)?;

    report.step(&format!("compressing {} files", bundle.files().len()));
    let jobs = available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let encodings = formats
        .iter()
        .map(|format| encoding(*format))
        .collect::<Vec<_>>();
    let compressed = compress::compress(&bundle, &encodings, &scratch, jobs).attempting(attempt)?;
    failpoint::step("content compressed");

    let out = staging
        .out()
        .map_err(package::Error::from)
        .attempting(attempt)?;
    let input = Input {
        product: &product,
        version,
        platform,
        bundle: &bundle,
        compressed: &compressed,
        timestamp,
        out: &out,
    };
    let wheels =
        selection.map_or_else(|| platform.wheel.tags.clone(), |selection| selection.wheels);
    let mut artifacts = Vec::new();
    for format in formats {
        match format {
            Format::Wheel => {
                for tags in &wheels {
                    report.step(&format!("writing {}", wheel::file_name(&input, tags)));
                    artifacts.push(wheel::write(&input, tags).attempting(attempt)?);
                    failpoint::step(&format!("wheel {tags} written"));
                }
            }
            Format::Crate => {
                report.step("writing the crates");
                artifacts.extend(crates::write(&input).attempting(attempt)?);
                failpoint::step("crates written");
            }
        }
    }
    manifest.add(artifacts.clone());
    report.step(&format!("moving everything into {}", staging_dir.display()));
    let facade = staging
        .commit(&product, &version, &manifest)
        .attempting(attempt)?;
    for artifact in artifacts.iter().chain(&facade) {
        let Artifact {
            kind: _,
            path,
            size,
            sha256: _,
        } = artifact;
        report.result(&format!("{:>9}  {path}", report::size(*size)), artifact);
    }
    Ok(())
}
