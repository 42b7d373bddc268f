//! Which licence a text is, by phrases that no other licence has.

use crate::product::LicenseExpression;

/// What licence files say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Licenses {
    /// No file has the text of a known licence.
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
    /// Several licences: which of them holds, or whether all do, no text says.
    Several(Vec<(String, &'static str)>),
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

/// Files of this kind have texts of other people's licences.
const NOTICES: [&str; 6] = [
    "notice",
    "copyright",
    "third",
    "patents",
    "authors",
    "licenses",
];

/// Reads the licence files of a product: their names and texts.
#[must_use]
pub fn of_files(files: &[(String, String)]) -> Licenses {
    let mut found: Vec<(String, &'static str)> = Vec::new();
    let mut note = None;
    for (name, text) in files {
        let lower = name.to_ascii_lowercase();
        if NOTICES.iter().any(|notice| lower.starts_with(notice)) {
            continue;
        }
        let alone = files.len() == 1;
        if alone && let Some(expression) = tag_of(text) {
            return Licenses::One {
                expression,
                files: vec![name.clone()],
                note: None,
            };
        }
        let in_text = in_text(text);
        let Some((first, others)) = in_text.split_first() else {
            continue;
        };
        if !others.is_empty() {
            note = Some(format!("{name} also has the text of {}", others.join(", ")));
        }
        found.push((name.clone(), first));
    }
    let mut ids = found.iter().map(|(_, id)| *id).collect::<Vec<_>>();
    // MIT OR Apache-2.0, as Rust's projects write it.
    ids.sort_by_key(|id| (OFFERED.iter().position(|(offered, _)| offered == id), *id));
    ids.dedup();
    let files = found.iter().map(|(name, _)| name.clone()).collect();
    match ids[..] {
        [] => Licenses::None,
        [id] => {
            let note = if is_versioned(id) {
                Some(format!(
                    "the text does not say whether later versions hold too: if they do, it is {}",
                    id.replace("-only", "-or-later")
                ))
            } else {
                note
            };
            Licenses::One {
                expression: id.to_owned(),
                files,
                note,
            }
        }
        _ if found.iter().all(|(name, id)| is_offered(name, id)) => Licenses::One {
            expression: ids.join(" OR "),
            files,
            note,
        },
        _ => Licenses::Several(found),
    }
}

fn is_versioned(id: &str) -> bool {
    id.ends_with("-only")
}

/// Whether the name of a file says which of several licences it has.
fn is_offered(name: &str, id: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    OFFERED
        .iter()
        .any(|(offered, word)| *offered == id && lower.contains(word))
}

/// The expression after `SPDX-License-Identifier:`, if the text begins with it.
fn tag_of(text: &str) -> Option<String> {
    let (before, rest) = text.split_once("SPDX-License-Identifier:")?;
    let expression = rest.lines().next()?.trim();
    let good = before.lines().count() <= 3 && expression.parse::<LicenseExpression>().is_ok();
    good.then(|| expression.to_owned())
}

/// How the beginning of a text is told from the texts of other people's licences below it, in bytes.
const BEGINNING: usize = 1500;

/// Phrases with which somebody takes back a part of what a licence grants. None of the licences that are
/// known here has them, so that such a text is none of them.
const RESTRICTIONS: [&str; 5] = [
    "commons clause",
    "may not be used commercially",
    "may not be used for commercial",
    "non-commercial",
    "noncommercial",
];

/// Returns the licences in a text; first the one that it begins with. Empty: it begins with none.
fn in_text(text: &str) -> Vec<&'static str> {
    let words = text
        .split_whitespace()
        .map(str::to_lowercase)
        .collect::<Vec<_>>();
    let text = words.join(" ");
    if RESTRICTIONS.iter().any(|phrase| text.contains(phrase)) {
        return Vec::new();
    }
    let mut found: Vec<(usize, &'static str)> = Vec::new();
    for (phrase, id) in PHRASES {
        let Some(at) = text.find(phrase) else {
            continue;
        };
        // A text names other ones of its family: what it begins with is what it is.
        if let Some(id) = id(&text[at..]) {
            found.push((at, id));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    if found.first().is_none_or(|(at, _)| *at > BEGINNING) {
        return Vec::new();
    }
    let mut ids = found.into_iter().map(|(_, id)| id).collect::<Vec<_>>();
    let first = ids[0];
    // The GPL names the Affero GPL, and the LGPL the GPL.
    ids.retain(|id| *id == first || !(first.contains("GPL") && id.contains("GPL")));
    let mut seen = Vec::new();
    ids.retain(|id| {
        let is_new = !seen.contains(id);
        seen.push(*id);
        is_new
    });
    ids
}

/// A phrase, and which licence a text is that goes on from it.
type Phrase = (&'static str, fn(&str) -> Option<&'static str>);

/// In lower case, with one space between words.
const PHRASES: [Phrase; 16] = [
    (
        "permission is hereby granted, free of charge, to any person obtaining a copy",
        |text| {
            let part = part(text, 900);
            let keeps = part.contains("permission notice shall be included")
                || part
                    .contains("permission notice (including the next paragraph) shall be included");
            Some(if keeps { "MIT" } else { "MIT-0" })
        },
    ),
    ("apache license version 2.0", |_| Some("Apache-2.0")),
    ("licensed under the apache license, version 2.0", |_| {
        Some("Apache-2.0")
    }),
    (
        "redistribution and use in source and binary forms",
        |text| {
            let part = part(text, 1600);
            if part.contains("all advertising materials mentioning") {
                Some("BSD-4-Clause")
            } else if part.contains("endorse or promote products derived from") {
                Some("BSD-3-Clause")
            } else {
                Some("BSD-2-Clause")
            }
        },
    ),
    (
        "permission to use, copy, modify, and/or distribute this software for any purpose",
        isc,
    ),
    (
        "permission to use, copy, modify, and distribute this software for any purpose",
        isc,
    ),
    ("mozilla public license version 2.0", |_| Some("MPL-2.0")),
    ("mozilla public license, version 2.0", |_| Some("MPL-2.0")),
    ("gnu general public license version 3, 29 june 2007", |_| {
        Some("GPL-3.0-only")
    }),
    ("gnu general public license version 2, june 1991", |_| {
        Some("GPL-2.0-only")
    }),
    (
        "gnu lesser general public license version 3, 29 june 2007",
        |_| Some("LGPL-3.0-only"),
    ),
    (
        "gnu lesser general public license version 2.1, february 1999",
        |_| Some("LGPL-2.1-only"),
    ),
    (
        "gnu affero general public license version 3, 19 november 2007",
        |_| Some("AGPL-3.0-only"),
    ),
    (
        "this is free and unencumbered software released into the public domain",
        |_| Some("Unlicense"),
    ),
    ("boost software license - version 1.0", |_| Some("BSL-1.0")),
    (
        "in no event will the authors be held liable for any damages",
        |text| {
            let zlib = part(text, 900).contains("altered source versions must be plainly marked");
            zlib.then_some("Zlib")
        },
    ),
];

/// What follows a phrase, of one licence.
fn part(text: &str, len: usize) -> &str {
    let mut end = len.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the other phrases may be of no licence"
)]
fn isc(text: &str) -> Option<&'static str> {
    let keeps = part(text, 300).contains("provided that the above copyright notice");
    Some(if keeps { "ISC" } else { "0BSD" })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIT: &str = "MIT License\n\nCopyright (c) 2024 A\n\nPermission is hereby granted, free of charge, to any person \
        obtaining a copy\nof this software. The above copyright notice and this permission notice shall be included in all";
    const APACHE: &str = "                                 Apache License\n                           Version 2.0, January 2004";
    const BSD: &str = "Redistribution and use in source and binary forms, with or without\nmodification, are permitted";
    const ISC: &str = "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted";

    fn of(files: &[(&str, &str)]) -> Result<String, Vec<&'static str>> {
        let files = files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        match of_files(&files.collect::<Vec<_>>()) {
            Licenses::None => Err(Vec::new()),
            Licenses::One { expression, .. } => {
                assert!(
                    expression.parse::<LicenseExpression>().is_ok(),
                    "{expression}"
                );
                Ok(expression)
            }
            Licenses::Several(found) => Err(found.into_iter().map(|(_, id)| id).collect()),
        }
    }

    #[test]
    fn the_common_texts_are_told_apart() {
        let bsd3 = format!(
            "{BSD} Neither the name may be used to endorse or promote products derived from this"
        );
        let bsd4 = format!("{BSD} 3. All advertising materials mentioning features");
        let isc = format!(
            "{ISC}, provided that the above copyright notice and this permission notice appear in all copies."
        );
        let zlib = "This software is provided 'as-is'. In no event will the authors be held liable for any damages \
            2. Altered source versions must be plainly marked as such";
        for (text, id) in [
            (MIT, "MIT"),
            (
                "Permission is hereby granted, free of charge, to any person obtaining a copy of this software without restriction",
                "MIT-0",
            ),
            (APACHE, "Apache-2.0"),
            (BSD, "BSD-2-Clause"),
            (&bsd3, "BSD-3-Clause"),
            (&bsd4, "BSD-4-Clause"),
            (&isc, "ISC"),
            (ISC, "0BSD"),
            (zlib, "Zlib"),
            ("Mozilla Public License Version 2.0\n====", "MPL-2.0"),
            (
                "GNU GENERAL PUBLIC LICENSE\n  Version 3, 29 June 2007 ... GNU Affero General Public License",
                "GPL-3.0-only",
            ),
            (
                "GNU GENERAL PUBLIC LICENSE\n  Version 2, June 1991",
                "GPL-2.0-only",
            ),
            (
                "GNU LESSER GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007",
                "LGPL-3.0-only",
            ),
            (
                "GNU LESSER GENERAL PUBLIC LICENSE\n Version 2.1, February 1999",
                "LGPL-2.1-only",
            ),
            (
                "GNU AFFERO GENERAL PUBLIC LICENSE\n Version 3, 19 November 2007",
                "AGPL-3.0-only",
            ),
            (
                "This is free and unencumbered software released into the public domain.",
                "Unlicense",
            ),
            (
                "Boost Software License - Version 1.0 - August 17th, 2003",
                "BSL-1.0",
            ),
            (
                "SPDX-License-Identifier: MIT OR GPL-2.0-or-later\n",
                "MIT OR GPL-2.0-or-later",
            ),
        ] {
            assert_eq!(of(&[("LICENSE", text)]).as_deref(), Ok(id), "{text}");
        }
    }

    #[test]
    fn several_files_are_a_choice_only_if_their_names_say_so() {
        let unlicense = "This is free and unencumbered software released into the public domain.";
        assert_eq!(
            of(&[("LICENSE-APACHE", APACHE), ("LICENSE-MIT", MIT)]).as_deref(),
            Ok("MIT OR Apache-2.0")
        );
        let files = [
            ("COPYING", "dual"),
            ("LICENSE-MIT", MIT),
            ("UNLICENSE", unlicense),
        ];
        assert_eq!(of(&files).as_deref(), Ok("MIT OR Unlicense"));
        assert_eq!(
            of(&[("LICENSE", MIT), ("COPYING", APACHE)]),
            Err(vec!["MIT", "Apache-2.0"])
        );
        // Other people's.
        assert_eq!(
            of(&[("LICENSE", MIT), ("NOTICE", APACHE)]).as_deref(),
            Ok("MIT")
        );
        assert_eq!(
            of(&[("LICENSE", MIT), ("THIRD-PARTY.txt", APACHE)]).as_deref(),
            Ok("MIT")
        );
        let with_others = format!("{MIT}\n----\n{}{APACHE}", "Parts of it. ".repeat(200));
        assert_eq!(of(&[("LICENSE", &with_others)]).as_deref(), Ok("MIT"));
    }

    #[test]
    fn what_takes_something_back_is_none_of_them() {
        for added in [
            "\"Commons Clause\" License Condition",
            "It may not be used commercially.",
        ] {
            assert_eq!(
                of(&[("LICENSE", &format!("{MIT}\n{added}"))]),
                Err(Vec::new())
            );
        }
    }

    #[test]
    fn what_is_no_licence_is_none() {
        for text in [
            "",
            "All rights reserved.",
            "MIT",
            "This is not the Apache License",
        ] {
            assert_eq!(of(&[("LICENSE", text)]), Err(Vec::new()), "{text}");
        }
        let late = format!("{}{APACHE}", "Parts of it. ".repeat(200));
        assert_eq!(of(&[("LICENSE", &late)]), Err(Vec::new()));
    }
}
