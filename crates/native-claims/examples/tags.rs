//! Prints what files say of themselves, and which wheel platform tags are true of them.
//!
//! ```text
//! cargo run --example tags -- [--tag TAG]... FILE...
//! ```
//!
//! The files are one package: a library beside a program counts as carried. With `--tag`, prints
//! every reason against the tag, and exits 1 if there is one.

use std::env;
use std::error::Error;
use std::process::ExitCode;

use fs_err::File;
use native_claims::facts::Facts;
use native_claims::{PlatformTag, claims, facts};

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Returns whether all tags that were asked for are true.
fn run() -> Result<bool, Box<dyn Error>> {
    let mut tags: Vec<PlatformTag> = Vec::new();
    let mut files: Vec<(String, Facts)> = Vec::new();
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--tag" {
            tags.push(arguments.next().ok_or("--tag needs a tag")?.parse()?);
        } else {
            match facts::read(&mut File::open(&argument)?)? {
                Some(facts) => files.push((argument, facts)),
                None => println!("{argument}: not an executable, a library or a script"),
            }
        }
    }
    if files.is_empty() {
        return Err("usage: tags [--tag TAG]... FILE...".into());
    }

    for (path, facts) in &files {
        println!("{path}: {}", serde_json::to_string_pretty(facts)?);
    }
    let claims = claims::allowed(files.iter().map(|(path, facts)| (&**path, facts)), None);
    let best: Vec<String> = claims.best().iter().map(ToString::to_string).collect();
    println!("best tags: {}", best.join(" "));
    for (path, library) in claims.missing() {
        println!("{path} needs {library}, which no plain system has");
    }

    let mut all_true = true;
    for tag in &tags {
        let verdict = claims.check(tag);
        all_true &= verdict.is_allowed();
        println!(
            "{tag}: {}",
            if verdict.is_allowed() {
                "true"
            } else {
                "not true"
            }
        );
        for (path, reason) in &verdict.reasons {
            println!("  {path}: {reason}");
        }
        for (path, note) in &verdict.notes {
            println!("  note: {path}: {note}");
        }
    }
    Ok(all_true)
}
