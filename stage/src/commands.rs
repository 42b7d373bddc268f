//! The subcommands: each takes its arguments, calls the library and reports.

mod assemble;
pub mod cli;
mod fetch;
mod generate_types;
mod matrix;
mod normalize;
pub mod report;
mod stage_runtime;
mod stage_sdk;
mod verify;
pub mod wrong_call;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread::available_parallelism;

use crate::audit;
use crate::audit::{Rule, rules};
use crate::base::failure::{Attempt as _, Failure};
use crate::commands::cli::Command;
use crate::commands::report::Report;
use crate::product::{Product, Source};
use crate::record::Allowed;
use crate::record::release_json::Release;

/// Runs one subcommand.
pub fn run(command: Command, report: &Report) -> Result<(), Failure> {
    match command {
        Command::StageRuntime(arguments) => stage_runtime::run(&arguments, report),
        Command::Matrix(arguments) => matrix::run(&arguments, report),
        Command::Assemble(arguments) => assemble::run(&arguments, report),
        Command::StageSdk(arguments) => stage_sdk::run(&arguments, report),
        Command::Verify(arguments) => verify::run(&arguments, report),
        Command::Fetch(arguments) => fetch::run(&arguments, report),
        Command::GenerateTypes(arguments) => generate_types::run(&arguments, report),
        Command::Normalize(arguments) => normalize::run(&arguments, report),
    }
}

/// Refuses a code that no finding has: what was meant to be allowed would stand in the way.
fn check_codes(codes: &[String]) -> Result<(), audit::AuditError> {
    codes.iter().try_for_each(|code| rule(code).map(drop))
}

/// Returns the rule with a code that was given on the command line.
fn rule(code: &str) -> Result<&'static Rule, audit::AuditError> {
    rules::find(code).ok_or_else(|| audit::AuditError::UnknownCode(code.to_owned()))
}

/// Shows what somebody has let stand when a platform of a release was staged.
fn show_allowed(release: &Release, report: &Report) {
    for Allowed {
        code,
        artifact,
        detail,
    } in release.platforms.iter().flat_map(|p| &p.allowed)
    {
        report.warning(&format!("{artifact}: {code} was allowed: {detail}"));
    }
}

/// The number of threads that was asked for, or one per processor.
fn jobs(asked: Option<NonZeroUsize>) -> NonZeroUsize {
    asked
        .or(available_parallelism().ok())
        .unwrap_or(NonZeroUsize::MIN)
}

/// The product of `--product DIR`, or the one that is built in.
fn product(folder: Option<PathBuf>) -> Result<Product, Failure> {
    let source = folder.map_or(Source::BuiltIn, Source::Folder);
    Product::load(&source).attempting(|| match &source {
        Source::BuiltIn => "cannot read the built-in product".to_owned(),
        Source::Folder(folder) => format!("cannot read the product in {}", folder.display()),
    })
}
