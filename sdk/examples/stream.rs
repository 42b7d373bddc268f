//! What happens in a turn, while it happens.
//!
//!     cargo run --example stream -- "Run the tests and tell me what fails."

use std::io::Write as _;

use codex_app_server_sdk::{Codex, Error, Event, ItemKind, Sandbox, ThreadOptions};

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}\nhelp: {}", error.help());
        std::process::exit(1);
    }
}

fn run() -> Result<(), Error> {
    let task = std::env::args().nth(1);
    let task = task.as_deref().unwrap_or("What does this project do?");

    let codex = Codex::new()?;
    let thread = codex.thread_start(ThreadOptions::new().sandbox(Sandbox::WorkspaceWrite))?;
    let turn = thread.turn(task)?;
    let mut tokens = 0;
    for notification in turn.stream() {
        match notification?.event() {
            Event::MessageDelta(delta) => {
                print!("{}", delta.text);
                // What is not shown is no harm.
                let _ = std::io::stdout().flush();
            }
            Event::ItemStarted(item) => {
                if let ItemKind::CommandExecution { command, .. } = item.kind {
                    eprintln!("$ {command}");
                }
            }
            Event::ItemCompleted(item) => match item.kind {
                ItemKind::CommandExecution {
                    status, exit_code, ..
                } => {
                    eprintln!("  {status}, exit status {exit_code:?}");
                }
                ItemKind::FileChange { changes, .. } => {
                    for change in changes {
                        eprintln!("  changed {}", change.path);
                    }
                }
                _ => {}
            },
            Event::UsageUpdated(usage) => tokens = usage.total.total_tokens,
            _ => {}
        }
    }
    println!();
    // The stream has ended with the turn; the result knows how.
    let result = turn.run()?;
    eprintln!("{} after {tokens} tokens", result.status);
    Ok(())
}
