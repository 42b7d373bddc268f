//! `stage normalize TAG`

use serde_json::json;

use crate::base::failure::{Attempt as _, Failure};
use crate::commands::cli::Normalize;
use crate::commands::report::Report;

pub fn run(arguments: &Normalize, report: &Report) -> Result<(), Failure> {
    let product = super::common::product(arguments.product.clone())?;
    let version = product
        .parse_version(&arguments.tag)
        .attempting(|| "cannot normalize the release tag".to_owned())?;
    let (python, tag) = (version.python(), product.release_tag(&version));
    report.result(
        &format!("version         {version}\nPython version  {python}\nrelease tag     {tag}"),
        &json!({"version": version, "python_version": python, "release_tag": tag}),
    );
    Ok(())
}
