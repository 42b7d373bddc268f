//! One archive of a release, and what is in it.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use native_claims::facts::Origin;
use strict_archive::Limits;

use super::version;
use super::words::Words;
use crate::base::digest::Digest;
use crate::bundle::{self, Role, SurveyedFile, without_exe};
use crate::product::MOST_TEXT;

/// A file that may be an archive of a program.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its name, as it is published.
    pub name: String,
    /// Where it lies now.
    pub path: PathBuf,
}

/// An archive that was read.
#[derive(Debug)]
pub struct Archive {
    /// Its name, as it is published.
    pub name: String,
    /// What its name says.
    pub words: Words,
    /// Whether it is one executable, whose path is made of the archive's name.
    pub is_bare: bool,
    /// Its programs, by their paths.
    pub programs: Vec<Program>,
    /// The licences in its root: their names and texts.
    pub licenses: Vec<(String, String)>,
    /// Those of them that are not UTF-8.
    pub odd_licenses: Vec<String>,
    /// Files that are not of the runtime, in one line.
    pub left_out: Option<String>,
}

/// A program in an archive.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its path from the root of the archive.
    pub path: String,
    /// The command that it would be: the name without `.exe`, and without target and version if it is
    /// the only program.
    pub command: String,
    /// What it is for.
    pub origin: Origin,
    /// The digest of its bytes.
    pub sha256: Digest,
}

impl Program {
    /// Returns the directory that it lies in; empty for the root.
    #[must_use]
    pub fn directory(&self) -> &str {
        self.path
            .rsplit_once('/')
            .map_or("", |(directory, _)| directory)
    }
}

/// How much an archive may hold: what a product may hold that says nothing.
pub const LIMITS: Limits = Limits {
    entries: 100_000,
    unpacked_bytes: 8 << 30,
};

impl Archive {
    /// Unpacks a file into `scratch` and reads it. `scratch` is empty, and the caller's.
    pub fn read(
        candidate: &Candidate,
        jobs: NonZeroUsize,
        scratch: &Path,
    ) -> Result<Self, bundle::Error> {
        let survey = bundle::survey(&candidate.path, LIMITS, jobs, scratch)?;
        let name = &candidate.name;
        let of = |file: &SurveyedFile| {
            let origin = file.origin.clone()?;
            let links = survey
                .files
                .iter()
                .filter(|link| link.link_to.as_ref() == Some(&file.path));
            let path = if survey.is_bare {
                without_suffixes(name).to_owned()
            } else {
                file.path.as_str().to_owned()
            };
            let command = without_exe(path.rsplit('/').next().unwrap_or(&path)).to_owned();
            // A command may be a link to a program that is called after its target.
            let links = links.map(|link| without_exe(link.path.file_name()).to_owned());
            let mut links = links.filter(|link| {
                command
                    .strip_prefix(&**link)
                    .is_some_and(|rest| rest.starts_with(SEPARATORS))
            });
            Some(Program {
                command: links.next().unwrap_or(command),
                path,
                origin,
                sha256: file.sha256,
            })
        };
        let files = survey.files.iter().filter(|file| file.link_to.is_none());
        let mut programs = files.filter_map(of).collect::<Vec<_>>();
        if let [program] = &mut programs[..] {
            let plain = plain_name(&program.command);
            if !plain.is_empty() {
                program.command = plain;
            }
        }
        let licenses = survey.files.iter().filter(|file| {
            file.role == Role::License && file.path.parent().is_none() && file.size <= MOST_TEXT
        });
        let mut odd_licenses = Vec::new();
        let licenses = licenses.map(|file| {
            let bytes = fs_err::read(&file.on_disk).map_err(bundle::Error::Scratch)?;
            let name = file.path.as_str().to_owned();
            let text = String::from_utf8(bytes).unwrap_or_else(|error| {
                odd_licenses.push(name.clone());
                String::from_utf8_lossy(error.as_bytes()).into_owned()
            });
            Ok((name, text))
        });
        let licenses = licenses.collect::<Result<_, bundle::Error>>()?;
        Ok(Self {
            name: name.clone(),
            words: Words::of(without_suffixes(name)),
            is_bare: survey.is_bare,
            licenses,
            odd_licenses,
            left_out: survey.left_out,
            programs,
        })
    }

    /// Returns its programs in the root and in `bin/`, or else all of them.
    pub fn commands(&self) -> Vec<&Program> {
        let of = |directories: &[&str]| {
            let programs = self.programs.iter();
            let here = programs.filter(|program| directories.contains(&program.directory()));
            here.collect::<Vec<_>>()
        };
        let near = of(&["", "bin"]);
        if near.is_empty() {
            self.programs.iter().collect()
        } else {
            near
        }
    }
}

/// Suffixes of archives and of what is compressed.
const SUFFIXES: [&str; 11] = [
    ".tar.gz",
    ".tgz",
    ".tar.xz",
    ".txz",
    ".tar.zst",
    ".tar.zstd",
    ".tzst",
    ".zip",
    ".gz",
    ".zst",
    ".xz",
];

/// What stands between the parts of a name.
const SEPARATORS: [char; 5] = ['-', '_', '.', ' ', '+'];

/// Returns the name of an archive without what says its kind.
#[must_use]
pub fn without_suffixes(name: &str) -> &str {
    let lower = name.to_ascii_lowercase();
    let suffix = SUFFIXES.into_iter().find(|suffix| lower.ends_with(suffix));
    let stem = suffix.map_or(name, |suffix| &name[..name.len() - suffix.len()]);
    without_exe(stem)
}

/// Returns a name without the target and the version in it: what stands before the first of them, or
/// else what they leave.
#[must_use]
pub fn plain_name(name: &str) -> String {
    let words = Words::of(name);
    let sensible = words.name_machine();
    let mut ranges = version::spans(name);
    if sensible {
        ranges.extend(words.ranges());
    }
    ranges.sort_by_key(|range| range.start);
    let mut left = String::new();
    let mut end = 0;
    for range in ranges {
        if range.start > end {
            let part = &name[end..range.start];
            let part = part.trim_matches(SEPARATORS);
            // The letter before a version.
            let part = match part.strip_suffix(['v', 'V']) {
                Some(rest) if rest.is_empty() || rest.ends_with(SEPARATORS) => {
                    rest.trim_matches(SEPARATORS)
                }
                _ => part,
            };
            if !part.is_empty() {
                return part.to_owned();
            }
        }
        end = end.max(range.end);
    }
    left.push_str(name[end..].trim_matches(SEPARATORS));
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_loses_target_and_version() {
        for (name, plain) in [
            ("ruff-x86_64-unknown-linux-gnu", "ruff"),
            ("tool_1.2.3_linux_amd64", "tool"),
            ("my_tool-v1.2.3-macos-arm64", "my_tool"),
            ("biomejs-cli-linux-x64-musl-2.6.8", "biomejs-cli"),
            ("linux-amd64-tool", "tool"),
            ("v1.2.3-tool", "tool"),
            ("tool", "tool"),
            ("tool-linux", "tool"),
            ("x86_64-linux", ""),
            ("node-v22.1.0-linux-x64", "node"),
            ("größe-1.2-linux", "größe"),
            ("tool-20260105-linux-x64", "tool"),
            ("tool-2026-01-05-linux-x64", "tool"),
            ("jq-linux64", "jq"),
            ("zig-linux-x86_64-0.13.0", "zig"),
        ] {
            assert_eq!(plain_name(name), plain, "{name}");
        }
    }

    #[test]
    fn the_suffix_of_an_archive_goes() {
        for (name, stem) in [
            ("tool-1.2.3.tar.gz", "tool-1.2.3"),
            ("Tool.EXE", "Tool"),
            ("tool.exe.gz", "tool"),
            ("tool-1.2.3.tar.xz", "tool-1.2.3"),
            ("tool.txz", "tool"),
            ("tool-1.2.3", "tool-1.2.3"),
            (".exe", ""),
            ("aä.exe", "aä"),
        ] {
            assert_eq!(without_suffixes(name), stem, "{name}");
        }
    }
}
