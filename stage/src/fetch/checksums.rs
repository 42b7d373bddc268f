//! A file of digests, as `sha256sum` writes it. Each line has a digest, a space, a space or `*`,
//! and a file name.

use std::collections::BTreeMap;

use crate::base::digest::Digest;

/// The digests in such a file, by file name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Checksums(BTreeMap<String, Digest>);

/// What is wrong with a file of digests.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChecksumsError {
    /// It is not text.
    #[error("it is not UTF-8")]
    NotText,
    /// A line has another form.
    #[error("line {0} is not a SHA-256 digest and a file name")]
    Line(usize),
    /// Two lines have different digests for one name.
    #[error("line {line} has a different digest for {name} than an earlier line")]
    Twice {
        /// The line, from 1.
        line: usize,
        /// The name of the file.
        name: String,
    },
}

impl Checksums {
    /// Reads a file. Lines may have Windows line ends, be empty, or appear twice.
    pub fn parse(bytes: &[u8]) -> Result<Self, ChecksumsError> {
        let text = std::str::from_utf8(bytes).map_err(|_| ChecksumsError::NotText)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut digests = BTreeMap::new();
        for (line, text) in (1..).zip(text.lines()) {
            if text.trim().is_empty() {
                continue;
            }
            let (digest, name) = parse_line(text).ok_or(ChecksumsError::Line(line))?;
            let before = digests.insert(name.to_owned(), digest);
            if before.is_some_and(|before| before != digest) {
                let name = name.to_owned();
                return Err(ChecksumsError::Twice { line, name });
            }
        }
        Ok(Self(digests))
    }

    /// Returns the digest of a file.
    pub fn get(&self, name: &str) -> Option<Digest> {
        self.0.get(name).copied()
    }
}

fn parse_line(line: &str) -> Option<(Digest, &str)> {
    let (digest, rest) = line.split_once(' ')?;
    // PowerShell writes capitals.
    let digest = digest.to_ascii_lowercase().parse().ok()?;
    let name = rest.strip_prefix([' ', '*']).unwrap_or(rest).trim_end();
    let good = !name.is_empty() && !name.starts_with(' ');
    good.then_some((digest, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_tools_write() {
        let (a, b) = (Digest::of(b"a"), Digest::of(b"b"));
        let capitals = b.to_string().to_uppercase();
        for text in [
            format!("{a}  a.tar.gz\n{b} *b.zip\n"),
            format!("{a}  a.tar.gz\r\n\r\n{b}  b.zip\r\n"),
            format!("\u{feff}{a} a.tar.gz\n{capitals}  b.zip"),
            format!("{a}  a.tar.gz\n{b}  b.zip\n{a}  a.tar.gz\n"),
        ] {
            let read = Checksums::parse(text.as_bytes()).unwrap();
            assert_eq!(read.get("a.tar.gz"), Some(a), "{text}");
            assert_eq!(read.get("b.zip"), Some(b), "{text}");
            assert_eq!(read.get("c.zip"), None);
        }
        assert_eq!(Checksums::parse(b""), Ok(Checksums::default()));
    }

    #[test]
    fn refuses_what_says_something_else() {
        let (a, b) = (Digest::of(b"a"), Digest::of(b"b"));
        for (text, expected) in [
            ("<!DOCTYPE html>".to_owned(), ChecksumsError::Line(1)),
            (format!("{a}  a\n{a}"), ChecksumsError::Line(2)),
            (format!("{a}   a"), ChecksumsError::Line(1)),
            (format!("{a}  \n"), ChecksumsError::Line(1)),
            (
                format!("\n{}  a", &a.to_string()[1..]),
                ChecksumsError::Line(2),
            ),
        ] {
            assert_eq!(Checksums::parse(text.as_bytes()), Err(expected), "{text}");
        }
        assert_eq!(Checksums::parse(&[0xff]), Err(ChecksumsError::NotText));
        let twice = Checksums::parse(format!("{a}  a\n{b}  a").as_bytes());
        let (line, name) = (2, "a".to_owned());
        assert_eq!(twice, Err(ChecksumsError::Twice { line, name }));
    }
}
