//! Who made a product.

use super::checked::{constraint, must};
use super::texts::one_line;

constraint! {
    /// Who made something: `Name`, `Name <mail@example.org>`, or an address.
    Author, AuthorRule, |text| {
        one_line(text)?;
        let is_plain = !text.contains(['<', '>']);
        must(
            is_plain || AuthorParts::parse(text).email.is_some(),
            "is neither `Name` nor `Name <mail@example.org>`",
        )
    }
}

/// The parts of an author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthorParts<'a> {
    /// The name; empty if there is only an address.
    pub name: &'a str,
    /// The address of mail.
    pub email: Option<&'a str>,
}

impl<'a> AuthorParts<'a> {
    /// Reads a text. What has no address in it is a name.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        let bracketed = text
            .strip_suffix('>')
            .and_then(|text| text.rsplit_once('<'));
        match bracketed {
            Some((name, email)) if is_address(email.trim()) => Self {
                name: name.trim(),
                email: Some(email.trim()),
            },
            None if is_address(text) => Self {
                name: "",
                email: Some(text),
            },
            _ => Self {
                name: text,
                email: None,
            },
        }
    }

    /// Returns the author as a field of Python's core metadata has one, which has the form of the
    /// field `From` of a mail (RFC 5322).
    #[must_use]
    pub fn to_field(self) -> String {
        let Self { name, email } = self;
        match email {
            None => name.to_owned(),
            Some(email) if name.is_empty() => email.to_owned(),
            Some(email) if name.contains(|c| "()<>[]:;@\\,.\"".contains(c)) => {
                let name = name.replace('\\', "\\\\").replace('"', "\\\"");
                format!("\"{name}\" <{email}>")
            }
            Some(email) => format!("{name} <{email}>"),
        }
    }
}

/// Returns whether a text is the address of a mail box.
fn is_address(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"()<>[]:;,\\\"".contains(c);
    let parts = text.split_once('@');
    parts.is_some_and(|(user, host)| {
        !user.is_empty() && !host.is_empty() && !host.contains('@') && text.chars().all(plain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_told_apart() {
        for (text, name, email, field) in [
            ("OpenAI", "OpenAI", None, "OpenAI"),
            ("A B <a@b.c>", "A B", Some("a@b.c"), "A B <a@b.c>"),
            ("a@b.c", "", Some("a@b.c"), "a@b.c"),
            ("<a@b.c>", "", Some("a@b.c"), "a@b.c"),
            (
                "Acme, Inc. <a@b.c>",
                "Acme, Inc.",
                Some("a@b.c"),
                "\"Acme, Inc.\" <a@b.c>",
            ),
            ("Größe <j@b.c>", "Größe", Some("j@b.c"), "Größe <j@b.c>"),
            ("A <no address>", "A <no address>", None, "A <no address>"),
            ("A <a@b@c>", "A <a@b@c>", None, "A <a@b@c>"),
            ("@team", "@team", None, "@team"),
        ] {
            let author = AuthorParts::parse(text);
            assert_eq!((author.name, author.email), (name, email), "{text}");
            assert_eq!(author.to_field(), field);
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in ["A <a>", "A <a@b@c>", "A <a@b.c", "A a@b.c>", "A\nB", ""] {
            assert!(text.parse::<Author>().is_err(), "{text:?}");
        }
        for text in ["A", "Acme, Inc. <a@b.c>", "a@b.c", "<a@b.c>", "@team"] {
            assert!(text.parse::<Author>().is_ok(), "{text:?}");
        }
    }
}
