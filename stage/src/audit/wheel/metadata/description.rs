//! The description: whether the index renders it.
//!
//! Any text is Markdown and any is plain. Of reStructuredText no more is looked at than what
//! descriptions fail by in practice: roles that Sphinx adds to it, directives that docutils does not
//! know or the index has disabled, and underlines that are too short. The index takes no text that
//! docutils has even a warning for.

use crate::audit::rule::Rule;
use crate::audit::rules;
use crate::audit::wheel::fields::HeaderFields;

pub(super) fn check(fields: &HeaderFields, add: &mut impl FnMut(&'static Rule, String)) {
    let text = match fields.first("Description") {
        Some(text) => text,
        None => fields.body,
    };
    let content_type = fields.first("Description-Content-Type").unwrap_or_default();
    if content_type.is_empty() {
        if !text.trim().is_empty() {
            let detail = "it has a description and no Description-Content-Type";
            add(&rules::metadata::DESCRIPTION_UNTYPED, detail.to_owned());
        }
        return;
    }
    match markup(content_type) {
        Err(reason) => add(
            &rules::metadata::DESCRIPTION_TYPE,
            format!("its Description-Content-Type is {content_type:?}: {reason}"),
        ),
        Ok(Markup::ReStructuredText) => {
            if let Some((line, what)) = unrendered(text) {
                let detail = format!("line {line} of the description has {what:?}");
                add(&rules::metadata::DESCRIPTION_RST, detail);
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

/// The first thing that does not render, with the number of its line: the name of a directive or
/// role, or a title.
///
/// Only what begins a line is looked at, since what is indented can be an example; and of
/// directives and titles, only what comes after an empty line, since within a paragraph they are
/// text.
fn unrendered(text: &str) -> Option<(usize, &str)> {
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
    let mut paragraph = "";
    let mut is_first = true;
    let mut lines = text.lines().enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        let begins = is_first;
        is_first = line.trim().is_empty();
        if is_first || line.starts_with(char::is_whitespace) {
            continue;
        }
        // After `::`, lines that begin with one sign are an example too.
        let can_begin = begins && !paragraph.ends_with("::");
        paragraph = line.trim_end();
        let directive = || directive(line).filter(|name| can_begin && !is_rendered(name));
        let role = || ROLES.into_iter().find(|role| is_role(line, role));
        let next = lines.peek().map(|(_, next)| *next).unwrap_or_default();
        let title = || (can_begin && is_underlined_short(line, next)).then_some(line);
        if let Some(what) = directive().or_else(role).or_else(title) {
            return Some((index + 1, what));
        }
    }
    None
}

/// The name of the directive that a line begins with.
fn directive(line: &str) -> Option<&str> {
    let (name, after) = line.strip_prefix(".. ")?.split_once("::")?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (is_name && (after.is_empty() || after.starts_with(' '))).then_some(name)
}

/// Whether docutils knows a directive, and the index lets it be: `raw` and `include` are disabled.
fn is_rendered(directive: &str) -> bool {
    const NAMES: [&str; 45] = [
        "admonition",
        "attention",
        "caution",
        "class",
        "code",
        "code-block",
        "compound",
        "container",
        "contents",
        "csv-table",
        "danger",
        "date",
        "default-role",
        "epigraph",
        "error",
        "figure",
        "footer",
        "header",
        "highlights",
        "hint",
        "image",
        "important",
        "line-block",
        "list-table",
        "math",
        "meta",
        "note",
        "parsed-literal",
        "pull-quote",
        "replace",
        "restructuredtext-test-directive",
        "role",
        "rst-class",
        "rubric",
        "section-numbering",
        "sectnum",
        "sidebar",
        "sourcecode",
        "table",
        "target-notes",
        "tip",
        "title",
        "topic",
        "unicode",
        "warning",
    ];
    NAMES
        .iter()
        .any(|name| name.eq_ignore_ascii_case(directive))
}

/// Whether a line is a title whose underline is too short for it. Less than four signs are text.
fn is_underlined_short(line: &str, next: &str) -> bool {
    let (line, next) = (line.trim_end(), next.trim_end());
    let Some(sign) = next.chars().next().filter(char::is_ascii_punctuation) else {
        return false;
    };
    let is_underline = sign != ':' && next.chars().all(|c| c == sign);
    // Of other letters some are two columns wide, and some none. A line that begins with less than
    // a word may be an item of a list.
    let is_plain = line.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let word = line.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let is_title = is_plain && word > 1 && matches!(line.as_bytes().get(word), None | Some(b' '));
    is_underline && is_title && (4..line.len()).contains(&next.len())
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
    fn what_does_not_render_is_found() {
        for (text, found) in [
            ("Title\n=====\n\n.. toctree::\n", Some((4, "toctree"))),
            ("See :class:`Foo`.", Some((1, ":class:`"))),
            ("See ``:class:`Foo```.", None),
            ("Example::\n\n    .. toctree::\n    :ref:`x`\n", None),
            (".. raw:: html\n", Some((1, "raw"))),
            ("text\n.. raw:: html\n", None),
            ("Quoted::\n\n.. raw:: html\n", None),
            (".. _raw:: x\n.. |a| raw:: y\n.. Code:: z\n", None),
            ("Some title\n====\n", Some((1, "Some title"))),
            ("Some title\n===\n", None),
            ("Some title\n==========  \n", None),
            ("text\nSome title\n====\n", None),
            ("Größe\n====\n", None),
            ("1. Some item\n====\n", None),
            ("Some text\n::::\n", None),
            (".. note:: see :pep:`427`\n.. code-block:: python\n", None),
        ] {
            assert_eq!(unrendered(text), found, "{text}");
        }
    }
}
