//! What can go wrong, and what is worth another try.
//!
//!     cargo run --example errors -- "What does this project do?"

use std::time::Duration;

use codex_app_server_sdk::{
    Codex, Config, Error, Retry, RpcErrorKind, ThreadOptions, TurnOptions, TurnStatus,
};

fn main() {
    let question = std::env::args().nth(1);
    let question = question.as_deref().unwrap_or("What does this project do?");
    match ask(question) {
        Ok(answer) => println!("{answer}"),
        Err(error) => {
            // Each error says what happened, and what to do about it.
            eprintln!("error: {error}\nhelp: {}", error.help());
            std::process::exit(match error {
                Error::NoRuntime(_) | Error::CodexBinMissing(_) => 3,
                Error::NotLoggedIn(_) => 4,
                Error::TimedOut { .. } => 5,
                Error::TurnFailed(_) => 6,
                Error::Rpc(error) if error.kind() == RpcErrorKind::InvalidParams => 2,
                _ => 1,
            });
        }
    }
}

fn ask(question: &str) -> Result<String, Error> {
    let codex = Codex::with(Config::new().request_timeout(Duration::from_secs(20)))?;
    if codex.account()?.needs_login() {
        return Err(Error::NotLoggedIn("nobody has logged in yet".to_owned()));
    }
    let thread = codex.thread_start(ThreadOptions::new())?;
    let limited = TurnOptions::new().timeout(Duration::from_secs(600));
    // Nothing but overload is tried again. A turn may have done things before it failed for that; the next
    // attempt is a new turn of the same thread, and the agent sees what has been done.
    let retry = Retry::new().attempts(5);
    let result = retry.run(|| thread.run_with(question, limited.clone()))?;
    match result.status {
        TurnStatus::Interrupted => Ok("(interrupted)".to_owned()),
        _ => Ok(result.final_response.unwrap_or_default()),
    }
}
