//! `stage matrix`

use crate::base::failure::{Attempt as _, Failure};
use crate::commands::cli::Matrix;
use crate::commands::report::Report;
use crate::matrix;

pub fn run(arguments: &Matrix, report: &Report) -> Result<(), Failure> {
    let product = super::common::product(arguments.product.clone())?;
    let version = product
        .parse_version(&arguments.codex_version)
        .attempting(|| "cannot plan the jobs of a release".to_owned())?;
    let matrix = matrix::Matrix::new(&product, &version);
    // Nobody reads it but a workflow, which takes it as it is.
    report.result(&serde_json::json!(matrix).to_string(), &matrix);
    Ok(())
}
