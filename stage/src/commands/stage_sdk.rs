//! `stage stage-sdk STAGING_DIR`

use schema_types::Traits;
use serde_json::json;

use super::generate_types;
use crate::base::failure::{Attempt as _, Failure};
use crate::commands::cli::StageSdk;
use crate::commands::report::Report;
use crate::sdk::{self, Pin, Pinned, Source};
use crate::staging::Staging;
use crate::version::ReleaseVersion;

pub fn run(arguments: &StageSdk, report: &Report) -> Result<(), Failure> {
    let StageSdk {
        staging_dir,
        sdk_source,
        ..
    } = arguments;
    let source = sdk_source
        .clone()
        .map_or(Source::BuiltIn, Source::Directory);
    let attempt = || format!("cannot stage {source} into {}", staging_dir.display());

    let product = super::common::product(arguments.product.clone())?;
    let version = product
        .parse_version(&arguments.runtime_version)
        .attempting(attempt)?;
    let staging = Staging::open(staging_dir, sdk_source.as_deref()).attempting(attempt)?;
    let pin = Pin {
        product: &product,
        version,
        sdk_version: arguments.sdk_version.as_deref(),
        beside_facade: staging.has_facade(&product, &version).attempting(attempt)?,
    };
    let mut pinned = sdk::pin(&source, &pin).attempting(attempt)?;
    if let Some(schema) = &arguments.schema {
        add_types(&mut pinned, schema, &version).attempting(attempt)?;
    }
    staging.place_sdk(&pinned).attempting(attempt)?;
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
) -> Result<(), sdk::Error> {
    let schema = generate_types::read(source)?;
    if let Some(other) = schema
        .version()
        .filter(|other| *other != version.to_string())
    {
        return Err(sdk::Error::OtherSchema {
            schema: other.to_owned(),
            version: version.to_string(),
        });
    }
    let types = schema.types(&Traits::at("crate::protocol")?)?;
    pinned.set_types(types.source)
}
