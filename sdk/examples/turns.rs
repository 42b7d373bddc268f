//! Several turns of one thread, and several threads at once.
//!
//!     cargo run --example turns

use codex_app_server_sdk::{AsyncCodex, Error, ResumeOptions, ThreadOptions};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let codex = AsyncCodex::new();

    // One turn after the other: the agent knows what was said before.
    let thread = codex.thread_start(ThreadOptions::new()).await?;
    for question in ["What does this project do?", "And what is missing?"] {
        let result = thread.run(question).await?;
        println!("{}", result.final_response.unwrap_or_default());
    }

    // Threads know nothing of each other, and work at the same time.
    let first = codex.thread_start(ThreadOptions::new()).await?;
    let second = codex.thread_start(ThreadOptions::new()).await?;
    let (first, second) =
        tokio::try_join!(first.run("Review src."), second.run("Review the tests."))?;
    for result in [first, second] {
        println!("{}", result.final_response.unwrap_or_default());
    }

    // A thread is kept. Its id is enough to go on with it, today or tomorrow.
    let again = codex
        .thread_resume(thread.id(), ResumeOptions::new())
        .await?;
    let result = again.run("Sum up what we have said.").await?;
    println!("{}", result.final_response.unwrap_or_default());
    codex.close().await
}
