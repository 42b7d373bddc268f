//! The program that is a command of the runtime, and nothing else.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::error::{BadOverride, Error};
use crate::locate::Locator;
use crate::payload::PRODUCT;
use crate::runtime::{Runtime, Source};
use crate::sys;

/// Finds the runtime, and runs one of its commands in the place of this process, with the arguments of
/// this process. If that fails, writes the reason to stderr.
///
/// This is a whole program, which has the name of its command:
///
/// ```ignore
/// fn main() -> std::process::ExitCode {
///     codex_cli_bin::run(env!("CARGO_BIN_NAME"))
/// }
/// ```
///
/// On Unix the process becomes the command: it keeps its id, its terminal and its signals. On Windows the
/// command is a child, and this process ends with its exit code. The environment is that of
/// [`Runtime::command`].
#[must_use]
pub fn run(command: &str) -> ExitCode {
    let (error, help) = match Locator::new()
        .locate()
        .and_then(|runtime| attempt(&runtime, command))
    {
        Ok((error, help)) => (error, help),
        Err(error) => (error.to_string(), error.help()),
    };
    // There may be nobody to read it.
    _ = writeln!(io::stderr(), "error: {error}\nhelp: {help}");
    ExitCode::FAILURE
}

/// Runs a command, and returns only if it cannot: why, and what to do about it.
fn attempt(runtime: &Runtime, command: &str) -> Result<(String, String), Error> {
    let mut command = runtime.command_named(command)?;
    let executable = command.get_program().to_owned();
    refuse_itself(runtime, &executable)?;
    if let Source::Override(_) = runtime.source() {
        command.env(starter(), std::process::id().to_string());
    }
    command.args(std::env::args_os().skip(1));
    let error = sys::become_command(&mut command);
    let (why, help) = advice(&error);
    Ok((format!("cannot run {}: {why}", executable.display()), help))
}

/// Returns the variable in which a program of the user's own is told which process has become it.
fn starter() -> String {
    format!("{}_STARTED_BY", PRODUCT.path_env)
}

/// Refuses to run this program, which a variable of the user's may name: it would start itself for ever.
/// A script may do so too. If it becomes this program, this process has the same id as before.
fn refuse_itself(runtime: &Runtime, executable: &OsStr) -> Result<(), Error> {
    let Source::Override(setting) = runtime.source() else {
        return Ok(());
    };
    let real = |path: io::Result<_>| path.and_then(std::fs::canonicalize).ok();
    let own = real(std::env::current_exe());
    let names_itself = own.is_some() && own == real(Ok(executable.into()));
    let started_itself = std::env::var(starter()).ok() == Some(std::process::id().to_string());
    if !names_itself && !started_itself {
        return Ok(());
    }
    Err(Error::Override {
        setting: setting.clone(),
        path: Path::new(executable).to_owned(),
        reason: BadOverride::Itself,
    })
}

/// Returns why a program that is there cannot be started, and what to do about it. The system's own words
/// mislead.
fn advice(error: &io::Error) -> (String, String) {
    const NOT_A_PROGRAM: i32 = if cfg!(windows) { 193 } else { 8 };
    let (path_env, cache_env) = (PRODUCT.path_env, PRODUCT.cache_dir_env);
    let own = format!("set {path_env} to a package directory or an executable for this system");
    let (why, help) = match error.kind() {
        io::ErrorKind::PermissionDenied => (
            "its file system does not allow programs to run, or a policy forbids it",
            format!("set {cache_env} to a directory on a file system that allows programs to run"),
        ),
        io::ErrorKind::NotFound => (
            "the loader that it names is missing: it is for another system",
            own,
        ),
        io::ErrorKind::ArgumentListTooLong => (
            "the arguments and the environment are longer than the system takes",
            "pass long texts on stdin or in files".to_owned(),
        ),
        io::ErrorKind::ExecutableFileBusy => (
            "a process is writing to it",
            "wait until that is done, and try again".to_owned(),
        ),
        _ if error.raw_os_error() == Some(NOT_A_PROGRAM) => {
            ("it is not a program for this system", own)
        }
        _ => return (error.to_string(), own),
    };
    (why.to_owned(), help)
}
