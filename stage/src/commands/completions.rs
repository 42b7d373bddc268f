//! `stage completions SHELL`

use clap::CommandFactory as _;
use serde_json::json;

use crate::commands::cli::{Cli, Completions};
use crate::commands::report::Report;

pub fn run(arguments: &Completions, report: &Report) {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, name, &mut script);
    let script = String::from_utf8_lossy(&script);
    let script = script.trim_end();
    report.result(
        script,
        &json!({"shell": arguments.shell.to_string(), "script": script}),
    );
}
