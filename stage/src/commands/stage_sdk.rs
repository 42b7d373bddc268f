//! `stage stage-sdk STAGING_DIR`

use anyhow::Context as _;
use schema_types::Traits;
use serde_json::json;

use super::generate_types;
use crate::commands::cli::StageSdk;
use crate::commands::common;
use crate::commands::failure::Advised;
use crate::commands::report::Report;
use crate::product::Product;
use crate::sdk::{self, Pin, Pinned, SdkSource};
use crate::staging::Staging;
use crate::version::ReleaseVersion;

pub fn run(arguments: &StageSdk, report: &Report) -> anyhow::Result<()> {
    let source = arguments.sdk_source.clone();
    let source = source.map_or(SdkSource::BuiltIn, SdkSource::Directory);
    let product = common::product(arguments.product.clone())?;
    stage_sdk(arguments, &source, &product, report).with_context(|| {
        format!(
            "cannot stage {source} into {}",
            arguments.staging_dir.display()
        )
    })
}

fn stage_sdk(
    arguments: &StageSdk,
    source: &SdkSource,
    product: &Product,
    report: &Report,
) -> Result<(), Advised> {
    let version = common::version(product, &arguments.release_tag, arguments.revision)?;
    let staging = Staging::open(&arguments.staging_dir, arguments.sdk_source.as_deref())?;
    let pin = Pin {
        product,
        version: &version,
        sdk_version: arguments.sdk_version.as_deref(),
        beside_facade: staging.has_facade(product, &version)?,
    };
    let mut pinned = sdk::pin(source, &pin)?;
    if let Some(schema) = &arguments.schema {
        add_types(&mut pinned, schema, &version)?;
    }
    staging.place_sdk(&pinned)?;
    let Pinned {
        name,
        version: sdk_version,
        requirement,
        ..
    } = &pinned;
    let path = pinned.path();
    report.result(
        &format!("{path}: {name} {sdk_version}, which requires {requirement}"),
        &json!({
            "type": "sdk",
            "path": path,
            "name": name,
            "version": sdk_version,
            "requirement": requirement,
        }),
    );
    Ok(())
}

/// Adds the types of the runtime that the SDK is pinned to.
fn add_types(
    pinned: &mut Pinned,
    source: &crate::commands::cli::SchemaSource,
    version: &ReleaseVersion,
) -> Result<(), sdk::SdkError> {
    let schema = generate_types::read(source)?;
    if let Some(other) = schema.version().filter(|other| !version.names(other)) {
        return Err(sdk::SdkError::OtherSchema {
            schema: other.to_owned(),
            version: version.upstream(),
        });
    }
    let types = schema.types(&Traits::at("crate::protocol")?)?;
    pinned.set_types(types.source)
}
