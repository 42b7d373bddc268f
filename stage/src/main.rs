//! The `stage` command: parse, dispatch, print the error, choose the exit status.

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;
use stage::commands::cli::{Cli, MessageFormat, Output};
use stage::commands::failure::{Advised, Failure};
use stage::commands::report::{self, Report, printed, trace};
use stage::commands::wrong_call::{self, WrongCall};
use stage::staging::interrupt::install_handler;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return wrong_call(&error),
    };
    trace::install(cli.output);
    let report = Report::new(cli.output);
    if let Err(error) = install_handler() {
        report.warning(&format!("an interruption will leave files behind: {error}"));
    }
    match stage::commands::run(cli.command, &report) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let failure = Failure::of(&error);
            report.failure(&failure);
            ExitCode::from(failure.exit_status())
        }
    }
}

/// Prints what clap has to say: help and version as it does; errors, for people, with the `help:`
/// line that every error of `stage` ends in, and else as every error is told.
fn wrong_call(error: &clap::Error) -> ExitCode {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        return match printed(error.print()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(error.into(), report::ATTEMPT),
        };
    }
    if message_format() == MessageFormat::Text {
        eprintln!("{}\nhelp: {}", wrong_call::text(error), wrong_call::HELP);
    } else {
        fail(WrongCall::new(error).into(), "cannot read the command line");
    }
    ExitCode::from(2)
}

/// Reports a failure before there are options to go by.
fn fail(error: Advised, attempted: &'static str) -> ExitCode {
    let failure = Failure::of(&anyhow::Error::new(error).context(attempted));
    let output = Output {
        message_format: message_format(),
        quiet: false,
        verbose: false,
    };
    Report::new(output).failure(&failure);
    ExitCode::FAILURE
}

fn message_format() -> MessageFormat {
    wrong_call::message_format(std::env::args_os())
}
