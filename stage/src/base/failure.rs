//! What a library error knows besides its reason: what would help ([`Advice`]).
//!
//! The commands add what they were doing, and `main` prints the whole.

use std::error::Error;

use strict_archive::{Fault, LimitFault};

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
            Fault::Limit(limit) => raise_limit(limit),
            _ => self.remedy().to_owned(),
        }
    }
}

/// Returns the advice for a RUNTIME or an artifact that passes a limit, which `stage.toml` sets.
pub(crate) fn raise_limit(limit: &LimitFault) -> String {
    let field = match limit {
        LimitFault::Entries { .. } => "bundle.limits.entries",
        LimitFault::UnpackedBytes { .. } => "bundle.limits.unpacked-bytes",
    };
    format!(
        "if it is what it should be, raise `{field}` in a stage.toml of your own and name its folder \
         with --product"
    )
}

/// Returns an error and its causes, on one line.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |error| (*error).source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
