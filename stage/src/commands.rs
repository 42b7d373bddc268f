//! The subcommands: each takes its arguments, calls the library and reports.

mod generate_types;
mod normalize;
mod stage_runtime;

use std::path::PathBuf;

use crate::cli::Command;
use crate::failure::{Attempt as _, Failure};
use crate::product::{Product, Source};
use crate::report::Report;

/// Runs one subcommand.
pub fn run(command: Command, report: &Report) -> Result<(), Failure> {
    match command {
        Command::StageRuntime(arguments) => stage_runtime::run(&arguments, report),
        Command::GenerateTypes(arguments) => generate_types::run(&arguments, report),
        Command::Normalize(arguments) => normalize::run(&arguments, report),
    }
}

/// The product of `--product DIR`, or the one that is built in.
fn product(folder: Option<PathBuf>) -> Result<Product, Failure> {
    let source = folder.map_or(Source::BuiltIn, Source::Folder);
    Product::load(&source).attempting(|| match &source {
        Source::BuiltIn => "cannot read the built-in product".to_owned(),
        Source::Folder(folder) => format!("cannot read the product in {}", folder.display()),
    })
}
