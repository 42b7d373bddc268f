use std::path::{Path, PathBuf};

use super::check::check;
use super::error::Error;
use super::kind::RuntimeKind;
use super::measure::Content;
use super::place::{self, Wrapping};
use super::request::OpenRequest;
use super::runtime::Bundle;
use super::tree::Tree;
use super::unpack::{BARE, Unpacked, unpack};
use super::{executable, legacy, plain, program};
use native_claims::facts::{Identity, Origin};

/// Opens a RUNTIME of any kind.
///
/// `scratch` is an empty directory of the caller's, on a disk with room for the unpacked runtime;
/// the caller removes it once the bundle is no longer needed. Nothing is written anywhere else.
pub fn open(runtime: &Path, request: &OpenRequest<'_>, scratch: &Path) -> Result<Bundle, Error> {
    let limits = request.limits();
    let opener = Opener {
        runtime,
        request,
        scratch,
    };
    let kind = RuntimeKind::of(runtime)?;
    match unpack(kind, runtime, limits, request.jobs, scratch)? {
        Unpacked::Tree(tree, wrapping) => opener.bundle(tree, wrapping),
        Unpacked::Executable(content) => opener.executable(content),
    }
}

/// One RUNTIME on its way to a bundle.
struct Opener<'a> {
    runtime: &'a Path,
    request: &'a OpenRequest<'a>,
    scratch: &'a Path,
}

impl Opener<'_> {
    /// Where a bundle lies that is not used where it was unpacked.
    fn bundle_dir(&self) -> PathBuf {
        self.scratch.join("bundle")
    }

    fn check(&self, tree: &Tree) -> Result<Bundle, Error> {
        check(tree, self.runtime, self.request)
    }

    /// Opens one executable.
    fn executable(&self, content: Content) -> Result<Bundle, Error> {
        let path = self.scratch.join(BARE);
        let what = match program::identify(&path, self.runtime, None)? {
            Identity::Program(origin) => return self.adopt(&path, content, &origin),
            Identity::Unfit(what) => what,
            // It has changed since its first bytes were read.
            Identity::Other => "no executable".to_owned(),
        };
        Err(Error::Unfit {
            path: self.runtime.to_owned(),
            what,
        })
    }

    /// Makes a bundle of an executable that lies in `scratch`.
    fn adopt(&self, from: &Path, content: Content, origin: &Origin) -> Result<Bundle, Error> {
        let platform = program::platform(self.runtime, "", origin, self.request)?;
        let dir = self.bundle_dir();
        let tree = executable::adopt(from, content, self.runtime, platform, self.request, &dir)?;
        self.check(&tree)
    }

    /// Finds the bundle among all that a RUNTIME holds.
    fn bundle(&self, mut tree: Tree, wrapping: Wrapping) -> Result<Bundle, Error> {
        if let Some(selection) = self.request.selection {
            place::narrow(&mut tree, wrapping, &selection.platform.target);
        }
        let layout = &self.request.product.bundle;
        let metadata = &layout.metadata;
        let root = place::find_root(&tree, wrapping, metadata, self.runtime);
        // A tree that is not described may have a file of this name somewhere.
        let root = if layout.brings_metadata {
            root?
        } else {
            root.unwrap_or(None)
        };
        if let Some(root) = root {
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
        if !layout.brings_metadata {
            let (tree, left_out) = plain::open(tree, wrapping, self.runtime, self.request, &dir)?;
            let bundle = self.check(&tree)?;
            return Ok(Bundle { left_out, ..bundle });
        }
        let mut programs = Vec::new();
        for file in &tree.files {
            let name = file.path.display().to_string();
            let path = file.path.in_dir(&tree.dir);
            let identity = program::identify(&path, self.runtime, Some(&name))?;
            if let Identity::Program(origin) = identity {
                programs.push((file, origin));
            }
        }
        programs.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
        match &programs[..] {
            [(file, origin)]
                if wrapping == Wrapping::Archive
                    && tree.files.len() == 1
                    && tree.links.is_empty() =>
            {
                self.adopt(&file.path.in_dir(&tree.dir), file.content.clone(), origin)
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
            [(first, origin), others @ ..]
                if others
                    .iter()
                    .any(|(_, other)| !program::is_of_machine(other, origin)) =>
            {
                let second = others
                    .iter()
                    .find(|(_, other)| !program::is_of_machine(other, origin));
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
