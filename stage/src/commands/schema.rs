//! `stage schema [FILE]`

use crate::commands::cli::{Schema, SchemaOf};
use crate::commands::report::Report;
use crate::product::ProductFileKind;

pub fn run(arguments: &Schema, report: &Report) {
    let file = match arguments.file {
        SchemaOf::Stage => ProductFileKind::Stage,
        SchemaOf::Platform => ProductFileKind::Platform,
    };
    let schema = file.schema();
    report.result(&format!("{schema:#}"), &schema);
}
