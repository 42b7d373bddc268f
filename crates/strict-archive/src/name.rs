use std::fmt::{self, Display, Formatter};

use super::escape::Escaped;

/// Name of an entry: a relative path with `/` between its components that stays below the place it
/// is unpacked to.
///
/// It is UTF-8 without control characters and backslashes, has no drive letter, no empty component
/// and none that is `.` or `..`. A directory's name is held without the slash that ends it in an
/// archive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryName(String);

impl EntryName {
    /// Longest name in bytes: the longest path that macOS opens (`PATH_MAX`), the shortest of its
    /// kind on the systems that runtimes are for.
    pub const MAX_LEN: usize = 1024;

    /// Longest component in bytes (`NAME_MAX` of Linux and macOS).
    pub const MAX_COMPONENT_LEN: usize = 255;

    /// Most components of a name. With [`Self::MAX_LEN`] it bounds the memory that one entry can
    /// claim.
    pub const MAX_DEPTH: usize = 32;

    /// Parses a name as an archive holds it, less the slash that ends a directory's.
    pub fn parse(raw: &[u8]) -> Result<Self, NameFault> {
        let name = parse_text(raw)?;
        if name.split('/').count() > Self::MAX_DEPTH {
            return Err(NameFault::TooDeep);
        }
        for component in name.split('/') {
            match component {
                "" => return Err(NameFault::EmptyComponent),
                "." => return Err(NameFault::Dot),
                ".." => return Err(NameFault::DotDot),
                long if long.len() > Self::MAX_COMPONENT_LEN => return Err(NameFault::TooLong),
                _ => {}
            }
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last component.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Everything before the last component; `None` at the top of the archive.
    #[must_use]
    pub fn parent(&self) -> Option<&str> {
        self.0.rsplit_once('/').map(|(parent, _)| parent)
    }

    /// What follows `directory/`, if the name lies below that directory. The empty directory holds
    /// everything.
    #[must_use]
    pub fn below(&self, directory: &str) -> Option<&str> {
        if directory.is_empty() {
            return Some(&self.0);
        }
        self.0.strip_prefix(directory)?.strip_prefix('/')
    }
}

impl Display for EntryName {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        Escaped(self.0.as_bytes()).fmt(out)
    }
}

/// The rules that names and link targets share: text that means the same path on every system,
/// relative to something.
pub(super) fn parse_text(raw: &[u8]) -> Result<&str, NameFault> {
    if raw.is_empty() {
        return Err(NameFault::Empty);
    }
    if raw.len() > EntryName::MAX_LEN {
        return Err(NameFault::TooLong);
    }
    let name = str::from_utf8(raw).map_err(|_| NameFault::NotUtf8)?;
    // RECORD is a list of lines, and Python takes these two for the end of one.
    let ends_line = |c| matches!(c, '\u{2028}' | '\u{2029}');
    if name.chars().any(|c| c.is_control() || ends_line(c)) {
        return Err(NameFault::ControlCharacter);
    }
    if name.starts_with('/') {
        return Err(NameFault::Absolute);
    }
    if let [letter, b':', ..] = raw
        && letter.is_ascii_alphabetic()
    {
        return Err(NameFault::DriveLetter);
    }
    if name.contains('\\') {
        return Err(NameFault::Backslash);
    }
    Ok(name)
}

/// Why the bytes of a name are not an [`EntryName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// No bytes at all.
    #[error("its name is empty")]
    Empty,
    /// Longer than [`EntryName::MAX_LEN`], or a component longer than
    /// [`EntryName::MAX_COMPONENT_LEN`].
    #[error(
        "its name is longer than {} bytes, or a part of it longer than {}",
        EntryName::MAX_LEN,
        EntryName::MAX_COMPONENT_LEN
    )]
    TooLong,
    /// More components than [`EntryName::MAX_DEPTH`].
    #[error("its name is nested more than {} deep", EntryName::MAX_DEPTH)]
    TooDeep,
    /// Bytes that are no UTF-8.
    #[error("its name is not UTF-8")]
    NotUtf8,
    /// NUL, newline, escape and their like.
    #[error("its name has a control character or a line separator in it")]
    ControlCharacter,
    /// A leading `/`.
    #[error("its name is an absolute path")]
    Absolute,
    /// A leading `C:`.
    #[error("its name begins with a drive letter")]
    DriveLetter,
    /// `\`, a separator on Windows and a part of the name everywhere else.
    #[error("its name has a backslash in it")]
    Backslash,
    /// `//`, or a slash at the end of a name that is no directory's.
    #[error("its name has an empty component (a doubled or trailing slash)")]
    EmptyComponent,
    /// A `.` component.
    #[error("its name has a `.` component")]
    Dot,
    /// A `..` component.
    #[error("its name has a `..` component, which leads out of the tree")]
    DotDot,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_stay_below_their_root_are_accepted() {
        for name in [
            "a",
            "bin/codex",
            "a.b/..c/d..",
            "größe/日本",
            "ab:c",
            "-x",
            "a b",
            "...",
        ] {
            assert_eq!(EntryName::parse(name.as_bytes()).unwrap().as_str(), name);
        }
    }

    #[test]
    fn every_other_name_is_refused_for_its_own_reason() {
        for (name, fault) in [
            (&b""[..], NameFault::Empty),
            (b"/etc/passwd", NameFault::Absolute),
            (b"//server/share", NameFault::Absolute),
            (b"C:/x", NameFault::DriveLetter),
            (b"c:x", NameFault::DriveLetter),
            (b"C:\\x", NameFault::DriveLetter),
            (b"a\\b", NameFault::Backslash),
            (b"\\\\server\\share", NameFault::Backslash),
            (b"..", NameFault::DotDot),
            (b"a/../../b", NameFault::DotDot),
            (b"a/..", NameFault::DotDot),
            (b"./a", NameFault::Dot),
            (b"a/./b", NameFault::Dot),
            (b"a//b", NameFault::EmptyComponent),
            (b"a/", NameFault::EmptyComponent),
            (b"a\0b", NameFault::ControlCharacter),
            (b"a\nb", NameFault::ControlCharacter),
            (b"a\x7f", NameFault::ControlCharacter),
            ("a\u{85}".as_bytes(), NameFault::ControlCharacter),
            ("a\u{2028}".as_bytes(), NameFault::ControlCharacter),
            (b"a\xff", NameFault::NotUtf8),
            (b"\xc0\xae\xc0\xae/x", NameFault::NotUtf8),
            (&b"x/".repeat(513), NameFault::TooLong),
            (&[b'x'; 256], NameFault::TooLong),
            (
                &[b"a/".repeat(32), b"a".to_vec()].concat(),
                NameFault::TooDeep,
            ),
        ] {
            assert_eq!(EntryName::parse(name), Err(fault), "{}", Escaped(name));
        }
    }

    #[test]
    fn a_name_knows_where_it_lies() {
        let name = EntryName::parse(b"pkg/bin/codex").unwrap();
        assert_eq!(
            (name.parent(), name.file_name()),
            (Some("pkg/bin"), "codex")
        );
        assert_eq!(name.below("pkg"), Some("bin/codex"));
        assert_eq!(name.below(""), Some("pkg/bin/codex"));
        assert_eq!(name.below("pk"), None);
        assert_eq!(name.below("pkg/bin/codex"), None);
    }
}
