//! The licence of a package (PEP 639).

use spdx::identifiers::{EXCEPTIONS, LICENSES};
use spdx::{Expression, ParseMode};

use super::field::MetadataVersion;
use super::place::MetadataPlace;
use crate::audit::rule::Rule;
use crate::audit::rules;
use crate::audit::wheel::fields::HeaderFields;

pub(super) fn check(
    fields: &HeaderFields,
    version: Option<MetadataVersion>,
    place: &MetadataPlace,
    add: &mut impl FnMut(&'static Rule, String),
) {
    if let Some(expression) = fields.first("License-Expression") {
        if let Err(reason) = check_expression(expression) {
            add(
                &rules::metadata::LICENSE_EXPRESSION,
                format!("{expression:?}: {reason}"),
            );
        }
        let mut older = fields
            .all("Classifier")
            .filter(|classifier| classifier.starts_with("License ::"))
            .chain(fields.all("License").filter(|text| !text.is_empty()));
        if let Some(older) = older.next() {
            let older: String = older.chars().take(80).collect();
            let detail = format!("it has License-Expression `{expression}`, and also {older:?}");
            add(&rules::metadata::LICENSE_TWICE, detail);
        }
    }
    if version < Some(MetadataVersion::LICENSES) {
        return;
    }
    for name in fields.all("License-File") {
        let path = format!("{}/licenses/{name}", place.dist_info);
        if place.contents.get(&path).is_none() {
            let detail = format!("License-File names {name:?}, and there is no `{path}`");
            add(&rules::metadata::LICENSE_FILE, detail);
        }
    }
}

/// Holds an expression against the grammar and the list of SPDX. As the index does, it takes
/// deprecated identifiers, and looks neither at the case of identifiers nor at that of operators.
fn check_expression(text: &str) -> Result<(), String> {
    const MODE: ParseMode = ParseMode {
        allow_deprecated: true,
        allow_postfix_plus_on_gpl: true,
        ..ParseMode::STRICT
    };
    let parsed = Expression::parse_mode(&in_their_case(text), MODE);
    parsed.map(|_| ()).map_err(|error| error.reason.to_string())
}

/// Gives every word of an expression the case that the list of SPDX has it in.
fn in_their_case(text: &str) -> String {
    let mut cased = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let is_word = |c: char| !c.is_whitespace() && !"()+".contains(c);
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let listed = ["AND", "OR", "WITH"]
            .into_iter()
            .chain(LICENSES.iter().map(|license| license.name))
            .chain(EXCEPTIONS.iter().map(|exception| exception.name))
            .find(|name| name.eq_ignore_ascii_case(word));
        cased.push_str(listed.unwrap_or(word));
        let end = after.find(is_word).unwrap_or(after.len());
        let (between, after) = after.split_at(end);
        cased.push_str(between);
        rest = after;
    }
    cased
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_that_the_index_takes_are_taken() {
        for text in [
            "MIT",
            "mit",
            "apache-2.0 or (BSD-2-Clause and MIT)",
            "GPL-3.0-or-later WITH GCC-exception-3.1",
            "GPL-2.0+",
            "GPL-3.0",
            "LicenseRef-Mine OR MIT",
        ] {
            assert_eq!(check_expression(text), Ok(()), "{text}");
        }
        for text in [
            "",
            "Apache 2.0",
            "MIT/Apache-2.0",
            "MIT AND",
            "(MIT",
            "Mine",
            "MIT (OR)",
        ] {
            assert!(check_expression(text).is_err(), "{text}");
        }
    }
}
