//! A conversation. Ctrl-C interrupts the agent; an empty line, or the end of the input, ends it.
//!
//!     cargo run --example chat

use std::io::{BufRead as _, Write as _};

use codex_app_server_sdk::{
    AsyncCodex, AsyncThread, Config, Error, Event, Reply, RequestKind, ServerRequest, ThreadOptions,
};

#[tokio::main]
async fn main() {
    if let Err(error) = chat().await {
        eprintln!("error: {error}\nhelp: {}", error.help());
        std::process::exit(1);
    }
}

async fn chat() -> Result<(), Error> {
    let codex = AsyncCodex::with(Config::new().on_request(approve));
    let thread = codex.thread_start(ThreadOptions::new()).await?;
    while let Some(line) = ask("> ").filter(|line| !line.is_empty()) {
        match answer(&thread, line).await {
            // The thread can be used again.
            Err(error @ Error::TurnFailed(_)) => eprintln!("{error}\nhelp: {}", error.help()),
            result => result?,
        }
    }
    codex.close().await
}

async fn answer(thread: &AsyncThread, line: String) -> Result<(), Error> {
    let turn = thread.turn(line).await?;
    let mut stream = turn.stream();
    let mut shown = false;
    loop {
        let next = tokio::select! {
            next = stream.next() => next,
            // The process does not see Ctrl-C: it is for this program to say what it means.
            _ = tokio::signal::ctrl_c() => {
                turn.interrupt().await?;
                continue;
            }
        };
        let Some(notification) = next else { break };
        if let Event::MessageDelta(delta) = notification?.event() {
            shown = true;
            show(&delta.text);
        }
    }
    let result = turn.run().await?;
    if !shown {
        show(result.final_response.as_deref().unwrap_or("(nothing)"));
    }
    show("\n");
    Ok(())
}

/// Runs in a thread of its own, and may wait for the user.
fn approve(request: &ServerRequest) -> Reply {
    let question = match request.kind() {
        RequestKind::CommandApproval(approval) => {
            format!("run {}?", approval.command.unwrap_or_default())
        }
        RequestKind::FileChangeApproval(approval) => {
            format!("change files? {}", approval.reason.unwrap_or_default())
        }
        _ => return Reply::decline(),
    };
    match ask(&format!("{question} [y/n] ")).as_deref() {
        Some("y") => Reply::accept(),
        _ => Reply::decline(),
    }
}

fn ask(prompt: &str) -> Option<String> {
    show(prompt);
    std::io::stdin().lock().lines().next()?.ok()
}

fn show(text: &str) {
    print!("{text}");
    // What is not shown is no harm.
    let _ = std::io::stdout().flush();
}
