//! The payload manifest: which files the runtime has, and where in the payload their content lies.
//!
//! ```text
//! payload 1
//! version 0.163.0
//! target x86_64-unknown-linux-musl
//! entrypoint bin/codex
//! path-dir codex-path
//! file 755 296865480 <SHA-256 of the content> bin/codex
//! file 644 233 <SHA-256 of the content> codex-package.json
//! part 7340032
//! frame 4194304 1400000 <SHA-256 of the frame's content>
//! ```
//!
//! Lines end in `\n`, fields are separated by one space, and a path is the rest of its line. Files are
//! sorted by the bytes of their paths; `path-dir` is absent where the bundle has none. The content of
//! each file is cut into frames of [`FRAME`] bytes, the last one shorter, in the order of the files, so
//! that a frame needs no name: the sequence says where it lands. The frames that follow a `part` line
//! fill that part from its first byte to its last.
//!
//! The manifest is part of the program and trusted as such. It is parsed strictly all the same, since
//! a mistake in it should be an error with a name and not a panic in somebody's server. It is read in
//! two steps: a `locate()` that finds everything in place never looks at the frames.

use sha2::{Digest, Sha256};

use crate::digest::{self, Hash};

/// The length of a frame's content, but for the last one of a file: the memory that one thread needs.
pub(crate) const FRAME: u64 = 4 << 20;

/// The first half of the manifest: the tree.
#[derive(Debug)]
pub(crate) struct Bundle<'a> {
    pub(crate) version: &'a str,
    pub(crate) target: &'a str,
    pub(crate) entrypoint: &'a str,
    pub(crate) path_dir: Option<&'a str>,
    pub(crate) files: Vec<File<'a>>,
    /// The sum of the sizes of the files.
    pub(crate) size: u64,
    /// The SHA-256 of this half. Two payloads that unpack to the same tree have the same one, however
    /// they are spread over parts.
    pub(crate) id: Hash,
    /// The second half, not yet looked at.
    layout: &'a str,
}

/// A file of the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct File<'a> {
    /// Relative, with `/` between its components.
    pub(crate) path: &'a str,
    pub(crate) size: u64,
    pub(crate) mode: u32,
    pub(crate) sha256: Hash,
}

/// A piece of the payload and where it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The index of its file.
    pub(crate) file: usize,
    /// Where in the file its content begins.
    pub(crate) offset: u64,
    /// The length of its content, at most [`FRAME`].
    pub(crate) length: usize,
    /// The index of its part.
    pub(crate) part: usize,
    /// Where in the part it begins.
    pub(crate) start: usize,
    /// Its length in the part.
    pub(crate) compressed: usize,
    /// The SHA-256 of its content.
    pub(crate) sha256: Hash,
}

impl<'a> Bundle<'a> {
    /// Reads the first half of a manifest.
    pub(crate) fn parse(text: &'a str) -> Result<Self, String> {
        let mut lines = Lines::new(text);
        lines.expect("payload", |value| (value == "1").then_some(()))?;
        let version = lines.expect("version", word)?;
        let target = lines.expect("target", word)?;
        let entrypoint = lines.expect("entrypoint", relative_path)?;
        let path_dir = lines.optional("path-dir", relative_path)?;
        let mut files: Vec<File<'a>> = Vec::new();
        let mut size = 0u64;
        while let Some(file) = lines.optional("file", file)? {
            if files.last().is_some_and(|last| last.path >= file.path) {
                return Err(format!("{:?} is out of order", file.path));
            }
            size = size
                .checked_add(file.size)
                .ok_or("the sizes of its files overflow")?;
            files.push(file);
        }
        let at = files.binary_search_by(|file| file.path.cmp(entrypoint));
        if at.ok().is_none_or(|at| files[at].mode != 0o755) {
            return Err(format!(
                "its entrypoint {entrypoint:?} is not one of its executables"
            ));
        }
        if let Some(dir) = path_dir
            && !files.iter().any(|file| {
                file.path
                    .strip_prefix(dir)
                    .is_some_and(|rest| rest.starts_with('/'))
            })
        {
            return Err(format!("there is no file in its path-dir {dir:?}"));
        }
        let layout = lines.rest;
        let head = &text[..text.len() - layout.len()];
        let id = Sha256::digest(head.as_bytes()).into();
        Ok(Self {
            version,
            target,
            entrypoint,
            path_dir,
            files,
            size,
            id,
            layout,
        })
    }

    /// Reads the second half: the length of each part, and the frames.
    pub(crate) fn frames(&self) -> Result<(Vec<usize>, Vec<Frame>), String> {
        let mut lines = Lines::new(self.layout);
        lines.number += 5 + self.files.len();
        let mut parts = Vec::new();
        let mut frames = Vec::new();
        // How much of the current part the frames so far leave over, and where the next one begins.
        let (mut left, mut start) = (0, 0);
        for (index, file) in self.files.iter().enumerate() {
            let mut offset = 0;
            while offset < file.size {
                if left == 0 {
                    left =
                        lines.expect("part", |value| number(value).filter(|&n: &usize| n > 0))?;
                    start = 0;
                    parts.push(left);
                }
                let expected = FRAME.min(file.size - offset);
                let (length, compressed, sha256) = lines.expect("frame", frame)?;
                if u64::try_from(length) != Ok(expected) {
                    return Err(format!(
                        "a frame of {:?} has {length} bytes instead of {expected}",
                        file.path
                    ));
                }
                left = left
                    .checked_sub(compressed)
                    .ok_or("a frame crosses the end of its part")?;
                frames.push(Frame {
                    file: index,
                    offset,
                    length,
                    part: parts.len() - 1,
                    start,
                    compressed,
                    sha256,
                });
                start += compressed;
                offset += expected;
            }
        }
        if left != 0 {
            return Err("its last part is longer than the frames in it".to_owned());
        }
        if !lines.rest.is_empty() {
            return Err(format!(
                "line {}: nothing more is expected",
                lines.number + 1
            ));
        }
        Ok((parts, frames))
    }
}

/// The lines of the manifest, one after the other.
struct Lines<'a> {
    rest: &'a str,
    number: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            number: 0,
        }
    }

    /// The next line, if it has this keyword.
    fn optional<T>(
        &mut self,
        keyword: &str,
        parse: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<Option<T>, String> {
        let value = self
            .rest
            .strip_prefix(keyword)
            .and_then(|rest| rest.strip_prefix(' '));
        let Some(value) = value else {
            return Ok(None);
        };
        let number = self.number + 1;
        let (value, rest) = value
            .split_once('\n')
            .ok_or_else(|| format!("line {number} is cut short"))?;
        let parsed =
            parse(value).ok_or_else(|| format!("line {number}: not a `{keyword}` line"))?;
        (self.rest, self.number) = (rest, number);
        Ok(Some(parsed))
    }

    /// The next line, which must have this keyword.
    fn expect<T>(
        &mut self,
        keyword: &str,
        parse: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, String> {
        let number = self.number + 1;
        self.optional(keyword, parse)?
            .ok_or_else(|| format!("line {number}: expected a `{keyword}` line"))
    }
}

/// Something that can be part of a file name.
fn word(value: &str) -> Option<&str> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte);
    (!value.is_empty() && value.bytes().all(good)).then_some(value)
}

/// A path that stays in the directory it is joined to, on every system.
fn relative_path(value: &str) -> Option<&str> {
    let bad = |c: char| c.is_control() || matches!(c, '\\' | ':');
    let good = |component: &str| !matches!(component, "" | "." | "..") && !component.contains(bad);
    value.split('/').all(good).then_some(value)
}

/// A decimal number in its only spelling.
fn number<T: std::str::FromStr>(value: &str) -> Option<T> {
    let plain = value.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = value == "0" || !value.starts_with('0');
    (plain && canonical).then(|| value.parse().ok()).flatten()
}

fn file(value: &str) -> Option<File<'_>> {
    let mut fields = value.splitn(4, ' ');
    let mode = match fields.next()? {
        "755" => 0o755,
        "644" => 0o644,
        _ => return None,
    };
    let size = number(fields.next()?)?;
    let sha256 = digest::parse(fields.next()?)?;
    let path = relative_path(fields.next()?)?;
    Some(File {
        path,
        size,
        mode,
        sha256,
    })
}

fn frame(value: &str) -> Option<(usize, usize, Hash)> {
    let mut fields = value.split(' ');
    let length = number(fields.next()?)?;
    let compressed = number(fields.next()?).filter(|&n| n > 0)?;
    let sha256 = digest::parse(fields.next()?)?;
    fields
        .next()
        .is_none()
        .then_some((length, compressed, sha256))
}
