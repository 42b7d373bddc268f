//! Everything that is printed.
//!
//! Results go to standard output, all else to standard error. A closed pipe behind standard output
//! is not a failure of the work: nobody wants to read more. Any other error is one.

pub mod trace;
pub mod transfers;

use std::io::{self, Write as _};
use std::sync::{Arc, OnceLock};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use serde_json::{Value, json};

use crate::audit::{Audit, Finding, Severity};
use crate::base::failure::Advice;
use crate::commands::cli::{MessageFormat, Output};
use crate::commands::failure::Failure;
use strict_archive::escaped_sentence;

/// Prints in the way that the caller asked for.
#[derive(Debug)]
pub struct Report {
    format: MessageFormat,
    quiet: bool,
    verbose: bool,
    /// The first error of standard output.
    unprinted: OnceLock<Unprinted>,
}

/// What was attempted when a result could not be printed.
pub const ATTEMPT: &str = "cannot write to standard output";

/// A result that could not be printed.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub struct Unprinted(Arc<io::Error>);

impl Advice for Unprinted {
    fn help(&self) -> String {
        "make room where standard output is written to, or write it elsewhere, and run the command \
         again"
            .to_owned()
    }
}

/// Returns whether a result was printed, or need not be.
pub fn printed(written: io::Result<()>) -> Result<(), Unprinted> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Unprinted(Arc::new(error))),
        _ => Ok(()),
    }
}

impl Report {
    /// A report as the options say.
    #[must_use]
    pub fn new(output: Output) -> Self {
        Self {
            format: output.message_format,
            quiet: output.quiet,
            verbose: output.verbose,
            unprinted: OnceLock::new(),
        }
    }

    /// Fails if a result could not be printed.
    pub fn check_printed(&self) -> Result<(), Unprinted> {
        self.unprinted.get().cloned().map_or(Ok(()), Err)
    }

    /// Returns whether people read it, as text.
    #[must_use]
    pub fn is_for_people(&self) -> bool {
        self.format == MessageFormat::Text
    }

    /// A result: `text` for people, `data` as one line of JSON for programs.
    pub fn result(&self, text: &str, data: &impl Serialize) {
        let line = match self.format {
            MessageFormat::Text | MessageFormat::Github => text.to_owned(),
            MessageFormat::Json => json!(data).to_string(),
        };
        if let Err(error) = printed(writeln!(io::stdout().lock(), "{line}")) {
            // The work goes on, and the command fails at its end.
            let _ = self.unprinted.set(error);
        }
    }

    /// Results that belong together: aligned for people, an object a line for programs.
    pub fn table(&self, table: &Table) {
        if self.format == MessageFormat::Json {
            table.data.iter().for_each(|data| self.result("", data));
        } else {
            self.result(&table.text(), &());
        }
    }

    /// What was found out about an artifact: a heading and a line for each finding, an object, or
    /// an annotation for each finding.
    pub fn audit(&self, audit: &Audit) {
        let mut lines = vec![audit.heading()];
        let mut findings = audit.findings.iter().peekable();
        while let Some(finding) = findings.next() {
            if self.format == MessageFormat::Github {
                lines.push(finding_annotation(audit, finding));
                continue;
            }
            lines.push(format!("  {}", finding.text()));
            // What to do is the same for all findings of a rule.
            if findings.peek().is_none_or(|next| next.rule != finding.rule) {
                lines.push(format!("    help: {}", finding.rule.remedy));
            }
        }
        let text = lines.join("\n");
        self.result(&text, &audit.json());
    }

    /// What a person who waits wants to know: what is waited for, and the end of the work.
    pub fn summary(&self, text: &str) {
        if !self.quiet && self.format != MessageFormat::Json {
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }

    /// A bar for work on this many bytes. It is only seen on a terminal, by people.
    pub fn progress(&self, total: u64) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(total), self.target());
        let style = ProgressStyle::with_template(
            "{bar:24} {decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}, \
             {eta} left  {wide_msg}",
        );
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Progress(bar)
    }

    /// Where bars are drawn.
    pub(super) fn target(&self) -> ProgressDrawTarget {
        let seen = self.format == MessageFormat::Text
            && !self.quiet
            // Its lines would tear the bars apart.
            && !self.verbose
            && std::env::var_os("CI").is_none_or(|value| value.is_empty());
        if seen {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        }
    }

    /// Something that the user should know, although the work is done.
    pub fn warning(&self, text: &str) {
        self.warn(text, None);
    }

    /// The same, with what the user can do about it.
    pub fn warning_with_help(&self, text: &str, help: &str) {
        self.warn(text, Some(help));
    }

    fn warn(&self, text: &str, help: Option<&str>) {
        if self.quiet {
            return;
        }
        let with_help = |text: &str| match help {
            Some(help) => format!("{text}\nhelp: {help}"),
            None => text.to_owned(),
        };
        let line = match self.format {
            MessageFormat::Text => with_help(&format!("warning: {}", escaped_sentence(text))),
            MessageFormat::Json => match help {
                Some(help) => json!({"type": "warning", "message": text, "help": help}),
                None => json!({"type": "warning", "message": text}),
            }
            .to_string(),
            MessageFormat::Github => format!("::warning::{}", annotation(&with_help(text))),
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

/// A bar that goes away when the work is done.
pub struct Progress(ProgressBar);

impl Progress {
    /// Some bytes of a file were done.
    pub fn advance(&self, file: &str, bytes: u64) {
        if !self.0.is_hidden() {
            self.0.set_message(file.to_owned());
        }
        self.0.inc(bytes);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Rows of text for people, each with its data for programs.
pub struct Table {
    rows: Vec<Vec<String>>,
    data: Vec<Value>,
}

impl Table {
    /// A table with these headings.
    pub fn new(headings: &[&str]) -> Self {
        Self {
            rows: vec![headings.iter().map(ToString::to_string).collect()],
            data: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>, data: Value) {
        self.rows.push(cells.into_iter().collect());
        self.data.push(data);
    }

    /// The first column is names, the others are numbers.
    fn text(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells
                .map(|cell: &String| cell.chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths = (0..columns).map(width).collect::<Vec<_>>();
        let line = |row: &Vec<String>| {
            let cells = row
                .iter()
                .zip(&widths)
                .enumerate()
                .map(|(column, (cell, width))| {
                    if column == 0 {
                        format!("{cell:width$}")
                    } else {
                        format!("  {cell:>width$}")
                    }
                });
            cells.collect::<String>()
        };
        self.rows.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// A part of a whole, from 0 to 1; 0 where there is no whole.
pub fn share(part: u64, whole: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "it is shown with two digits")]
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// A finding as an annotation of the artifact.
fn finding_annotation(audit: &Audit, finding: &Finding) -> String {
    let level = match finding.rule.severity {
        _ if finding.allowed => "notice",
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let property = |text: &str| annotation(text).replace(':', "%3A").replace(',', "%2C");
    format!(
        "::{level} file={},title={}::{}",
        property(&escaped_sentence(&audit.path.display().to_string())),
        property(finding.rule.code),
        annotation(&finding.text())
    )
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
