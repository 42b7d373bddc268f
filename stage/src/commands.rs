//! The subcommands: each takes its arguments, calls the library and reports.

mod assemble;
pub mod cli;
mod common;
mod completions;
pub mod failure;
mod fetch;
mod generate_types;
mod init;
mod matrix;
mod normalize;
pub mod report;
mod schema;
mod stage_runtime;
mod stage_sdk;
mod verify;
pub mod wrong_call;

use anyhow::Context as _;
use cli::Command;
use failure::Advised;
use report::Report;

/// Runs one subcommand.
pub fn run(command: Command, report: &Report) -> anyhow::Result<()> {
    match command {
        Command::Init(arguments) => init::run(&arguments, report),
        Command::StageRuntime(arguments) => stage_runtime::run(&arguments, report),
        Command::Matrix(arguments) => matrix::run(&arguments, report),
        Command::Assemble(arguments) => assemble::run(&arguments, report),
        Command::StageSdk(arguments) => stage_sdk::run(&arguments, report),
        Command::Verify(arguments) => verify::run(&arguments, report),
        Command::Fetch(arguments) => fetch::run(&arguments, report),
        Command::GenerateTypes(arguments) => generate_types::run(&arguments, report),
        Command::Normalize(arguments) => normalize::run(&arguments, report),
        Command::Schema(arguments) => {
            schema::run(&arguments, report);
            Ok(())
        }
        Command::Completions(arguments) => {
            completions::run(&arguments, report);
            Ok(())
        }
    }?;
    let printed = report.check_printed().map_err(Advised::from);
    printed.context(report::ATTEMPT)
}
