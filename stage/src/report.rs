//! Everything that is printed.
//!
//! Results go to standard output, all else to standard error. A closed pipe behind standard output
//! is not a failure of the work, so writing to it ends quietly.

use std::io::{self, Write as _};

use serde::Serialize;
use serde_json::json;

use crate::cli::{MessageFormat, Output};
use crate::failure::Failure;

/// Prints in the way that the caller asked for.
#[derive(Debug)]
pub struct Report {
    format: MessageFormat,
    quiet: bool,
    verbose: bool,
}

impl Report {
    /// A report as the options say.
    #[must_use]
    pub fn new(output: Output) -> Self {
        Self {
            format: output.message_format,
            quiet: output.quiet,
            verbose: output.verbose,
        }
    }

    /// A result: `text` for people, `data` as one line of JSON for programs.
    pub fn result(&self, text: &str, data: &impl Serialize) {
        let line = match self.format {
            MessageFormat::Text | MessageFormat::Github => text.to_owned(),
            MessageFormat::Json => json!(data).to_string(),
        };
        // Nobody reads any more: the work is done all the same.
        let _ = writeln!(io::stdout().lock(), "{line}");
    }

    /// A step of the work, for `--verbose`.
    pub fn step(&self, text: &str) {
        if self.verbose {
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }

    /// Something that the user should know, although the work is done.
    pub fn warning(&self, text: &str) {
        if self.quiet {
            return;
        }
        let line = match self.format {
            MessageFormat::Text => format!("warning: {text}"),
            MessageFormat::Json => json!({"type": "warning", "message": text}).to_string(),
            MessageFormat::Github => format!("::warning::{}", annotation(text)),
        };
        let _ = writeln!(io::stderr().lock(), "{line}");
    }

    /// The end of a command that failed.
    pub fn failure(&self, failure: &Failure) {
        let line = match self.format {
            MessageFormat::Text => failure.message(),
            MessageFormat::Json => json!({
                "type": "error",
                "attempted": failure.attempted(),
                "reasons": failure.reasons(),
                "help": failure.help(),
            })
            .to_string(),
            MessageFormat::Github => {
                format!(
                    "::error::{}\n{}",
                    annotation(&failure.message()),
                    failure.message()
                )
            }
        };
        let _ = writeln!(io::stderr().lock(), "{line}");
    }
}

/// Escapes text for a [workflow command](https://docs.github.com/actions/reference/workflow-commands-for-github-actions).
fn annotation(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A size for people, in units of 1000: `142.4 MB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    let mut unit = "B";
    #[expect(
        clippy::cast_precision_loss,
        reason = "a size for people has four digits"
    )]
    let mut value = bytes as f64;
    for larger in ["kB", "MB", "GB"] {
        if value < 999.95 {
            break;
        }
        (value, unit) = (value / 1000.0, larger);
    }
    if unit == "B" {
        format!("{bytes} B")
    } else {
        format!("{value:.1} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_the_unit_that_reads_best() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_960, "1.0 MB"),
            (142_400_402, "142.4 MB"),
            (5_000_000_000_000, "5000.0 GB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }
}
