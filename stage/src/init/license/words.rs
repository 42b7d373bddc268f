//! The words of a licence's text, without what differs from project to project.

/// What a text is made of.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// In lower case, without numbers, punctuation, and the lines that name who holds the rights.
    pub words: Vec<String>,
    /// What stands after `SPDX-License-Identifier:`.
    pub tag: Option<String>,
}

/// Words with which somebody restricts what others may do. A line with one of them is more than a name.
const RESTRICTING: [&str; 16] = [
    "may",
    "must",
    "not",
    "no",
    "only",
    "except",
    "without",
    "license",
    "licensed",
    "permission",
    "commercial",
    "noncommercial",
    "prohibited",
    "proprietary",
    "confidential",
    "secret",
];

/// Returns whether a word restricts something.
pub(super) fn is_restricting(word: &str) -> bool {
    RESTRICTING.contains(&word)
}

impl Words {
    /// Reads a text.
    pub(super) fn of(text: &str) -> Self {
        let mut found = Self::default();
        for line in text.lines() {
            let all = words(line);
            if let ["spdx", "license", "identifier", ..] = &texts(&all)[..] {
                let expression = line.split_once(':').map_or("", |(_, rest)| rest);
                let expression = expression
                    .trim()
                    .trim_end_matches(['*', '/', '-', '>', ' ']);
                found.tag.get_or_insert_with(|| expression.to_owned());
            } else if !names_holder(line, &all) {
                found.words.extend(
                    all.into_iter()
                        .filter(|word| !word.chars().all(|c| c.is_ascii_digit())),
                );
            }
        }
        found
    }
}

fn texts(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

fn words(line: &str) -> Vec<String> {
    let words = line.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    let words = words.map(|word| match &*word.to_lowercase() {
        "https" => "http".to_owned(),
        "licence" => "license".to_owned(),
        lower => lower.to_owned(),
    });
    words.collect()
}

/// Returns whether a line says who holds the rights, and nothing else.
fn names_holder(line: &str, words: &[String]) -> bool {
    let words = texts(words);
    if words == ["all", "rights", "reserved"] {
        return true;
    }
    let is_year = |word: &str| {
        matches!(word, "year" | "yyyy")
            || (word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit()))
    };
    // Of a text in another encoding, the sign is not known.
    let start = line.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '©' && c != '(');
    let sign = ['©', '\u{fffd}'];
    let names = match &words[..] {
        ["portions", "copyright", rest @ ..] | ["copyright", rest @ ..] => {
            line.contains(sign)
                || rest
                    .first()
                    .is_some_and(|word| *word == "c" || is_year(word))
        }
        ["c", rest @ ..] => {
            start.starts_with('(')
                && rest
                    .first()
                    .is_some_and(|word| *word == "copyright" || is_year(word))
        }
        [first, ..] => start.starts_with(sign) && (*first == "copyright" || is_year(first)),
        [] => false,
    };
    names && !words.iter().any(|word| is_restricting(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_name_a_holder_are_left_out() {
        for line in [
            "Copyright (c) 2024 Somebody",
            "   Copyright 2013-2024 The Project Developers. All rights reserved.",
            "# Copyright © Somebody and Contributors",
            "(c) 2024 Somebody",
            "© 2024 Somebody",
            "Copyright [yyyy] [name of copyright owner]",
            "Portions Copyright (C) 1999 Somebody",
            "All rights reserved.",
            "Copyright \u{fffd} 2020 Jos\u{fffd}",
        ] {
            assert_eq!(Words::of(line).words, [""; 0], "{line}");
        }
        for line in [
            "copyright notice and this permission notice shall be included",
            "copyright license to reproduce",
            "Copyright (c) 2024 Somebody. You may not sell it.",
            "(c) in no case",
        ] {
            assert_ne!(Words::of(line).words, [""; 0], "{line}");
        }
    }

    #[test]
    fn numbers_punctuation_and_case_say_nothing() {
        let found =
            Words::of("// SPDX-License-Identifier: MIT\n1. The \"Software\", https://a.b\n");
        assert_eq!(found.words, ["the", "software", "http", "a", "b"]);
        assert_eq!(found.tag.as_deref(), Some("MIT"));
    }
}
