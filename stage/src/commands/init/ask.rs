//! Asks a person what nothing says. Nobody is asked where nobody can answer.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use crate::commands::report::Report;
use crate::init::{Proposal, Source};
use strict_archive::escaped_sentence;

/// How often a question is asked.
const TRIES: usize = 3;

/// Returns whether somebody sits in front of both ends, and wants to be asked.
pub(super) fn may_ask(report: &Report) -> bool {
    let in_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    !in_ci && report.is_for_people() && io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Asks for the fields that are not known. An empty answer takes the default, or leaves the field open.
pub(super) fn ask(proposal: &mut Proposal<'_>, source: Source) -> io::Result<()> {
    const QUESTIONS: [(&str, &str); 3] = [
        ("name", "Name of the product"),
        ("license", "Licence, as an SPDX expression such as MIT"),
        (
            "repository",
            "Repository, such as https://github.com/OWNER/NAME",
        ),
    ];
    let missing = proposal.missing();
    for (field, question) in QUESTIONS {
        if missing.contains(&field) {
            if let Some((_, why)) = proposal.reasons.iter().find(|(reason, _)| *reason == field) {
                say(&format!("{}.\n", escaped_sentence(why)))?;
            }
            one(proposal, field, question)?;
        }
    }
    if proposal.release.is_none() && source == Source::Folder {
        one(
            proposal,
            "release",
            "Tag of the release that the archives are of, such as v1.2.3",
        )?;
    }
    Ok(())
}

fn one(proposal: &mut Proposal<'_>, field: &str, question: &str) -> io::Result<()> {
    for _ in 0..TRIES {
        say(&format!("{question} (empty: leave it open): "))?;
        let mut answer = String::new();
        if io::stdin().lock().read_line(&mut answer)? == 0 {
            // Whoever ends the input wants no more questions.
            return say("\n");
        }
        let answer = answer.trim();
        if answer.is_empty() {
            return Ok(());
        }
        match proposal.answer(field, answer) {
            Ok(()) => return Ok(()),
            Err(reason) => say(&format!("{}\n", escaped_sentence(&reason)))?,
        }
    }
    Ok(())
}

fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
