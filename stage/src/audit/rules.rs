//! The table of rules, a file for each subject.
//!
//! A rule is declared once, with everything that is said about it; code refers to it by name, so
//! there is no finding without a rule, and a rule that no code refers to is a warning of the
//! compiler.

use super::Error;
use super::rule::{Rule, Severity};

/// Declares the rules of a subject, and `ALL` of them in that order.
macro_rules! rules {
    ($($name:ident: $severity:ident $code:literal {
        wrong: $wrong:literal,
        matters: $matters:literal,
        remedy: $remedy:literal,
        source: $source:literal,
    })*) => {
        $(
            #[doc = $wrong]
            pub static $name: Rule = Rule {
                code: $code,
                severity: Severity::$severity,
                wrong: $wrong,
                matters: $matters,
                remedy: $remedy,
                source: $source,
            };
        )*
        pub(in crate::audit) static ALL: &[&Rule] = &[$(&$name),*];
    };
}

pub mod archive;
pub mod claims;
pub mod crates;
pub mod limits;
pub mod npm;
pub mod runtime;
pub mod sbom;
pub mod staged;
pub mod tree;
pub mod wheel;
pub mod zip;

/// Every rule, by subject.
pub static SUBJECTS: &[(&str, &[&Rule])] = &[
    ("Archives", archive::ALL),
    ("Zip archives", zip::ALL),
    ("Size limits", limits::ALL),
    ("Claims", claims::ALL),
    ("The runtime in a package", tree::ALL),
    ("Executables of the runtime", runtime::ALL),
    ("Wheels", wheel::ALL),
    ("npm packages", npm::ALL),
    ("Crates", crates::ALL),
    ("Bills of materials", sbom::ALL),
    ("Staging directories", staged::ALL),
];

/// The rule with a code.
pub fn find(code: &str) -> Result<&'static Rule, Error> {
    all()
        .find(|rule| rule.code == code)
        .ok_or_else(|| Error::UnknownCode(code.to_owned()))
}

/// Every rule.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    SUBJECTS.iter().flat_map(|(_, rules)| rules.iter().copied())
}

/// docs/findings.md.
#[must_use]
pub fn markdown() -> String {
    let head = include_str!("rules/findings.md").to_owned();
    let subjects = SUBJECTS.iter().map(|(subject, rules)| {
        let rules = rules.iter().map(|rule| rule.markdown());
        format!(
            "\n## {subject}\n\n{}\n",
            rules.collect::<Vec<_>>().join("\n\n")
        )
    });
    head + &subjects.collect::<String>()
}

impl Rule {
    /// All that is said of it, as `stage verify --explain` prints it.
    #[must_use]
    pub fn explanation(&self) -> String {
        let Self {
            code,
            severity,
            wrong,
            matters,
            remedy,
            source,
        } = self;
        let severity = severity.as_str();
        format!(
            "{severity}[{code}]: {wrong}\n\nWhy it matters: {matters}\nWhat to do: {remedy}\n\
             Where it comes from: {source}"
        )
    }

    fn markdown(&self) -> String {
        let Self {
            code,
            severity,
            wrong,
            matters,
            remedy,
            source,
        } = self;
        let severity = severity.as_str();
        format!(
            "### `{code}` ({severity})\n\n{wrong}\n\n- Why it matters: {matters}\n\
             - What to do: {remedy}\n- Where it comes from: {source}"
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_are_words_joined_by_hyphens() {
        let mut seen = HashSet::new();
        for Rule { code, .. } in all() {
            assert!(seen.insert(code), "{code} is there twice");
            let word = |word: &str| {
                !word.is_empty()
                    && word
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            };
            assert!(code.split('-').all(word), "{code}");
        }
    }

    #[test]
    fn every_text_of_a_rule_is_a_sentence() {
        for rule in all() {
            for text in [rule.wrong, rule.matters, rule.remedy, rule.source] {
                let first = text.chars().next();
                // That is how its makers write the name.
                let is_name = text.starts_with("npm");
                assert!(
                    is_name || first.is_some_and(|c| !c.is_lowercase()),
                    "{}: {text}",
                    rule.code
                );
                assert!(
                    !text.contains('\n') && !text.contains("  "),
                    "{}",
                    rule.code
                );
            }
            for text in [rule.wrong, rule.matters, rule.remedy] {
                assert!(text.ends_with('.'), "{}: {text}", rule.code);
            }
        }
    }

    #[test]
    fn docs_findings_md_is_made_from_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/findings.md");
        if std::env::var_os("STAGE_UPDATE_DOCS").is_some() {
            fs_err::write(path, markdown()).unwrap();
        }
        assert!(
            fs_err::read_to_string(path).unwrap() == markdown(),
            "docs/findings.md is not up to date: STAGE_UPDATE_DOCS=1 cargo test -p stage docs_"
        );
    }
}
