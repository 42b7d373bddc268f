//! An answer as a value of a type.
//!
//!     cargo run --example structured -- "What is wrong in src/main.rs?"

use codex_app_server_sdk::{Codex, Error, Sandbox, ThreadOptions};
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
struct Review {
    summary: String,
    findings: Vec<Finding>,
}

#[derive(Debug, Deserialize)]
struct Finding {
    file: String,
    line: u32,
    problem: String,
}

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}\nhelp: {}", error.help());
        std::process::exit(1);
    }
}

fn run() -> Result<(), Error> {
    let question = std::env::args().nth(1);
    let question = question
        .as_deref()
        .unwrap_or("What is wrong in src/main.rs?");
    // Most models want each object to require all its properties, and to allow no others.
    let finding = json!({
        "type": "object",
        "properties": {
            "file": {"type": "string"},
            "line": {"type": "integer"},
            "problem": {"type": "string"},
        },
        "required": ["file", "line", "problem"],
        "additionalProperties": false,
    });
    let schema = json!({
        "type": "object",
        "properties": {
            "summary": {"type": "string"},
            "findings": {"type": "array", "items": finding},
        },
        "required": ["summary", "findings"],
        "additionalProperties": false,
    });

    let codex = Codex::new()?;
    let thread = codex.thread_start(ThreadOptions::new().sandbox(Sandbox::ReadOnly))?;
    let review: Review = thread.run_as(question, schema)?;
    println!("{}", review.summary);
    for Finding {
        file,
        line,
        problem,
    } in review.findings
    {
        println!("{file}:{line}: {problem}");
    }
    Ok(())
}
