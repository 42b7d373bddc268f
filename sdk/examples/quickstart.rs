//! One question, one answer.
//!
//!     cargo run --example quickstart -- "What does this project do?"

use codex_app_server_sdk::{Codex, Error, Sandbox, ThreadOptions};

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}\nhelp: {}", error.help());
        std::process::exit(1);
    }
}

fn run() -> Result<(), Error> {
    let question = std::env::args().nth(1);
    let question = question.as_deref().unwrap_or("What does this project do?");

    let codex = Codex::new()?;
    let thread = codex.thread_start(ThreadOptions::new().sandbox(Sandbox::ReadOnly))?;
    let result = thread.run(question)?;

    println!("{}", result.final_response.unwrap_or_default());
    if let Some(usage) = result.usage {
        eprintln!("{} tokens", usage.total.total_tokens);
    }
    Ok(())
}
