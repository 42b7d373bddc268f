use std::io::{BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use fs_err as fs;

use super::check::check;
use super::error::Error;
use super::kind::{self, RuntimeKind};
use super::object::{self, Head};
use super::place::{self, Wrapping};
use super::request::OpenRequest;
use super::runtime::Bundle;
use super::tree::Tree;
use super::{directory, executable, legacy, tarball, zipfile};
use strict_archive::{GzipReader, ZstdReader};

/// Opens a RUNTIME of any kind.
///
/// `scratch` is an empty directory of the caller's, on a disk with room for the unpacked runtime;
/// the caller removes it once the bundle is no longer needed. Nothing is written anywhere else.
pub fn open(runtime: &Path, request: &OpenRequest<'_>, scratch: &Path) -> Result<Bundle, Error> {
    let limits = request.limits();
    let unpacked = scratch.join("unpacked");
    let opener = Opener {
        runtime,
        request,
        scratch,
    };
    match RuntimeKind::of(runtime)? {
        RuntimeKind::Directory => opener.bundle(
            directory::read(runtime, limits, request.jobs)?,
            Wrapping::Directory,
        ),
        RuntimeKind::Zip => {
            let tree = zipfile::unpack(runtime, limits, request.jobs, &unpacked)?;
            let wrapping = Wrapping::of_zip(&tree);
            opener.bundle(tree, wrapping)
        }
        RuntimeKind::Gzip => opener.stream(GzipReader::new(opener.read()?), &unpacked),
        RuntimeKind::Zstd => {
            let input = ZstdReader::new(opener.read()?).map_err(Error::Read)?;
            opener.stream(input, &unpacked)
        }
        RuntimeKind::Executable(header) => {
            let platform = executable::platform(runtime, header, request)?;
            let tree = executable::copy(
                opener.read()?,
                runtime,
                platform,
                request,
                &opener.bundle_dir(),
            )?;
            check(&tree, runtime, request)
        }
    }
}

/// One RUNTIME on its way to a bundle.
struct Opener<'a> {
    runtime: &'a Path,
    request: &'a OpenRequest<'a>,
    scratch: &'a Path,
}

impl Opener<'_> {
    fn read(&self) -> Result<BufReader<fs::File>, Error> {
        let file = fs::File::open(self.runtime).map_err(Error::Read)?;
        Ok(BufReader::with_capacity(256 * 1024, file))
    }

    /// Where a bundle lies that is not used where it was unpacked.
    fn bundle_dir(&self) -> PathBuf {
        self.scratch.join("bundle")
    }

    fn check(&self, tree: &Tree) -> Result<Bundle, Error> {
        check(tree, self.runtime, self.request)
    }

    /// Opens what is in a compressed stream: a tar, or one executable.
    fn stream(&self, mut input: impl Read, unpacked: &Path) -> Result<Bundle, Error> {
        let mut head = Vec::new();
        input
            .by_ref()
            .take(object::HEAD_LEN as u64)
            .read_to_end(&mut head)
            .map_err(|error| Error::of_stream(self.runtime, error))?;
        let parsed = Head::parse(&head);
        // An archive of nothing is a tar too.
        let tar = head.get(257..262) == Some(b"ustar") || head.iter().all(|&byte| byte == 0);
        let input = Cursor::new(head.clone()).chain(input);
        match parsed {
            _ if head.is_empty() => Err(Error::Empty(self.runtime.to_owned())),
            _ if tar => {
                let tree = tarball::unpack(input, self.runtime, self.request.limits(), unpacked)?;
                let wrapping = Wrapping::of_tar(&tree);
                self.bundle(tree, wrapping)
            }
            Head::Executable(header) => {
                let platform = executable::platform(self.runtime, header, self.request)?;
                let dir = self.bundle_dir();
                let tree = executable::copy(input, self.runtime, platform, self.request, &dir)?;
                self.check(&tree)
            }
            Head::Unfit(what) => Err(Error::Unfit {
                path: self.runtime.to_owned(),
                what,
            }),
            Head::Truncated(truncation) => Err(Error::Truncated {
                runtime: self.runtime.to_owned(),
                program: None,
                truncation,
            }),
            Head::Other => Err(kind::unknown(
                self.runtime,
                "what is compressed in it",
                &head,
            )),
        }
    }

    /// Finds the bundle among all that a RUNTIME holds.
    fn bundle(&self, mut tree: Tree, wrapping: Wrapping) -> Result<Bundle, Error> {
        let metadata = &self.request.product.bundle.metadata;
        if let Some(root) = place::find_root(&tree, wrapping, metadata, self.runtime)? {
            tree.resolve_links(self.runtime, &root, self.request.limits())?;
            let bundle = self.check(&place::cut(tree, wrapping, &root, self.runtime)?)?;
            if wrapping == Wrapping::Npm && root.rsplit('/').next() != Some(&bundle.metadata.target)
            {
                return Err(Error::Vendor {
                    runtime: self.runtime.to_owned(),
                    folder: root,
                    target: bundle.metadata.target,
                });
            }
            return Ok(bundle);
        }
        let dir = self.bundle_dir();
        if let Some(tree) = legacy::open(&tree, wrapping, self.runtime, self.request, &dir)? {
            return self.check(&tree);
        }
        let mut programs = Vec::new();
        for file in &tree.files {
            let mut open = fs::File::open(file.path.in_dir(&tree.dir)).map_err(Error::Read)?;
            match Head::read(&mut open).map_err(Error::Read)? {
                Head::Executable(header) => programs.push((file, header)),
                Head::Truncated(truncation) => {
                    return Err(Error::Truncated {
                        runtime: self.runtime.to_owned(),
                        program: Some(file.path.display().to_string()),
                        truncation,
                    });
                }
                Head::Unfit(_) | Head::Other => {}
            }
        }
        programs.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
        match &programs[..] {
            [(file, header)]
                if wrapping == Wrapping::Archive
                    && tree.files.len() == 1
                    && tree.links.is_empty() =>
            {
                let platform = executable::platform(self.runtime, *header, self.request)?;
                let from = file.path.in_dir(&tree.dir);
                let tree = executable::adopt(
                    &from,
                    file.content,
                    self.runtime,
                    platform,
                    self.request,
                    &dir,
                )?;
                self.check(&tree)
            }
            [(first, _), (second, _), ..] if wrapping == Wrapping::Archive => {
                Err(Error::Executables {
                    runtime: self.runtime.to_owned(),
                    metadata: metadata.to_string(),
                    first: first.path.display().to_string(),
                    second: second.path.display().to_string(),
                    count: programs.len(),
                })
            }
            [(first, header), others @ ..] if others.iter().any(|(_, other)| other != header) => {
                let second = others.iter().find(|(_, other)| other != header);
                Err(Error::TwoRuntimes {
                    runtime: self.runtime.to_owned(),
                    first: first.path.display().to_string(),
                    second: second
                        .map(|(file, _)| file.path.display().to_string())
                        .unwrap_or_default(),
                })
            }
            _ => Err(Error::NoMetadata {
                runtime: self.runtime.to_owned(),
                metadata: metadata.to_string(),
                place: wrapping.expected_place(),
            }),
        }
    }
}
