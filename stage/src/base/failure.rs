//! The message that a user gets when a command fails.
//!
//! A library error says why something failed, and knows what would help ([`Advice`]). The command
//! adds what it was doing ([`Attempt::attempting`]); the result is a [`Failure`], the only error
//! that reaches `main`.

use std::error::Error;
use std::fmt::Write as _;

use strict_archive::{Fault, escaped_sentence};

/// An error that knows what the user can do about it.
pub trait Advice: Error + Send + Sync + 'static {
    /// Returns what the user can do: one sentence, in the imperative, without a full stop.
    fn help(&self) -> String;

    /// Returns one text for each fault, if the error stands for several. The message shows each as a
    /// reason of its own.
    fn details(&self) -> Vec<String> {
        Vec::new()
    }

    /// Returns whether this is a usage error: the arguments make no sense, whatever the files contain.
    fn wrong_call(&self) -> bool {
        false
    }
}

impl Advice for strict_archive::Error {
    fn help(&self) -> String {
        match self.fault() {
            Fault::Limit(_) => format!("{}, {LIMITS}", self.remedy()),
            _ => self.remedy().to_owned(),
        }
    }
}

/// Where the limits of archives are set.
const LIMITS: &str = "`bundle.limits`, in a stage.toml of your own, and name its folder with \
                      --product";

/// A command that failed: what was attempted, why it failed, what to do.
#[derive(Debug, thiserror::Error)]
#[error("{attempted}")]
pub struct Failure {
    attempted: String,
    source: Box<dyn Error + Send + Sync>,
    details: Vec<String>,
    help: String,
    wrong_call: bool,
}

impl Failure {
    /// Makes the failure of an attempt from its error. `attempted` completes "error: …".
    pub fn new(attempted: String, error: impl Advice) -> Self {
        Self {
            attempted,
            help: error.help(),
            details: error.details(),
            wrong_call: error.wrong_call(),
            source: Box::new(error),
        }
    }

    /// Returns what was attempted, and on what.
    #[must_use]
    pub fn attempted(&self) -> &str {
        &self.attempted
    }

    /// Returns the reasons, from the nearest to the deepest, then the details. Leaves out a reason that
    /// repeats the one before it: some libraries print their source themselves.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        let mut reasons: Vec<String> = Vec::new();
        let mut next: Option<&(dyn Error + 'static)> = Some(self.source.as_ref());
        while let Some(error) = next {
            let reason = error.to_string();
            if !reasons.last().is_some_and(|last| last.contains(&reason)) {
                reasons.push(reason);
            }
            next = error.source();
        }
        reasons.extend_from_slice(&self.details);
        reasons
    }

    /// Returns what the user can do.
    #[must_use]
    pub fn help(&self) -> &str {
        &self.help
    }

    /// Returns the exit status: 2 for a usage error, 1 for any other failure.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        if self.wrong_call { 2 } else { 1 }
    }

    /// Returns the complete message, as a terminal shows it.
    #[must_use]
    pub fn message(&self) -> String {
        let mut message = format!("error: {}", escaped_sentence(&self.attempted));
        for reason in self.reasons() {
            // Reasons contain names of files, which anybody may have chosen: they must not forge lines.
            let lines = reason.lines().map(escaped_sentence).collect::<Vec<_>>();
            // Writing to a String cannot fail.
            let _ = write!(message, "\n  because: {}", lines.join("\n         | "));
        }
        let _ = write!(message, "\nhelp: {}", escaped_sentence(&self.help));
        message
    }
}

/// Adds to a library error what the command was doing.
pub trait Attempt<T> {
    /// `attempted` completes "error: …": `cannot stage ./codex.tar.gz`.
    fn attempting(self, attempted: impl FnOnce() -> String) -> Result<T, Failure>;
}

impl<T, E: Advice> Attempt<T> for Result<T, E> {
    fn attempting(self, attempted: impl FnOnce() -> String) -> Result<T, Failure> {
        self.map_err(|error| Failure::new(attempted(), error))
    }
}

/// Returns an error and its causes, on one line.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |error| (*error).source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
