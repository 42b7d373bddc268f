//! Descriptions of the schema as documentation of Rust.

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
        return format!("`` {text:?} ``");
    }
    format!("`{text}`")
}

/// The lines of a description, with nothing in them that is more than text to rustdoc: no link that
/// leads nowhere, no HTML, and no code, which would be compiled and run as a test.
fn text(description: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in description.lines() {
        let line = clean(line);
        let line = line.trim();
        let fence = line.starts_with("```") || line.starts_with("~~~");
        if fence || (line.is_empty() && lines.last().is_none_or(String::is_empty)) {
            continue;
        }
        lines.push(escape(line));
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
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

fn escape(line: &str) -> String {
    let mut escaped = String::new();
    // A lone backtick opens nothing.
    let ticks = line.matches('`').count();
    let (mut seen, mut in_code) = (0, false);
    for c in line.chars() {
        match c {
            '`' => {
                seen += 1;
                in_code = !in_code && seen < ticks;
            }
            '<' | '>' | '[' | ']' if !in_code => escaped.push('\\'),
            _ => {}
        }
        escaped.push(c);
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
            ("a lone ` and <b>", vec![r"a lone ` and \<b\>"]),
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
            (" a", "`` \" a\" ``"),
            ("", "`` \"\" ``"),
        ] {
            assert_eq!(code(raw), shown);
        }
    }
}
