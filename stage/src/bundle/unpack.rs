//! Unpacks a RUNTIME. What its first bytes are decides how.

use std::io::{BufReader, Cursor, Read};
use std::num::NonZeroUsize;
use std::path::Path;

use fs_err as fs;

use super::error::Error;
use super::kind::{self, RuntimeKind};
use super::measure::Content;
use super::place::Wrapping;
use super::tree::Tree;
use super::{directory, executable, tarball, zipfile};
use strict_archive::Limits;

/// The name in `scratch` of the file of a bare executable.
pub(super) const BARE: &str = "executable";

/// What a RUNTIME holds.
pub(super) enum Unpacked {
    /// Files, and what they come in.
    Tree(Tree, Wrapping),
    /// One executable, which is [`BARE`].
    Executable(Content),
}

/// Unpacks a RUNTIME into `scratch`, an empty directory. A directory stays where it is.
pub(super) fn unpack(
    kind: RuntimeKind,
    runtime: &Path,
    limits: Limits,
    jobs: NonZeroUsize,
    scratch: &Path,
) -> Result<Unpacked, Error> {
    let unpacked = scratch.join("unpacked");
    let read = || -> Result<_, Error> {
        let file = fs::File::open(runtime).map_err(Error::Read)?;
        Ok(BufReader::with_capacity(256 * 1024, file))
    };
    let bare = |input: &mut dyn Read| {
        let content = executable::copy(input, runtime, limits, &scratch.join(BARE))?;
        Ok(Unpacked::Executable(content))
    };
    match kind {
        RuntimeKind::Directory => {
            let tree = directory::read(runtime, limits, jobs)?;
            Ok(Unpacked::Tree(tree, Wrapping::Directory))
        }
        RuntimeKind::Zip => {
            let tree = zipfile::unpack(runtime, limits, jobs, &unpacked)?;
            let wrapping = Wrapping::of_zip(&tree);
            Ok(Unpacked::Tree(tree, wrapping))
        }
        RuntimeKind::Compressed(compression) => {
            let mut input = compression.reader(read()?).map_err(Error::Read)?;
            let head = kind::head_of(&mut input, runtime)?;
            if !kind::is_tar(&head) {
                kind::check_executable(runtime, "what is compressed in it", &head)?;
                return bare(&mut Cursor::new(head).chain(input));
            }
            let input = Cursor::new(head).chain(input);
            let tree = tarball::unpack(input, runtime, limits, &unpacked)?;
            let wrapping = Wrapping::of_tar(&tree);
            Ok(Unpacked::Tree(tree, wrapping))
        }
        RuntimeKind::Executable => bare(&mut read()?),
    }
}
