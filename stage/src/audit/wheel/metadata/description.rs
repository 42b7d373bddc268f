//! The description: whether the index renders it.
//!
//! Any text is Markdown and any is plain. Of reStructuredText no more is looked at than what
//! descriptions fail by in practice: roles and directives that Sphinx adds to it.

use super::super::super::rule::Rule;
use super::super::super::rules::wheel as rules;
use super::super::fields::Fields;

pub(super) fn check(fields: &Fields, add: &mut impl FnMut(&'static Rule, String)) {
    let text = match fields.first("Description") {
        Some(text) => text,
        None => fields.body,
    };
    let content_type = fields.first("Description-Content-Type").unwrap_or_default();
    if content_type.is_empty() {
        if !text.trim().is_empty() {
            let detail = "it has a description and no Description-Content-Type";
            add(&rules::DESCRIPTION_UNTYPED, detail.to_owned());
        }
        return;
    }
    match markup(content_type) {
        Err(reason) => add(
            &rules::DESCRIPTION_TYPE,
            format!("its Description-Content-Type is {content_type:?}: {reason}"),
        ),
        Ok(Markup::ReStructuredText) => {
            if let Some((line, what)) = of_sphinx(text) {
                let detail = format!("line {line} of the description has {what:?}");
                add(&rules::DESCRIPTION_RST, detail);
            }
        }
        Ok(Markup::Markdown | Markup::Plain) => {}
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Markup {
    Markdown,
    Plain,
    ReStructuredText,
}

/// Reads a media type with its parameters.
fn markup(content_type: &str) -> Result<Markup, String> {
    let mut parts = content_type.split(';').map(str::trim);
    let markup = match parts
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase()
        .as_str()
    {
        "text/markdown" => Markup::Markdown,
        "text/plain" => Markup::Plain,
        "text/x-rst" => Markup::ReStructuredText,
        other => return Err(format!("{other:?} is not rendered")),
    };
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "charset" if !value.eq_ignore_ascii_case("utf-8") => {
                return Err(format!("the charset is {value:?}"));
            }
            "variant" if markup == Markup::Markdown && !["GFM", "CommonMark"].contains(&value) => {
                return Err(format!("the variant {value:?} of Markdown is not rendered"));
            }
            _ => {}
        }
    }
    Ok(markup)
}

/// The first role or directive that only Sphinx knows, with the number of its line.
fn of_sphinx(text: &str) -> Option<(usize, &str)> {
    const DIRECTIVES: [&str; 10] = [
        "toctree",
        "automodule",
        "autoclass",
        "autofunction",
        "versionadded",
        "versionchanged",
        "deprecated",
        "seealso",
        "literalinclude",
        "index",
    ];
    const ROLES: [&str; 14] = [
        ":ref:`",
        ":doc:`",
        ":class:`",
        ":func:`",
        ":meth:`",
        ":mod:`",
        ":attr:`",
        ":obj:`",
        ":exc:`",
        ":data:`",
        ":term:`",
        ":envvar:`",
        ":option:`",
        ":any:`",
    ];
    text.lines().enumerate().find_map(|(index, line)| {
        // What is indented can be an example.
        if line.starts_with(char::is_whitespace) {
            return None;
        }
        let directive = line
            .strip_prefix(".. ")
            .and_then(|rest| rest.split_once("::"))
            .map(|(name, _)| name)
            .filter(|name| DIRECTIVES.contains(name));
        let role = || ROLES.into_iter().find(|role| is_role(line, role));
        Some((index + 1, directive.or_else(role)?))
    })
}

/// Whether a line has a role that is no literal text.
fn is_role(line: &str, role: &str) -> bool {
    let (mut looked, mut marks) = (0, 0);
    line.match_indices(role).any(|(start, _)| {
        let before = line.get(looked..start).unwrap_or_default();
        marks += before.matches("``").count();
        looked = start;
        !before.ends_with('`') && marks % 2 == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_are_those_that_are_rendered() {
        for (text, expected) in [
            ("text/markdown", Markup::Markdown),
            (
                "Text/Markdown; charset=UTF-8; variant=GFM",
                Markup::Markdown,
            ),
            ("text/markdown;variant=\"CommonMark\"", Markup::Markdown),
            ("text/x-rst; charset=utf-8", Markup::ReStructuredText),
            ("text/plain", Markup::Plain),
        ] {
            assert_eq!(markup(text), Ok(expected), "{text}");
        }
        for text in [
            "text/html",
            "markdown",
            "text/markdown; charset=latin-1",
            "text/markdown; variant=Mine",
            "text/markdown; variant",
        ] {
            assert!(markup(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sphinx_is_known_by_its_roles_and_directives() {
        for (text, found) in [
            ("Title\n=====\n\n.. toctree::\n", Some((4, "toctree"))),
            ("See :class:`Foo`.", Some((1, ":class:`"))),
            ("See ``:class:`Foo```.", None),
            ("Example::\n\n    .. toctree::\n    :ref:`x`\n", None),
            (".. note:: see :pep:`427`\n.. code-block:: python\n", None),
        ] {
            assert_eq!(of_sphinx(text), found, "{text}");
        }
    }
}
