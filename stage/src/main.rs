//! The `stage` command: parse, dispatch, print the error, choose the exit status.

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;
use stage::cli::Cli;
use stage::report::Report;
use stage::staging::interrupt::install_handler;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return wrong_call(&error),
    };
    let report = Report::new(cli.output);
    if let Err(error) = install_handler() {
        report.warning(&format!("an interruption will leave files behind: {error}"));
    }
    match stage::commands::run(cli.command, &report) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report.failure(&failure);
            ExitCode::from(failure.exit_status())
        }
    }
}

/// Prints what clap has to say: help and version as it does, errors with the `help:` line that
/// every error of `stage` ends in.
fn wrong_call(error: &clap::Error) -> ExitCode {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        // A closed pipe: nobody is reading the help.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let message = error.to_string();
    let message = message
        .split("\nFor more information, try")
        .next()
        .unwrap_or(&message);
    eprintln!(
        "{}\nhelp: `stage --help` lists the commands, `stage COMMAND --help` their options",
        message.trim_end()
    );
    ExitCode::from(2)
}
