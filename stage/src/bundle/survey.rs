//! What is in a RUNTIME of which nothing is known yet: no product says what its commands are.
//!
//! It is unpacked and read by the same rules as when it is opened, so what is refused later is
//! refused here.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::junk;
use super::kind::RuntimeKind;
use super::place::{self, Wrapping};
use super::role::Role;
use super::tree::{Tree, TreeFile};
use super::unpack::{BARE, Unpacked, unpack};
use super::{executable, plain, program};
use crate::base::digest::Digest;
use native_claims::facts::{Identity, Origin};
use strict_archive::{Limits, PortablePath};

/// The files of a RUNTIME, without the one directory around them if there is one.
#[derive(Debug)]
pub struct Survey {
    /// Sorted by their paths.
    pub files: Vec<SurveyedFile>,
    /// Whether the RUNTIME is one executable, and its path therefore says nothing.
    pub is_bare: bool,
    /// What was left out and why, in one line.
    pub left_out: Option<String>,
}

/// A file of a RUNTIME.
#[derive(Debug)]
pub struct SurveyedFile {
    /// Its path from the root.
    pub path: PortablePath,
    /// Where it lies on this disk.
    pub on_disk: PathBuf,
    /// Bytes of content.
    pub size: u64,
    /// SHA-256 of the content.
    pub sha256: Digest,
    /// What it is for, if it is no command.
    pub role: Role,
    /// What it is a program for, if it is one.
    pub origin: Option<Origin>,
    /// The file of the same RUNTIME that it is a link to.
    pub link_to: Option<PortablePath>,
}

/// Unpacks a file into `scratch`, an empty directory of the caller's, and reads what is in it.
pub fn survey(
    runtime: &Path,
    limits: Limits,
    jobs: NonZeroUsize,
    scratch: &Path,
) -> Result<Survey, Error> {
    let kind = RuntimeKind::of(runtime)?;
    if kind == RuntimeKind::Directory {
        return Err(Error::Special {
            path: runtime.to_owned(),
            what: "a directory",
        });
    }
    match unpack(kind, runtime, limits, jobs, scratch)? {
        Unpacked::Tree(tree, wrapping) => of_tree(tree, wrapping, runtime, limits),
        Unpacked::Executable(content) => {
            let file = TreeFile {
                path: executable::layout_path(runtime, BARE)?,
                executable: Some(true),
                content,
                copy_of: None,
            };
            let tree = Tree {
                dir: scratch.to_owned(),
                files: vec![file],
                links: Vec::new(),
            };
            let survey = of_tree(tree, Wrapping::Directory, runtime, limits)?;
            Ok(Survey {
                is_bare: true,
                ..survey
            })
        }
    }
}

fn of_tree(
    mut tree: Tree,
    wrapping: Wrapping,
    runtime: &Path,
    limits: Limits,
) -> Result<Survey, Error> {
    let left_out = junk::remove(&mut tree)?;
    let root = plain::root(&tree, wrapping);
    tree.resolve_links(runtime, &root, limits)?;
    let tree = place::cut_plain(tree, wrapping, &root);
    let files = tree.files.iter().map(|file| {
        let on_disk = file.path.in_dir(&tree.dir);
        let name = file.path.display().to_string();
        let origin = match program::identify(&on_disk, runtime, Some(&name))? {
            Identity::Program(origin) => Some(origin),
            Identity::Unfit(_) | Identity::Other => None,
        };
        Ok(SurveyedFile {
            path: file.path.clone(),
            on_disk,
            size: file.content.size,
            sha256: file.content.sha256,
            role: Role::of(file.path.as_str()),
            origin,
            link_to: file.copy_of.clone(),
        })
    });
    Ok(Survey {
        files: files.collect::<Result<_, Error>>()?,
        is_bare: false,
        left_out,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use fs_err as fs;

    use super::*;

    fn survey_of(content: &[u8], unpacked_bytes: u64) -> Result<Survey, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        fs::write(&path, content).unwrap();
        let limits = Limits {
            entries: 10,
            unpacked_bytes,
        };
        let survey = survey(
            &path,
            limits,
            NonZeroUsize::MIN,
            &dir.path().join("scratch"),
        );
        survey.map_err(|error| error.to_string().replace(path.to_str().unwrap(), "x"))
    }

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(content).unwrap();
        gzip.finish().unwrap()
    }

    #[test]
    fn one_executable_that_unpacks_to_too_much_is_refused() {
        let program = [&b"MZ"[..], &[0; 4000]].concat();
        for content in [&program, &gzip(&program)] {
            let error = survey_of(content, 4001).unwrap_err();
            assert_eq!(error, "x: it unpacks to more than 4001 bytes, the limit");
            assert!(survey_of(content, 4002).is_ok_and(|survey| survey.is_bare));
        }
    }

    #[test]
    fn what_is_compressed_is_a_tar_or_a_program() {
        let error = survey_of(&gzip(b"text"), 100).unwrap_err();
        assert!(
            error.contains("what is compressed in it begins with"),
            "{error}"
        );
        assert_eq!(survey_of(&gzip(b""), 100).unwrap_err(), "x is empty");
        let empty = survey_of(&gzip(&[0; 1024]), 100).unwrap();
        assert!(empty.files.is_empty() && !empty.is_bare);
    }
}
