//! Dependency specifiers ([PEP 508](https://packaging.python.org/en/latest/specifications/dependency-specifiers/)):
//! whether a text is one, and no more than that.

use std::str::FromStr as _;

use pep440_rs::VersionSpecifier;

/// Where a dependency comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// An index, by name and version.
    Index,
    /// An address.
    Url,
}

/// Whether a text is the name of a project or an extra.
pub(super) fn is_name(text: &str) -> bool {
    let end = |c: char| c.is_ascii_alphanumeric();
    text.starts_with(end)
        && text.ends_with(end)
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

/// Reads a list of version specifiers, such as `>=3.8, <4`. It may be empty.
pub(super) fn check_specifiers(text: &str) -> Result<(), String> {
    // Python's own parser passes over what is between two commas and is not there.
    for specifier in text
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        // `===` compares texts, which need not be versions.
        let is_text = specifier
            .strip_prefix("===")
            .is_some_and(|text| !text.trim().is_empty());
        if !is_text && VersionSpecifier::from_str(specifier).is_err() {
            return Err(format!("{specifier:?} is no version specifier"));
        }
    }
    Ok(())
}

/// Reads a dependency.
pub(super) fn check(text: &str) -> Result<Source, String> {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c)))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if !is_name(name) {
        return Err("it does not begin with the name of a project".to_owned());
    }
    let mut rest = rest.trim_start();
    if let Some(extras) = rest.strip_prefix('[') {
        let (extras, after) = extras.split_once(']').ok_or("`[` is not closed")?;
        let mut extras = extras.split(',').map(str::trim);
        if let Some(extra) = extras.find(|extra| !is_name(extra) && !extra.is_empty()) {
            return Err(format!("{extra:?} is no name of an extra"));
        }
        rest = after.trim_start();
    }
    if let Some(url) = rest.strip_prefix('@') {
        let url = url.trim_start();
        let end = url.find(char::is_whitespace).unwrap_or(url.len());
        let (address, after) = url.split_at(end);
        if address.is_empty() {
            return Err("no address follows the `@`".to_owned());
        }
        check_marker(after.trim_start())?;
        return Ok(Source::Url);
    }
    let end = rest.find(';').unwrap_or(rest.len());
    let (specifiers, marker) = rest.split_at(end);
    let specifiers = specifiers.trim();
    let inner = specifiers
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'));
    check_specifiers(inner.unwrap_or(specifiers))?;
    check_marker(marker)?;
    Ok(Source::Index)
}

fn check_marker(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Ok(());
    }
    let marker = text.strip_prefix(';').ok_or("a marker must follow a `;`")?;
    let mut parser = Marker {
        rest: marker.trim_start(),
        depth: 0,
    };
    parser.any()?;
    if parser.rest.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "{:?} has no place in its marker",
            shortened(parser.rest)
        ))
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

/// What is left of a marker.
struct Marker<'a> {
    rest: &'a str,
    /// Parentheses around it. They are bounded, since each takes some of the stack.
    depth: u32,
}

const MOST_DEPTH: u32 = 50;

const VARIABLES: [&str; 20] = [
    "python_full_version",
    "python_version",
    "os_name",
    "os.name",
    "sys_platform",
    "sys.platform",
    "platform_release",
    "platform_system",
    "platform_version",
    "platform.version",
    "platform_machine",
    "platform.machine",
    "platform_python_implementation",
    "platform.python_implementation",
    "python_implementation",
    "implementation_name",
    "implementation_version",
    "extras",
    "extra",
    "dependency_groups",
];

impl Marker<'_> {
    fn any(&mut self) -> Result<(), String> {
        loop {
            self.all()?;
            if !self.word("or") {
                return Ok(());
            }
        }
    }

    fn all(&mut self) -> Result<(), String> {
        loop {
            self.one()?;
            if !self.word("and") {
                return Ok(());
            }
        }
    }

    fn one(&mut self) -> Result<(), String> {
        if !self.take("(") {
            self.operand()?;
            self.operator()?;
            return self.operand();
        }
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err("its marker has too many parentheses".to_owned());
        }
        self.any()?;
        self.depth -= 1;
        if self.take(")") {
            Ok(())
        } else {
            Err("a parenthesis of its marker is not closed".to_owned())
        }
    }

    fn operand(&mut self) -> Result<(), String> {
        if let Some(quote) = self.rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            let text = self.rest.get(1..).unwrap_or_default();
            let (_, after) = text
                .split_once(quote)
                .ok_or("a quote of its marker is not closed")?;
            self.rest = after.trim_start();
            return Ok(());
        }
        if VARIABLES.iter().any(|variable| self.word(variable)) {
            return Ok(());
        }
        let found = shortened(self.rest);
        Err(format!(
            "{found:?} is no variable or quoted text of a marker"
        ))
    }

    fn operator(&mut self) -> Result<(), String> {
        const OPERATORS: [&str; 8] = ["===", "==", "<=", ">=", "!=", "~=", "<", ">"];
        let compares = OPERATORS.iter().any(|operator| self.take(operator));
        if compares || self.word("in") || (self.word("not") && self.word("in")) {
            return Ok(());
        }
        let found = shortened(self.rest);
        Err(format!("{found:?} is no comparison of a marker"))
    }

    fn take(&mut self, token: &str) -> bool {
        let Some(after) = self.rest.strip_prefix(token) else {
            return false;
        };
        self.rest = after.trim_start();
        true
    }

    /// Takes a token that ends where a word ends.
    fn word(&mut self, word: &str) -> bool {
        let after = self.rest.strip_prefix(word);
        let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
        after.is_some_and(|after| after.is_empty() || after.starts_with(ends)) && self.take(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_of_real_packages_are_read() {
        for text in [
            "requests",
            "requests>=2.0,<3",
            "requests (>=2.0,!=2.1.*)",
            "requests>=2.0,",
            "Foo.bar_baz[a,b-c] ~=1.0; extra == 'x'",
            "a[]==1.0",
            "a===legacy-thing",
            "colorama>=0.4; sys_platform == \"win32\" and python_version<'3.10'",
            "a; (os_name=='nt' or platform_machine not in 'x y') and 'a' in extras",
            "a>=1;python_version>='3'and os.name=='nt'",
            " a >= 1.0 ; python_full_version < '3.8.1' ",
        ] {
            assert_eq!(check(text), Ok(Source::Index), "{text}");
        }
        for text in [
            "a @ https://example.org/a.zip",
            "a@file:///x ; extra == 'y'",
        ] {
            assert_eq!(check(text), Ok(Source::Url), "{text}");
        }
    }

    #[test]
    fn what_is_no_dependency_is_refused_with_the_reason() {
        let deep = format!("a; {}", "(".repeat(100_000));
        for (text, reason) in [
            ("", "the name of a project"),
            ("-a", "the name of a project"),
            ("a b", "\"b\" is no version specifier"),
            ("a>=", "\">=\" is no version specifier"),
            ("a>=1.0.*", "is no version specifier"),
            ("a ===", "\"===\" is no version specifier"),
            ("a[x y]", "\"x y\" is no name of an extra"),
            ("a[x", "`[` is not closed"),
            ("a @ ", "no address"),
            ("a @ b c", "must follow a `;`"),
            ("a;", "\"\" is no variable"),
            ("a; foo == 'b'", "\"foo == 'b'\" is no variable"),
            ("a; extra = 'b'", "\"= 'b'\" is no comparison"),
            ("a; extra not 'b'", "is no comparison"),
            ("a; extra == 'b", "a quote"),
            ("a; (extra == 'b'", "a parenthesis"),
            ("a; extra == 'b')", "\")\" has no place"),
            ("a; extra == 'b' android", "has no place"),
            (&deep, "too many parentheses"),
        ] {
            let error = check(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn specifiers_may_have_gaps_and_nothing_else() {
        for text in [">=3.8", ">=2.7, !=3.0.*,<4", ">=3.8,", "", "==3.*"] {
            assert_eq!(check_specifiers(text), Ok(()), "{text}");
        }
        for text in ["3.8", ">=3.x", ">=3.8.*", ">=3 <4"] {
            assert!(check_specifiers(text).is_err(), "{text}");
        }
    }
}
