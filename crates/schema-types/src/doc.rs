//! Descriptions of the schema as documentation of Rust.

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::quote;

/// The doc attributes of a description, or of `fallback` if there is none.
pub fn attributes(description: Option<&str>, fallback: &str, note: Option<&str>) -> TokenStream {
    let description = description.map(text).filter(|lines| !lines.is_empty());
    let mut lines = description.unwrap_or_else(|| vec![fallback.to_owned()]);
    if let Some(note) = note {
        lines.push(String::new());
        lines.push(note.to_owned());
    }
    lines
        .into_iter()
        .map(|line| {
            let line = if line.is_empty() {
                line
            } else {
                format!(" {line}")
            };
            quote!(#[doc = #line])
        })
        .collect()
}

/// Text in the code font.
pub fn code(text: &str) -> String {
    let text = clean(text);
    if text.contains('`') || text.trim() != text || text.is_empty() {
        // What would end the font, or be trimmed by it, is shown as a literal.
        let longest = text.split(|c| c != '`').map(str::len).max();
        let fence = "`".repeat(longest.unwrap_or_default() + 1);
        return format!("{fence} {text:?} {fence}");
    }
    format!("`{text}`")
}

/// The lines of a description, with nothing in them that is more than text to rustdoc: no link that
/// leads nowhere, no HTML, and no code, which would be compiled and run as a test.
fn text(description: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in description.lines() {
        let line = clean(line);
        // With one space after the marker of a list, nothing in the list is indented as code is.
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        if is_fence(&line) || (line.is_empty() && lines.last().is_none_or(String::is_empty)) {
            continue;
        }
        lines.push(escape(&line));
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

fn is_fence(line: &str) -> bool {
    let ticks = |rest: &str| !rest.trim_start_matches('`').contains('`');
    line.starts_with("~~~") || line.strip_prefix("```").is_some_and(ticks)
}

/// Without characters that cannot be seen: some end the comment, some are refused in one.
fn clean(line: &str) -> String {
    line.chars()
        .map(|c| if c == '\t' { ' ' } else { c })
        .filter(|c| c.is_ascii_graphic() || *c == ' ' || is_visible(*c))
        .collect()
}

fn is_visible(c: char) -> bool {
    !c.is_ascii() && c.escape_debug().len() == 1
}

/// A line of text. What stands between two equal runs of backticks stays code, as it does for
/// rustdoc; all else that could begin something is escaped.
fn escape(line: &str) -> String {
    let chars: Vec<char> = line.chars().collect();
    let runs: Vec<&[char]> = chars.chunk_by(|a, b| (*a == '`') == (*b == '`')).collect();
    let last: HashMap<&[char], usize> = runs.iter().copied().zip(0..).collect();
    let mut escaped = String::new();
    let mut closed_by = None;
    for (at, &run) in runs.iter().enumerate() {
        let is_ticks = run.starts_with(&['`']);
        if closed_by.is_none() && is_ticks && last.get(run).is_some_and(|&last| last > at) {
            closed_by = Some(run);
            escaped.extend(run);
        } else if closed_by.is_some() {
            escaped.extend(run);
            closed_by = closed_by.filter(|ticks| *ticks != run);
        } else {
            for &c in run {
                if "<>[]&\\`|~".contains(c) {
                    escaped.push('\\');
                }
                escaped.push(c);
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_text_and_no_more() {
        for (description, lines) in [
            ("One.\n\n\n  Two.\t3\r\n", vec!["One.", "", "Two. 3"]),
            ("a Vec<T> and [b]", vec![r"a Vec\<T\> and \[b\]"]),
            ("a `Vec<T>` and <b", vec![r"a `Vec<T>` and \<b"]),
            ("a lone ` and <b>", vec![r"a lone \` and \<b\>"]),
            (
                "`a` `` ` `` <b> ``` `",
                vec![r"`a` `` ` `` \<b\> \`\`\` \`"],
            ),
            (r"\<b> \`<b>` &lt;", vec![r"\\\<b\> \\`<b>` \&lt;"]),
            (
                "-     f();\n1.\tg();\n>\t\th();",
                vec!["- f();", "1. g();", r"\> h();"],
            ),
            ("- ~~~\n- ```rust\n~~~", vec![r"- \~\~\~", r"- \`\`\`rust"]),
            ("a | `b|<i>`\n-|-", vec![r"a \| `b|<i>`", r"-\|-"]),
            ("```rust\npanic!();\n```", vec!["panic!();"]),
            ("\u{202e}\u{0}\u{feff}größer", vec!["größer"]),
            (" \n\n", vec![]),
        ] {
            assert_eq!(text(description), lines, "{description:?}");
        }
    }

    #[test]
    fn code_shows_what_is_there() {
        for (raw, shown) in [
            ("thread/start", "`thread/start`"),
            ("a`b", "`` \"a`b\" ``"),
            ("a `` <b> ``` c", "```` \"a `` <b> ``` c\" ````"),
            (" a", "` \" a\" `"),
            ("", "` \"\" `"),
        ] {
            assert_eq!(code(raw), shown);
        }
    }
}
