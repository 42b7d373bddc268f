//! What licence files say together. One that nobody knows may take back what another one grants: then none
//! of them is taken.

use super::text::Text;

/// What licence files say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Licenses {
    /// There is no licence file.
    None,
    /// One SPDX expression, the files that it was taken from, and what else is to be known.
    One {
        /// The SPDX expression.
        expression: String,
        /// The names of the files.
        files: Vec<String>,
        /// What the texts leave open.
        note: Option<String>,
    },
    /// Several licences: which of them holds, or whether all do, no text says. The names of the files, and
    /// what they are.
    Several(Vec<(String, String)>),
    /// Files whose texts are no licence that is known: their names, and the licence whose text is a part
    /// of it.
    Unknown(Vec<(String, Option<&'static str>)>),
}

/// Licences of which projects offer several, each in a file with its name.
const OFFERED: [(&str, &str); 8] = [
    ("MIT", "mit"),
    ("Apache-2.0", "apache"),
    ("Unlicense", "unlicense"),
    ("0BSD", "0bsd"),
    ("BSD-2-Clause", "bsd"),
    ("BSD-3-Clause", "bsd"),
    ("Zlib", "zlib"),
    ("BSL-1.0", "boost"),
];

/// How the names of files begin that have texts of other people's licences.
const NOTICES: [&str; 4] = ["notice", "third", "authors", "licenses"];

/// Words in the names of such files.
const OTHERS: [&str; 6] = [
    "third",
    "3rd",
    "dependenc",
    "bundled",
    "vendor",
    "attribution",
];

/// Phrases with which somebody takes back a part of what a licence grants, wherever they stand.
const RESTRICTIONS: [&str; 5] = [
    "commons clause",
    "may not be used commercially",
    "may not be used for commercial",
    "non-commercial",
    "noncommercial",
];

/// Reads the licence files of a product: their names and texts.
#[must_use]
pub fn of_files(files: &[(String, String)]) -> Licenses {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut unknown = Vec::new();
    for (name, text) in files {
        if is_notice(name) {
            if restricts(text) {
                unknown.push((name.clone(), None));
            }
            continue;
        }
        match Text::of(text) {
            Text::Is(expression) => found.push((name.clone(), expression)),
            Text::Choice if files.len() > 1 => {}
            Text::Has(id) => unknown.push((name.clone(), Some(id))),
            Text::Choice | Text::Unknown => unknown.push((name.clone(), None)),
        }
    }
    if !unknown.is_empty() {
        return Licenses::Unknown(unknown);
    }
    let mut ids = found.iter().map(|(_, id)| &**id).collect::<Vec<_>>();
    // MIT OR Apache-2.0, as Rust's projects write it.
    ids.sort_by_key(|id| (OFFERED.iter().position(|(offered, _)| offered == id), *id));
    ids.dedup();
    let names = found.iter().map(|(name, _)| name.clone()).collect();
    match ids[..] {
        [] => Licenses::None,
        [id] => Licenses::One {
            expression: id.to_owned(),
            files: names,
            note: id.ends_with("-only").then(|| {
                format!(
                    "the text does not say whether later versions hold too: if they do, it is {}",
                    id.replace("-only", "-or-later")
                )
            }),
        },
        _ if found.iter().all(|(name, id)| is_offered(name, id)) => Licenses::One {
            expression: ids.join(" OR "),
            files: names,
            note: None,
        },
        _ => Licenses::Several(found),
    }
}

/// Whether a file has texts of other people's licences, by its name.
fn is_notice(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    NOTICES.iter().any(|notice| lower.starts_with(notice))
        || OTHERS.iter().any(|word| lower.contains(word))
}

fn restricts(text: &str) -> bool {
    let words = text.split_whitespace().map(str::to_lowercase);
    let text = words.collect::<Vec<_>>().join(" ");
    RESTRICTIONS.iter().any(|phrase| text.contains(phrase))
}

/// Whether the name of a file says which of several licences it has.
fn is_offered(name: &str, id: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    OFFERED
        .iter()
        .any(|(offered, word)| *offered == id && lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[(&str, &str)]) -> Licenses {
        let files = files.iter().map(|(name, text)| {
            let text = match spdx::license_id(text) {
                Some(license) => license.text(),
                None => text,
            };
            ((*name).to_owned(), text.to_owned())
        });
        of_files(&files.collect::<Vec<_>>())
    }

    fn expression(files: &[(&str, &str)]) -> Option<String> {
        match of(files) {
            Licenses::One { expression, .. } => Some(expression),
            _ => None,
        }
    }

    #[test]
    fn several_files_are_a_choice_only_if_their_names_say_so() {
        let choice = "This project is licensed under MIT or the Unlicense.";
        for (files, expected) in [
            (
                &[("LICENSE-APACHE", "Apache-2.0"), ("LICENSE-MIT", "MIT")][..],
                Some("MIT OR Apache-2.0"),
            ),
            (
                &[
                    ("COPYING", choice),
                    ("LICENSE-MIT", "MIT"),
                    ("UNLICENSE", "Unlicense"),
                ],
                Some("MIT OR Unlicense"),
            ),
            (&[("LICENSE", "MIT"), ("COPYING", "Apache-2.0")], None),
            // Other people's.
            (&[("LICENSE", "MIT"), ("NOTICE", "Apache-2.0")], Some("MIT")),
            (
                &[("LICENSE", "MIT"), ("LICENSE-3RD-PARTY", "x")],
                Some("MIT"),
            ),
            // The choice of nothing.
            (&[("COPYING", choice)], None),
        ] {
            assert_eq!(expression(files).as_deref(), expected, "{files:?}");
        }
    }

    #[test]
    fn a_file_that_nobody_knows_takes_the_others_with_it() {
        for (name, text) in [
            ("COPYING", "All rights reserved. Do not copy."),
            ("PATENTS", "You lose it all if you sue us."),
            ("NOTICE", "It may not be used commercially."),
            ("COPYING", ""),
        ] {
            assert_eq!(
                of(&[("LICENSE", "MIT"), (name, text)]),
                Licenses::Unknown(vec![(name.to_owned(), None)]),
                "{name}: {text}"
            );
        }
    }

    #[test]
    fn the_text_of_the_gpl_leaves_later_versions_open() {
        let Licenses::One {
            expression, note, ..
        } = of(&[("COPYING", "GPL-3.0-only")])
        else {
            panic!("it is one licence");
        };
        assert_eq!(expression, "GPL-3.0-only");
        assert!(note.unwrap().ends_with("it is GPL-3.0-or-later"));
        assert_eq!(of(&[]), Licenses::None);
    }
}
