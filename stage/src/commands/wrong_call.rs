//! A call that clap refuses.
//!
//! clap ends before there are options to go by, and prints for people. A program that asked for
//! another message format is told in that one, as of every other error.

use std::ffi::OsString;

use clap::ValueEnum as _;

use crate::base::failure::Advice;
use crate::commands::cli::MessageFormat;

/// Why arguments are no call of `stage`.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct WrongCall {
    reason: String,
    /// What else clap has to say: what may be meant, and how the command is used.
    more: Vec<String>,
}

impl WrongCall {
    /// What is wrong, of clap's error.
    #[must_use]
    pub fn new(error: &clap::Error) -> Self {
        let text = text(error);
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        let mut paragraphs = text.split("\n\n").map(|part| part.trim().to_owned());
        Self {
            reason: paragraphs.next().unwrap_or_default(),
            more: paragraphs.collect(),
        }
    }
}

impl Advice for WrongCall {
    fn help(&self) -> String {
        HELP.to_owned()
    }

    fn details(&self) -> Vec<String> {
        self.more.clone()
    }

    fn wrong_call(&self) -> bool {
        true
    }
}

/// What every wrong call ends in.
pub const HELP: &str = "`stage --help` lists the commands, `stage COMMAND --help` their options";

/// clap's error, less its own last line, which says what [`HELP`] does.
#[must_use]
pub fn text(error: &clap::Error) -> String {
    let text = error.to_string();
    let text = text.split("\nFor more information, try").next();
    text.unwrap_or_default().trim_end().to_owned()
}

/// The message format that arguments ask for, read apart from all else that they say.
#[must_use]
pub fn message_format(arguments: impl IntoIterator<Item = OsString>) -> MessageFormat {
    const OPTION: &str = "--message-format";
    let arguments = arguments
        .into_iter()
        .filter_map(|argument| argument.into_string().ok());
    let mut arguments = arguments.take_while(|argument| argument != "--");
    while let Some(argument) = arguments.next() {
        let value = match argument.strip_prefix(OPTION) {
            Some("") => arguments.next(),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        if let Some(format) = value.and_then(|value| MessageFormat::from_str(&value, false).ok()) {
            return format;
        }
    }
    MessageFormat::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_found_wherever_it_stands() {
        let format = |call: &str| message_format(call.split(' ').map(OsString::from));
        for (call, expected) in [
            ("stage --message-format json", MessageFormat::Json),
            ("stage x --message-format=json --y", MessageFormat::Json),
            ("stage --message-format github z", MessageFormat::Github),
            ("stage --message-format yaml", MessageFormat::Text),
            ("stage --message-format", MessageFormat::Text),
            ("stage --message-formats json", MessageFormat::Text),
            ("stage -- --message-format json", MessageFormat::Text),
            ("stage json", MessageFormat::Text),
        ] {
            assert_eq!(format(call), expected, "{call}");
        }
    }
}
