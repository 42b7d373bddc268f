//! Which licence a text is: the whole of it, or none.
//!
//! A text is a licence only if each of its words is one of the licence, of its title, or of a line that
//! names who holds the rights. Somebody who adds a sentence means it: then it is for a person to say
//! what the licence is.

use super::templates::{TEMPLATES, Template};
use super::words::{Words, is_restricting};
use crate::base::digest::Digest;
use crate::product::LicenseExpression;

/// What a text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// A licence: its SPDX expression.
    Is(String),
    /// It says that one may choose among licences, which other files have.
    Choice,
    /// It has the text of this licence, and more.
    Has(&'static str),
    /// Anything else.
    Unknown,
}

/// Most words of names between two pieces of a text.
const MOST_NAMES: usize = 10;

/// Most words of a title.
const MOST_TITLE: usize = 14;

/// Most words of a text that points to others.
const MOST_CHOICE: usize = 80;

/// Most bytes of a text that is looked at. The longest licence has 35,000.
const MOST: usize = 1 << 20;

/// Words of the titles of licences.
const TITLE: [&str; 24] = [
    "the",
    "mit",
    "isc",
    "bsd",
    "0bsd",
    "zero",
    "x11",
    "expat",
    "zlib",
    "libpng",
    "boost",
    "unlicense",
    "clause",
    "license",
    "licenses",
    "new",
    "modified",
    "simplified",
    "revised",
    "original",
    "no",
    "attribution",
    "mit0",
    "version",
];

/// Words of a sentence that leaves the choice among licences.
const CHOICE: [&str; 44] = [
    "this",
    "project",
    "software",
    "code",
    "crate",
    "is",
    "are",
    "dual",
    "licensed",
    "under",
    "of",
    "and",
    "or",
    "either",
    "at",
    "your",
    "option",
    "you",
    "may",
    "use",
    "it",
    "terms",
    "apache",
    "apl",
    "file",
    "files",
    "see",
    "for",
    "full",
    "text",
    "texts",
    "details",
    "http",
    "www",
    "org",
    "opensource",
    "spdx",
    "md",
    "txt",
    "copying",
    "in",
    "a",
    "copy",
    "found",
];

impl Text {
    /// Reads a text.
    pub(super) fn of(text: &str) -> Self {
        if text.len() > MOST {
            return Self::Unknown;
        }
        let Words { words, tag } = Words::of(text);
        let words = words.iter().map(String::as_str).collect::<Vec<_>>();
        let found = of_words(&words);
        let tag = tag.filter(|tag| tag.parse::<LicenseExpression>().is_ok());
        match (tag, found) {
            (Some(tag), _) if is_title(&words) => Self::Is(tag),
            (Some(tag), Self::Is(id)) if agrees(&tag, &id) => Self::Is(tag),
            (Some(_), Self::Is(id)) => known(&id).map_or(Self::Unknown, Self::Has),
            (_, found) => found,
        }
    }
}

/// Whether a tag is of the licence whose text is below it. The text of the GPL does not say whether later
/// versions hold too.
fn agrees(tag: &str, id: &str) -> bool {
    tag == id || tag.replace("-or-later", "-only") == id
}

fn known(id: &str) -> Option<&'static str> {
    let mut ids = TEMPLATES.iter().map(|(own, ..)| *own);
    ids.find(|own| *own == id)
}

fn of_words(words: &[&str]) -> Text {
    let mut has = None;
    for template in TEMPLATES {
        let (id, begins, _) = template;
        let begins = begins.split(' ').collect::<Vec<_>>();
        for (at, _) in words
            .windows(begins.len())
            .enumerate()
            .filter(|(_, some)| **some == begins)
        {
            let Some(len) = length(template, &words[at..]) else {
                continue;
            };
            if is_title(&words[..at]) && at + len == words.len() {
                return Text::Is((*id).to_owned());
            }
            has = has.or(Some(*id));
        }
    }
    match has {
        Some(id) => Text::Has(id),
        None if is_choice(words) => Text::Choice,
        None => Text::Unknown,
    }
}

fn is_title(words: &[&str]) -> bool {
    words.len() <= MOST_TITLE && words.iter().all(|word| TITLE.contains(word))
}

fn is_choice(words: &[&str]) -> bool {
    let known = |word: &&str| CHOICE.contains(word) || TITLE.contains(word);
    let chooses = |word: &&str| matches!(*word, "either" | "or" | "option");
    words.len() <= MOST_CHOICE && words.iter().all(known) && words.iter().any(chooses)
}

/// Returns how many words a licence takes at the beginning of others; `None` if it is not there.
fn length((_, _, pieces): &Template, words: &[&str]) -> Option<usize> {
    let mut at = 0;
    for (number, (count, digest)) in pieces.iter().enumerate() {
        let names = if number == 0 { 0 } else { MOST_NAMES };
        let skipped = (0..=names).find(|skipped| {
            let piece = words.get(at + skipped..at + skipped + count);
            piece.is_some_and(|piece| digest_of(piece) == *digest)
        })?;
        if words[at..at + skipped]
            .iter()
            .any(|word| is_restricting(word))
        {
            return None;
        }
        at += skipped + count;
    }
    Some(at)
}

fn digest_of(words: &[&str]) -> u128 {
    let digest = Digest::of(words.join(" ").as_bytes());
    let (half, _) = digest.as_bytes().split_at(16);
    half.iter()
        .fold(0, |number, byte| number << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text that SPDX has.
    fn spdx(id: &str) -> &'static str {
        let text = spdx::license_id(id).unwrap().text();
        // GNU's two texts in one.
        let end = text.find("GNU GENERAL PUBLIC LICENSE\n");
        match (id, end) {
            ("LGPL-3.0-only", Some(end)) => &text[..end],
            _ => text,
        }
    }

    fn is(id: &str) -> Text {
        Text::Is(id.to_owned())
    }

    #[test]
    fn the_texts_of_spdx_are_recognised() {
        for (id, ..) in TEMPLATES {
            assert_eq!(Text::of(spdx(id)), is(id), "{id}");
        }
    }

    #[test]
    fn names_titles_and_layout_say_nothing() {
        let mit = spdx("MIT");
        for text in [
            mit.replace('\n', "\r\n"),
            mit.to_uppercase(),
            format!("# The MIT License (MIT)\n\n{mit}"),
            mit.replace(
                "Permission",
                "(c) 2020 A and B\nCopyright © C\n\nPermission",
            ),
            mit.replace("AUTHORS OR COPYRIGHT HOLDERS", "FOO CONSORTIUM"),
        ] {
            assert_eq!(Text::of(&text), is("MIT"), "{text}");
        }
        let bsd = spdx("BSD-3-Clause");
        let bsd = bsd.replace("the copyright holder nor", "Foo, Inc. nor");
        assert_eq!(Text::of(&bsd), is("BSD-3-Clause"));
    }

    #[test]
    fn a_text_with_more_in_it_is_none() {
        let mit = spdx("MIT");
        for text in [
            format!("{mit}\nIt may not be used commercially.\n"),
            format!("{mit}\n\"Commons Clause\" License Condition v1.0\n"),
            format!("Non-commercial use only.\n\n{mit}"),
            format!("{mit}\n----\n{}", spdx("Apache-2.0")),
            format!("{}\n{mit}", "Parts of it. ".repeat(200)),
            mit.replace(
                "Permission",
                "(c) 2020 A. Use is not permitted.\n\nPermission",
            ),
            mit.replace(
                "AUTHORS OR COPYRIGHT HOLDERS",
                "AUTHORS, WHO LICENSE IT FOR MONEY,",
            ),
        ] {
            assert!(!matches!(Text::of(&text), Text::Is(_)), "{text}");
        }
        let longer = format!("{mit}\nIt may not be used commercially.\n");
        assert_eq!(Text::of(&longer), Text::Has("MIT"));
        // Inside of it, it is not even that.
        let changed = mit.replace("is hereby granted", "is hereby not granted");
        assert_eq!(Text::of(&changed), Text::Unknown);
        let changed = mit.replace("to use, copy,", "to use, sell for a fee, copy,");
        assert_eq!(Text::of(&changed), Text::Unknown);
    }

    #[test]
    fn a_tag_counts_with_nothing_but_its_own_text_below_it() {
        let tagged =
            |tag: &str, text: &str| Text::of(&format!("SPDX-License-Identifier: {tag}\n\n{text}"));
        assert_eq!(
            tagged("MIT OR GPL-2.0-or-later", ""),
            is("MIT OR GPL-2.0-or-later")
        );
        assert_eq!(tagged("MIT", spdx("MIT")), is("MIT"));
        let gpl = spdx("GPL-3.0-only");
        assert_eq!(tagged("GPL-3.0-or-later", gpl), is("GPL-3.0-or-later"));
        assert_eq!(tagged("Apache-2.0", spdx("MIT")), Text::Has("MIT"));
        assert_eq!(tagged("MIT", "All use is forbidden."), Text::Unknown);
        assert_eq!(tagged("no licence", ""), Text::Unknown);
    }

    #[test]
    fn a_choice_names_licences_and_no_terms() {
        for (text, is_choice) in [
            (
                "This project is dual-licensed under the Unlicense and MIT licenses.\n\
                 You may use this code under the terms of either license.",
                true,
            ),
            (
                "Licensed under either of Apache License, Version 2.0 (LICENSE-APACHE) or MIT license \
                 (LICENSE-MIT) at your option.",
                true,
            ),
            ("Licensed under MIT and Apache-2.0.", false),
            ("You may use this software under MIT or for a fee.", false),
            ("You may not use it, or else.", false),
            ("All rights reserved.", false),
            ("MIT", false),
            ("", false),
        ] {
            let expected = if is_choice {
                Text::Choice
            } else {
                Text::Unknown
            };
            assert_eq!(Text::of(text), expected, "{text}");
        }
    }
}
