//! The rules, a file for each subject.
//!
//! A rule is one static with everything that is said about it. Code writes its name in full,
//! `rules::wheel::FILE_NAME`, so that a search for a code leads to the rule, and a search for the
//! rule to each place that reports it. The tests below hold both files to that.
//!
//! Decided against: a macro that declares a subject's rules. It spared the lists `ALL`, and no
//! search found what it declared.
#![expect(missing_docs, reason = "the field `wrong` says what a rule is about")]

use super::rule::Rule;

pub mod archive;
pub mod claims;
pub mod crates;
pub mod limits;
pub mod metadata;
pub mod npm;
pub mod runtime;
pub mod sbom;
pub mod signature;
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
    ("Signatures of Mach-O files", signature::ALL),
    ("The runtime in a package", tree::ALL),
    ("Executables of the runtime", runtime::ALL),
    ("Wheels", wheel::ALL),
    ("Metadata of wheels", metadata::ALL),
    ("npm packages", npm::ALL),
    ("Crates", crates::ALL),
    ("Bills of materials", sbom::ALL),
    ("Staging directories", staged::ALL),
];

/// Returns the rule with a code.
pub fn find(code: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.code == code)
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
    use std::path::{Path, PathBuf};

    use super::*;

    fn audit() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src/audit")
    }

    /// The names of the rules that each file of a subject declares, in order.
    fn declared() -> Vec<(String, Vec<String>)> {
        let files = fs_err::read_dir(audit().join("rules")).unwrap();
        let files = files.map(|file| file.unwrap().path());
        let sources = files.filter(|path| path.extension().is_some_and(|end| end == "rs"));
        let declared = sources.map(|path| {
            let text = fs_err::read_to_string(&path).unwrap();
            let names = text.lines().filter_map(|line| {
                let (name, rest) = line.strip_prefix("pub static ")?.split_once(':')?;
                rest.starts_with(" Rule ").then(|| name.to_owned())
            });
            let subject = path.file_stem().unwrap().to_str().unwrap();
            (subject.to_owned(), names.collect())
        });
        declared.collect()
    }

    /// All code of the audit but that of the rules, as one text.
    fn code(directory: &Path) -> String {
        let entries = fs_err::read_dir(directory).unwrap();
        let texts = entries.map(|entry| {
            let path = entry.unwrap().path();
            if path.ends_with("audit/rules") || path.ends_with("audit/rules.rs") {
                String::new()
            } else if path.is_dir() {
                code(&path)
            } else {
                fs_err::read_to_string(&path).unwrap()
            }
        });
        texts.collect()
    }

    #[test]
    fn every_rule_that_is_declared_is_in_the_list_of_its_subject() {
        let declared = declared();
        assert_eq!(declared.len(), SUBJECTS.len());
        for (subject, names) in &declared {
            let path = audit().join(format!("rules/{subject}.rs"));
            let text = fs_err::read_to_string(path).unwrap();
            let list = text.split_once("ALL: &[&Rule] =").unwrap().1;
            let list = list.split_once(';').unwrap().0;
            let listed = list.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            let listed = listed.filter(|name| !name.is_empty());
            assert_eq!(listed.collect::<Vec<_>>(), *names, "{subject}");
        }
        let names = declared.iter().map(|(_, names)| names.len());
        assert_eq!(names.sum::<usize>(), all().count());
    }

    #[test]
    fn every_rule_is_reported_by_its_full_name() {
        let code = code(&audit());
        let words = code.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
        let words = words.collect::<HashSet<_>>();
        for (subject, names) in declared() {
            for name in names {
                let name = format!("rules::{subject}::{name}");
                assert!(words.contains(&*name), "nothing reports {name}");
            }
        }
    }

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
