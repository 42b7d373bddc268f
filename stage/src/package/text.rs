//! A product's texts, as they stand in Markdown.

/// Returns a line of text as Markdown that shows it. It can stand anywhere in a paragraph, in a
/// README and in the documentation of Rust code.
///
/// rustdoc takes brackets for links to items, and warns of bare addresses. rustc refuses comments
/// with characters that change the direction of what follows, so they are left out.
pub fn markdown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let rest = &text[at + c.len_utf8()..];
        let special = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '~' | '|' => true,
            // An entity, and not an "and".
            '&' => rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '#'),
            // Inside a word, it is itself.
            '_' => {
                !(text[..at].ends_with(char::is_alphanumeric)
                    && rest.starts_with(char::is_alphanumeric))
            }
            ':' => rest.starts_with("//"),
            // What begins a heading or a list.
            '#' | '+' | '-' | '=' => at == 0,
            '.' | ')' => !rest.is_empty() && text[..at].chars().all(|c| c.is_ascii_digit()),
            _ => false,
        };
        if special {
            shown.push('\\');
        }
        if !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            shown.push(c);
        }
    }
    shown
}

/// Returns a text with a full stop, unless it ends as sentences do.
pub fn sentence(text: &str) -> String {
    let ends = text.ends_with(['.', '!', '?', '…', '。']);
    format!("{text}{}", if ends { "" } else { "." })
}

/// Returns an enumeration: `a`, `a and b`, `a, b and c`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_shows_what_was_written() {
        for (text, shown) in [
            ("Codex CLI", "Codex CLI"),
            (
                "7-Zip, it's good: v2.0 (x86_64)",
                "7-Zip, it's good: v2.0 (x86_64)",
            ),
            ("Tool [beta] <fast>", r"Tool \[beta\] \<fast\>"),
            ("*a* `b` ~c~ _d_ e\\f", r"\*a\* \`b\` \~c\~ \_d\_ e\\f"),
            ("R & D, Q&A, &#1;", r"R & D, Q\&A, \&#1;"),
            ("# 1", r"\# 1"),
            ("- a", r"\- a"),
            ("1. a", r"1\. a"),
            ("12) a", r"12\) a"),
            (".NET", r"\.NET"),
            ("2.0", r"2\.0"),
            ("C#", "C#"),
            ("see https://example.org", r"see https\://example.org"),
            ("a\u{202e}b\u{2066}", "ab"),
            ("", ""),
        ] {
            assert_eq!(markdown(text), shown);
        }
    }

    #[test]
    fn a_sentence_ends_once() {
        for (text, expected) in [
            ("A tool", "A tool."),
            ("A tool.", "A tool."),
            ("Why?", "Why?"),
        ] {
            assert_eq!(sentence(text), expected);
        }
    }

    #[test]
    fn the_last_two_of_a_list_have_an_and_between_them() {
        let of = |items: &[&str]| list(&items.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(of(&["a"]), "a");
        assert_eq!(of(&["a", "b"]), "a and b");
        assert_eq!(of(&["a", "b", "c"]), "a, b and c");
    }
}
