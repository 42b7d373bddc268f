//! `stage normalize TAG`

use anyhow::Context as _;
use serde_json::json;

use crate::commands::cli::Normalize;
use crate::commands::report::Report;

pub fn run(arguments: &Normalize, report: &Report) -> anyhow::Result<()> {
    let product = super::common::product(arguments.product.clone())?;
    let version = super::common::version(&product, &arguments.tag, arguments.revision)
        .context("cannot normalize the release tag")?;
    let (python, tag) = (version.python(), product.release_tag(&version));
    let mut text =
        format!("version         {version}\nPython version  {python}\nrelease tag     {tag}");
    let mut json = json!({"version": version, "python_version": python, "release_tag": tag});
    if let Some(revision) = version.revision() {
        text = format!("{text}\nrevision        {revision}");
        json["revision"] = revision.into();
    }
    report.result(&text, &json);
    Ok(())
}
