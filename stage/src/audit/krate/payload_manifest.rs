//! The manifest of a payload, read apart from the program that it is for: what that one trusts is
//! what is to be checked here. Its form is described in `runtime-bin/src/manifest.rs`.

use std::ops::Range;
use std::str::FromStr;

use crate::base::digest::Digest;
use strict_archive::PortablePath;

/// The length of a frame's content, but for the last one of a file.
const FRAME: u64 = 4 << 20;

/// What a payload holds, and how it lies in its parts.
#[derive(Debug)]
pub(super) struct PayloadManifest {
    pub version: String,
    pub target: String,
    pub entrypoint: String,
    pub path_dir: Option<String>,
    pub files: Vec<PayloadFile>,
    /// Bytes of each part.
    pub parts: Vec<u64>,
}

/// A file of the runtime.
#[derive(Debug)]
pub(super) struct PayloadFile {
    pub path: String,
    pub executable: bool,
    pub size: u64,
    pub sha256: Digest,
    pub frames: Vec<PayloadFrame>,
}

/// A piece of a file.
#[derive(Debug)]
pub(super) struct PayloadFrame {
    /// The index of its part.
    pub part: usize,
    /// Where in the part it lies.
    pub bytes: Range<u64>,
    /// Bytes of its content, at most [`FRAME`].
    pub size: usize,
    /// SHA-256 of its bytes in the part.
    pub sha256: Digest,
}

impl PayloadManifest {
    /// Reads a manifest.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut lines = Lines::new(text)?;
        let form = lines.expect("payload")?;
        if form != "2" {
            return Err(format!("it is of the form {form:?}, and 2 is known"));
        }
        let mut manifest = Self {
            version: lines.expect("version")?.to_owned(),
            target: lines.expect("target")?.to_owned(),
            entrypoint: lines.expect("entrypoint")?.to_owned(),
            path_dir: lines.optional("path-dir").map(str::to_owned),
            files: Vec::new(),
            parts: Vec::new(),
        };
        while let Some(value) = lines.optional("file") {
            let file = file(value).ok_or_else(|| lines.bad("file"))?;
            let last = manifest.files.last();
            if last.is_some_and(|last| last.path >= file.path) {
                return Err(format!("{:?} is out of order", file.path));
            }
            manifest.files.push(file);
        }
        manifest.read_frames(&mut lines)?;
        match lines.rest.first() {
            Some(_) => Err(format!("line {}: nothing more is expected", lines.number())),
            None => Ok(manifest),
        }
    }

    fn read_frames(&mut self, lines: &mut Lines) -> Result<(), String> {
        let mut at = 0;
        for file in &mut self.files {
            let mut left = file.size;
            while left > 0 {
                while self.parts.last().is_none_or(|length| at == *length) {
                    self.parts.push(lines.number_of("part")?);
                    at = 0;
                }
                let value = lines.expect("frame")?;
                let mut fields = value.split(' ');
                let mut number = || number::<u64>(fields.next()?);
                let (size, length) = (number(), number());
                let sha256 = fields.next().and_then(|field| field.parse().ok());
                let (Some(size), Some(length), Some(sha256), None) =
                    (size, length, sha256, fields.next())
                else {
                    return Err(lines.bad("frame"));
                };
                let expected = left.min(FRAME);
                if size != expected {
                    return Err(format!(
                        "a frame of {:?} has {size} bytes instead of {expected}",
                        file.path
                    ));
                }
                let end = at + length.min(MOST_COMPRESSED + 1);
                let room = self.parts.last().copied().unwrap_or_default();
                if length > MOST_COMPRESSED || end > room {
                    return Err(format!(
                        "a frame of {:?} crosses the end of its part",
                        file.path
                    ));
                }
                file.frames.push(PayloadFrame {
                    part: self.parts.len() - 1,
                    bytes: at..end,
                    // It is at most FRAME.
                    size: usize::try_from(size).unwrap_or_default(),
                    sha256,
                });
                at = end;
                left -= size;
            }
            // Most files have one frame, and a vector begins with room for four.
            file.frames.shrink_to_fit();
        }
        if self.parts.last().is_some_and(|length| at != *length) {
            return Err("a part is longer than the frames in it".to_owned());
        }
        while lines.is_next("part") {
            let length = lines.number_of("part")?;
            if length != 0 {
                return Err("a part is longer than the frames in it".to_owned());
            }
            self.parts.push(length);
        }
        Ok(())
    }
}

/// Most bytes of a compressed frame: what zstd adds to content that does not compress is less than
/// this leaves.
const MOST_COMPRESSED: u64 = FRAME + FRAME / 64;

/// The lines that are not read yet.
struct Lines<'a> {
    all: usize,
    rest: Vec<&'a str>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Result<Self, String> {
        let text = text
            .strip_suffix('\n')
            .ok_or("its last line is cut short")?;
        // The next line is the last of these.
        let rest = text.split('\n').rev().collect::<Vec<_>>();
        Ok(Self {
            all: rest.len(),
            rest,
        })
    }

    /// The number of the line that was read last.
    fn number(&self) -> usize {
        self.all - self.rest.len()
    }

    fn bad(&self, keyword: &str) -> String {
        format!("line {}: not a `{keyword}` line", self.number())
    }

    fn is_next(&self, keyword: &str) -> bool {
        let line = self.rest.last();
        line.is_some_and(|line| line.split(' ').next() == Some(keyword))
    }

    /// What follows the keyword on the next line, if it has this one.
    fn optional(&mut self, keyword: &str) -> Option<&'a str> {
        let line = self.rest.last()?;
        let value = line.strip_prefix(keyword)?.strip_prefix(' ')?;
        self.rest.pop();
        Some(value)
    }

    fn expect(&mut self, keyword: &str) -> Result<&'a str, String> {
        let value = self.optional(keyword);
        value.ok_or_else(|| format!("line {}: expected a `{keyword}` line", self.number() + 1))
    }

    fn number_of(&mut self, keyword: &str) -> Result<u64, String> {
        let value = self.expect(keyword)?;
        number(value).ok_or_else(|| self.bad(keyword))
    }
}

fn file(value: &str) -> Option<PayloadFile> {
    let mut fields = value.splitn(4, ' ');
    let executable = match fields.next()? {
        "755" => true,
        "644" => false,
        _ => return None,
    };
    Some(PayloadFile {
        executable,
        size: number(fields.next()?)?,
        sha256: fields.next()?.parse().ok()?,
        path: PortablePath::parse(fields.next()?)
            .ok()?
            .as_str()
            .to_owned(),
        frames: Vec::new(),
    })
}

/// A decimal number in its only spelling.
fn number<T: FromStr>(text: &str) -> Option<T> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    (digits && canonical).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> String {
        let digest = "0".repeat(64);
        format!(
            "payload 2\nversion 1.0.0\ntarget t\nentrypoint bin/a\n\
             file 755 5242880 {digest} bin/a\nfile 644 0 {digest} c\nfile 644 2 {digest} d e\n\
             part 30\nframe 4194304 30 {digest}\npart 20\nframe 1048576 15 {digest}\n\
             frame 2 5 {digest}\npart 0\n"
        )
    }

    #[test]
    fn frames_follow_each_other_through_the_parts() {
        let manifest = PayloadManifest::parse(&good()).unwrap();
        assert_eq!(manifest.parts, [30, 20, 0]);
        let frames = manifest.files.iter().map(|file| &file.frames);
        let frames = frames.flatten();
        let places = frames.map(|frame| (frame.part, frame.bytes.clone(), frame.size));
        assert_eq!(
            places.collect::<Vec<_>>(),
            [(0, 0..30, 4 << 20), (1, 0..15, 1 << 20), (1, 15..20, 2)]
        );
        assert_eq!(manifest.files[2].path, "d e");
    }

    #[test]
    fn what_does_not_add_up_is_refused() {
        let many = u64::MAX.to_string();
        for (from, to) in [
            ("payload 2", "payload 1"),
            ("version ", "versio "),
            ("file 755", "file 777"),
            ("0 bin/a\nfile", "0 ../a\nfile"),
            (" c\n", " bin/a\n"),
            ("frame 2 5", "frame 2 6"),
            ("frame 2 5", "frame 3 5"),
            ("frame 2 5", "frame 2 05"),
            ("part 20", "part 21"),
            ("part 0", "part 1"),
            ("part 0\n", "part 0\nframe\n"),
            ("part 0\n", "part 0"),
            ("part 30", &format!("part {many}")),
            ("5242880", &many),
            ("4194304 30", &format!("4194304 {many}")),
        ] {
            let bad = good().replacen(from, to, 1);
            assert_ne!(bad, good(), "{from}");
            assert!(PayloadManifest::parse(&bad).is_err(), "{from} → {to}");
        }
    }

    #[test]
    fn a_manifest_cut_anywhere_is_no_panic() {
        let good = good();
        for end in 0..good.len() {
            let cut = PayloadManifest::parse(&good[..end]);
            assert!(cut.is_err() || good[..end].ends_with('\n'), "{end}");
        }
    }
}
