//! Writes the man pages and shell completions of `stage` below a prefix, for whoever makes a system
//! package of it: `scripts/package-docs PREFIX`.
//!
//! An example and not a command: nobody who runs `stage` needs it, and so the program does not carry
//! what writes man pages.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_complete::Shell;
use stage::commands::cli::Cli;

/// Where the shells look that have such a place below a prefix. PowerShell and elvish have none.
const COMPLETIONS: [(Shell, &str); 3] = [
    (Shell::Bash, "share/bash-completion/completions/stage"),
    (Shell::Zsh, "share/zsh/site-functions/_stage"),
    (Shell::Fish, "share/fish/vendor_completions.d/stage.fish"),
];

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(prefix), None) = (arguments.next(), arguments.next()) else {
        eprintln!("error: expected one PREFIX\nhelp: scripts/package-docs PREFIX");
        return ExitCode::from(2);
    };
    match write(Path::new(&prefix)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}\nhelp: give a PREFIX that you can write to");
            ExitCode::FAILURE
        }
    }
}

fn write(prefix: &Path) -> io::Result<()> {
    let man = prefix.join("share/man/man1");
    fs_err::create_dir_all(&man)?;
    // A page for `stage`, and one for each command: stage-verify.1.
    clap_mangen::generate_to(Cli::command(), man)?;
    for (shell, path) in COMPLETIONS {
        let path: PathBuf = prefix.join(path);
        if let Some(directory) = path.parent() {
            fs_err::create_dir_all(directory)?;
        }
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Cli::command(), "stage", &mut script);
        fs_err::write(path, script)?;
    }
    Ok(())
}
