//! `stage matrix`

use anyhow::Context as _;

use crate::commands::cli::Matrix;
use crate::commands::failure::Advised;
use crate::commands::report::Report;
use crate::matrix;

pub fn run(arguments: &Matrix, report: &Report) -> anyhow::Result<()> {
    let product = super::common::product(arguments.product.clone())?;
    let version = product
        .parse_version(&arguments.release_tag)
        .map_err(Advised::from)
        .context("cannot plan the jobs of a release")?;
    let matrix = matrix::Matrix::new(&product, &version);
    // Nobody reads it but a workflow, which takes it as it is.
    report.result(&serde_json::json!(matrix).to_string(), &matrix);
    Ok(())
}
