//! `stage normalize TAG`

use anyhow::Context as _;
use serde_json::json;

use crate::commands::cli::Normalize;
use crate::commands::failure::Advised;
use crate::commands::report::Report;

pub fn run(arguments: &Normalize, report: &Report) -> anyhow::Result<()> {
    let product = super::common::product(arguments.product.clone())?;
    let version = product
        .parse_version(&arguments.tag)
        .map_err(Advised::from)
        .context("cannot normalize the release tag")?;
    let (python, tag) = (version.python(), product.release_tag(&version));
    report.result(
        &format!("version         {version}\nPython version  {python}\nrelease tag     {tag}"),
        &json!({"version": version, "python_version": python, "release_tag": tag}),
    );
    Ok(())
}
