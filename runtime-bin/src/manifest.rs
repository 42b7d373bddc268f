//! The payload manifest: which files the runtime has, and where in the payload their content lies.
//!
//! ```text
//! payload 2
//! version 1.2.3
//! target x86_64-unknown-linux-musl
//! entrypoint bin/command
//! path-dir tool-path
//! file 755 296865480 <SHA-256 of the content> bin/command
//! file 644 233 <SHA-256 of the content> tool-package.json
//! part 7340032
//! frame 4194304 1400000 <SHA-256 of the frame>
//! ```
//!
//! Lines end in `\n`, fields are separated by one space, and a path is the rest of its line. Files are
//! sorted by the bytes of their paths; `path-dir` is absent where the bundle has none. The content of
//! each file is cut into frames of [`FRAME`] bytes, the last one shorter, in the order of the files, so
//! that a frame needs no name: the sequence says where it lands. The frames that follow a `part` line
//! fill that part from its first byte to its last.
//!
//! The hash of a frame is that of its compressed bytes: it says which part is damaged, before anything is
//! decoded. The hash of a file says whether its content is right.
//!
//! The manifest is part of the program and trusted as such. It is parsed strictly all the same, since
//! a mistake in it should be an error with a name and not a panic in somebody's server. It is read in
//! two steps: a `locate()` that finds everything in place never looks at the frames.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::digest::{self, Hash};

/// The length of a frame's content, but for the last one of a file: the memory that one thread needs.
pub(crate) const FRAME: u64 = 4 << 20;

/// The first half of the manifest: the tree.
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
    /// The second half, not yet looked at, and the number of lines before it.
    layout: (&'a str, usize),
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
    /// The SHA-256 of its bytes in the part.
    pub(crate) sha256: Hash,
}

impl fmt::Debug for Bundle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bundle")
            .field("version", &self.version)
            .field("target", &self.target)
            .field("entrypoint", &self.entrypoint)
            .field("files", &self.files.len())
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl<'a> Bundle<'a> {
    /// Reads the first half of a manifest.
    pub(crate) fn parse(text: &'a str) -> Result<Self, String> {
        let mut lines = Lines {
            rest: text,
            number: 0,
        };
        lines.expect("payload", |value| (value == "2").then_some(()))?;
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
        let layout = (lines.rest, lines.number);
        let head = &text[..text.len() - lines.rest.len()];
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
    pub(crate) fn frames(&self) -> Result<(Vec<u64>, Vec<Frame>), String> {
        let (rest, read) = self.layout;
        let mut lines = Lines { rest, number: read };
        let mut parts = Vec::new();
        let mut frames = Vec::new();
        // How much of the current part the frames so far leave over, and where the next one begins.
        let (mut left, mut start) = (0_usize, 0);
        for (index, file) in self.files.iter().enumerate() {
            let mut offset = 0;
            while offset < file.size {
                while left == 0 {
                    left = lines.expect("part", number)?;
                    start = 0;
                    parts.push(left as u64);
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
        // A target has a fixed number of parts, and a small payload may not need the last ones.
        while left == 0
            && let Some(length) = lines.optional("part", number)?
        {
            left = length;
            parts.push(left as u64);
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
pub(crate) fn relative_path(value: &str) -> Option<&str> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn good() -> String {
        testing::payload("1.2.3", &testing::tree()).0
    }

    /// What is wrong with a manifest, in either half.
    fn wrong(manifest: &str) -> Option<String> {
        Bundle::parse(manifest)
            .and_then(|bundle| bundle.frames())
            .err()
    }

    #[test]
    fn reads_the_files_and_where_each_frame_belongs() {
        let manifest = good();
        let bundle = Bundle::parse(&manifest).unwrap();
        assert_eq!((bundle.version, bundle.target), ("1.2.3", "test-target"));
        assert_eq!(
            (bundle.entrypoint, bundle.path_dir),
            ("bin/command", Some("tool-path"))
        );
        let tree = testing::tree();
        assert!(
            bundle
                .files
                .iter()
                .map(|file| file.path)
                .eq(tree.iter().map(|(path, ..)| *path))
        );
        assert_eq!(
            bundle.size,
            tree.iter().map(|(.., content)| content.len() as u64).sum()
        );
        let (parts, frames) = bundle.frames().unwrap();
        assert_eq!((parts.len(), frames.len()), (2, 5));
        let places: Vec<_> = frames
            .iter()
            .map(|frame| (frame.file, frame.offset))
            .collect();
        assert_eq!(places, [(0, 0), (1, 0), (1, FRAME), (2, 0), (3, 0)]);
        assert_eq!((frames[3].part, frames[3].start), (1, 0));
    }

    #[test]
    fn the_id_is_that_of_the_tree_and_not_of_the_parts() {
        let manifest = good();
        let head = &manifest[..manifest.find("part ").unwrap()];
        let bundle = Bundle::parse(head).unwrap();
        assert_eq!(bundle.id, Bundle::parse(&manifest).unwrap().id);
        assert_ne!(
            bundle.id,
            Bundle::parse(&head.replace("1.2.3", "1.2.4")).unwrap().id
        );
    }

    #[test]
    fn a_bundle_may_be_of_empty_files_only() {
        let (manifest, parts) = testing::payload("1.2.3", &[("bin/command", 0o755, Vec::new())]);
        let manifest = manifest.replace("path-dir tool-path\n", "");
        assert!(parts.is_empty());
        assert_eq!(
            Bundle::parse(&manifest).unwrap().frames(),
            Ok((vec![], vec![]))
        );
    }

    #[test]
    fn a_part_may_be_empty() {
        let manifest = good().replace("\npart ", "\npart 0\npart ") + "part 0\n";
        let (parts, frames) = Bundle::parse(&manifest).unwrap().frames().unwrap();
        assert_eq!((parts.len(), frames.len()), (5, 5));
        assert_eq!([parts[0], parts[2], parts[4]], [0; 3]);
        assert_eq!((frames[0].part, frames[3].part), (1, 3));
        assert!(
            wrong(&(manifest + "part 1\n"))
                .unwrap()
                .contains("longer than the frames in it")
        );
    }

    #[test]
    fn says_what_is_wrong() {
        for (from, to, why) in [
            ("payload 2\n", "payload 1\n", "line 1: not a `payload` line"),
            ("payload 2\n", "", "line 1: expected a `payload` line"),
            (
                "version 1.2.3",
                "version 1 2",
                "line 2: not a `version` line",
            ),
            (
                "version 1.2.3",
                "version ../1",
                "line 2: not a `version` line",
            ),
            (
                "target test-target\n",
                "",
                "line 3: expected a `target` line",
            ),
            (
                "entrypoint bin/command",
                "entrypoint bin/comm",
                "is not one of its executables",
            ),
            (
                "entrypoint bin/command",
                "entrypoint tool-package.json",
                "is not one of its executables",
            ),
            (
                "path-dir tool-path",
                "path-dir tool-pat",
                "there is no file in its path-dir",
            ),
            ("file 755", "file 777", "line 6: not a `file` line"),
            ("file 755 ", "file 755  ", "line 6: not a `file` line"),
            (" bin/large", " bin/../large", "line 7: not a `file` line"),
            (" bin/large", " /bin/large", "line 7: not a `file` line"),
            (" bin/large", " bin//large", "line 7: not a `file` line"),
            (" bin/large", " bin\\large", "line 7: not a `file` line"),
            (" bin/large", " C:large", "line 7: not a `file` line"),
            (" bin/large", " bin/lar\tge", "line 7: not a `file` line"),
            (
                " bin/large",
                " bin/command",
                "\"bin/command\" is out of order",
            ),
            (" bin/large", " a", "\"a\" is out of order"),
            (
                "file 644 3 ",
                "file 644 18446744073709551615 ",
                "the sizes of its files overflow",
            ),
            (
                "file 644 3 ",
                "file 644 18446744073709551616 ",
                "line 8: not a `file` line",
            ),
            ("file 644 3 ", "file 644 03 ", "line 8: not a `file` line"),
            ("file 644 3 ", "file 644 +3 ", "line 8: not a `file` line"),
            ("file 644 3 ", "file 644 4 ", "has 3 bytes instead of 4"),
            (
                "frame 4194304 ",
                "frame 4194303 ",
                "has 4194303 bytes instead of 4194304",
            ),
            (
                "frame 3 ",
                "frame 4000000000 ",
                "has 4000000000 bytes instead of 3",
            ),
            ("\npart ", "\npart -1\npart ", "line 11: not a `part` line"),
            ("\npart ", "\npart 1", "line 15: expected a `frame` line"),
            ("\npart ", "\n\npart ", "line 11: expected a `part` line"),
        ] {
            let good = good();
            assert!(good.contains(from), "{from}");
            let error = wrong(&good.replacen(from, to, 1)).unwrap_or_default();
            assert!(
                error.ends_with(why) || error.contains(why),
                "{to:?}: {error}"
            );
        }
        assert!(
            wrong(&(good() + "\n"))
                .unwrap()
                .ends_with("nothing more is expected")
        );
        let long = good().replace("\nframe 3 ", "\nframe 3 9");
        assert!(
            wrong(&long)
                .unwrap()
                .contains("crosses the end of its part")
        );
    }

    #[test]
    fn whatever_is_cut_off_or_changed_is_at_most_an_error() {
        let good = good();
        assert_eq!(wrong(&good), None);
        for length in 0..good.len() {
            assert!(wrong(&good[..length]).is_some(), "{length}");
        }
        for at in 0..good.len() {
            for byte in [b'0', b'9', b' ', b'\n', b'/', b'x'] {
                let mut changed = good.clone().into_bytes();
                changed[at] = byte;
                _ = wrong(&String::from_utf8(changed).unwrap());
            }
        }
    }
}
