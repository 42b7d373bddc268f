//! Runs the runtime that this program carries, or tells where it is.
//!
//! ```text
//! codex-cli-bin run -- ARGS    run it, and exit as it does
//! codex-cli-bin path           print the path of its executable
//! codex-cli-bin verify         check every byte of it
//! ```

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::{Command, ExitCode};

use codex_cli_bin::{Runtime, locate};

const USAGE: &str = "usage: codex-cli-bin run -- ARGS | path | verify";

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let command = arguments.next();
    let rest: Vec<OsString> = arguments.collect();
    let done = match (
        command.as_ref().and_then(|command| command.to_str()),
        rest.as_slice(),
    ) {
        (Some("run"), [dashes, arguments @ ..]) if dashes == "--" => run(arguments),
        (Some("path"), []) => path(),
        (Some("verify"), []) => verify(),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        if let Some(error) = error.downcast_ref::<codex_cli_bin::Error>() {
            eprintln!("help: {}", error.help());
        }
        ExitCode::FAILURE
    })
}

/// Finds the runtime, and says on stderr what its user should know.
fn find() -> Result<Runtime, codex_cli_bin::Error> {
    let runtime = locate()?;
    for warning in runtime.warnings() {
        eprintln!("warning: {warning}");
    }
    Ok(runtime)
}

fn run(arguments: &[OsString]) -> Result<ExitCode, Box<dyn Error>> {
    let mut command = find()?.command();
    command.args(arguments);
    become_command(command)
}

/// On Unix the runtime takes the place of this process, so that signals and the terminal are its own.
#[cfg(unix)]
fn become_command(mut command: Command) -> Result<ExitCode, Box<dyn Error>> {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(format!("cannot run {}: {error}", command.get_program().display()).into())
}

#[cfg(not(unix))]
fn become_command(mut command: Command) -> Result<ExitCode, Box<dyn Error>> {
    let status = command.status();
    let status =
        status.map_err(|e| format!("cannot run {}: {e}", command.get_program().display()))?;
    // The exit codes of Windows have 32 bits, and those of `ExitCode` 8.
    std::process::exit(status.code().unwrap_or(1))
}

fn path() -> Result<ExitCode, Box<dyn Error>> {
    let runtime = find()?;
    // The bytes of the path, which need not be UTF-8.
    let path = runtime.entrypoint().as_os_str().as_encoded_bytes();
    io::stdout().write_all(&[path, b"\n"].concat())?;
    Ok(ExitCode::SUCCESS)
}

fn verify() -> Result<ExitCode, Box<dyn Error>> {
    let runtime = find()?;
    let report = runtime
        .verify()
        .ok_or("there is nothing to compare a runtime of your own with")?;
    let mut out = io::stdout().lock();
    for damaged in &report.damaged {
        writeln!(out, "{damaged}")?;
    }
    writeln!(
        out,
        "{} files, {} bytes, {} damaged",
        report.files,
        report.bytes,
        report.damaged.len()
    )?;
    if report.is_intact() {
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(dir) = runtime.package_dir() {
        eprintln!(
            "help: delete {}; the next run extracts it again",
            dir.display()
        );
    }
    Ok(ExitCode::FAILURE)
}
