//! What a user is told when a command does not do its work.
//!
//! A library error says why something failed, and gives [`Advice`]. An [`Advised`] carries any of
//! them into `anyhow`, where the command adds its attempt as the context, once. A [`Failure`] is
//! the message that comes of the two.
//!
//! `anyhow::Error` takes any error, with advice or without. The functions inside a command therefore
//! return [`Advised`], into which `?` turns only errors that give advice; with `anyhow::Result` in
//! its place, an error without a help line would compile.

use std::error::Error;
use std::fmt;
use std::fmt::Write as _;

use strict_archive::escaped_sentence;

use crate::base::failure::Advice;

/// A library error with its advice.
#[derive(Debug)]
pub struct Advised(Box<dyn Advice>);

impl<E: Advice> From<E> for Advised {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl fmt::Display for Advised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Advised {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// The help of an error that gives none: nobody has foreseen it.
const UNFORESEEN: &str = "run the command again with --verbose, and report what it prints";

/// A command that failed: what was attempted, why it failed, what to do.
#[derive(Debug)]
pub struct Failure {
    attempted: String,
    reasons: Vec<String>,
    help: String,
    wrong_call: bool,
}

impl Failure {
    /// Reads the message out of an error: the outermost context is what was attempted, the causes are
    /// the reasons, and the cause that gives advice has the rest.
    #[must_use]
    pub fn of(error: &anyhow::Error) -> Self {
        let advice = error.downcast_ref::<Advised>().map(|advised| &*advised.0);
        let mut reasons: Vec<String> = Vec::new();
        for cause in error.chain().skip(1) {
            let reason = cause.to_string();
            // Some libraries print their source themselves.
            if !reasons.last().is_some_and(|last| last.contains(&reason)) {
                reasons.push(reason);
            }
        }
        reasons.extend(advice.map(Advice::details).unwrap_or_default());
        Self {
            attempted: error.to_string(),
            reasons,
            help: advice.map_or_else(|| UNFORESEEN.to_owned(), Advice::help),
            wrong_call: advice.is_some_and(Advice::wrong_call),
        }
    }

    /// Returns what was attempted, and on what. It completes "error: …".
    #[must_use]
    pub fn attempted(&self) -> &str {
        &self.attempted
    }

    /// Returns the reasons, from the nearest to the deepest, then the details.
    #[must_use]
    pub fn reasons(&self) -> &[String] {
        &self.reasons
    }

    /// Returns what the user can do.
    #[must_use]
    pub fn help(&self) -> &str {
        &self.help
    }

    /// Returns the exit status: 2 for a usage error, 1 for work that failed.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        if self.wrong_call { 2 } else { 1 }
    }

    /// Returns the whole message, as it stands on a terminal.
    #[must_use]
    pub fn message(&self) -> String {
        let mut message = format!("error: {}", escaped_sentence(&self.attempted));
        for reason in &self.reasons {
            // Names of files are in them: no line may begin as somebody else wants it to.
            let lines = reason.lines().map(escaped_sentence).collect::<Vec<_>>();
            // A String takes everything that is written to it.
            let _ = write!(message, "\n  because: {}", lines.join("\n         | "));
        }
        let _ = write!(message, "\nhelp: {}", escaped_sentence(&self.help));
        message
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("no such size")]
    struct NoSize(#[source] std::num::ParseIntError);

    impl Advice for NoSize {
        fn help(&self) -> String {
            "give a number".to_owned()
        }

        fn details(&self) -> Vec<String> {
            vec!["it has letters".to_owned()]
        }

        fn wrong_call(&self) -> bool {
            true
        }
    }

    fn size(text: &str) -> Result<u32, Advised> {
        Ok(text.parse().map_err(NoSize)?)
    }

    #[test]
    fn advice_is_found_behind_every_context() {
        let error = size("x").context("cannot cut").context("cannot stage x");
        let failure = Failure::of(&error.unwrap_err());
        assert_eq!(
            failure.message(),
            "error: cannot stage x\n  because: cannot cut\n  because: no such size\n  because: \
             invalid digit found in string\n  because: it has letters\nhelp: give a number"
        );
        assert_eq!(failure.exit_status(), 2);
    }

    #[test]
    fn an_error_without_advice_has_a_help_line_too() {
        let failure = Failure::of(&anyhow::anyhow!("a puzzle"));
        assert_eq!(
            failure.message(),
            format!("error: a puzzle\nhelp: {UNFORESEEN}")
        );
        assert_eq!(failure.exit_status(), 1);
    }
}
