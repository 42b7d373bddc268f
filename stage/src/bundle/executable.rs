//! One bare executable, as older releases were published. It becomes the entrypoint of a bundle of
//! its own.

use std::io::Read;
use std::path::Path;

use super::error::Error;
use super::measure::Content;
use super::metadata::Metadata;
use super::request::OpenRequest;
use super::tree::{FileWriter, Tree, TreeFile};
use crate::base::files;
use crate::product::Platform;
use strict_archive::{Limits, PortablePath};

/// Copies an executable to `to`.
pub(super) fn copy(
    mut input: impl Read,
    runtime: &Path,
    limits: Limits,
    to: &Path,
) -> Result<Content, Error> {
    let mut writer = FileWriter::create(to)?;
    let mut buffer = vec![0; 256 * 1024];
    let mut total = 0;
    loop {
        let len = match input.read(&mut buffer) {
            Ok(0) => return Ok(writer.finish()),
            Ok(len) => len,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::of_stream(runtime, error)),
        };
        total = limits
            .add_bytes(total, len as u64)
            .map_err(|fault| Error::Limit {
                runtime: runtime.to_owned(),
                fault,
            })?;
        writer.write(&buffer[..len])?;
    }
}

/// Makes a bundle in `dir` of the executable at `from`, which is moved, and writes metadata for it.
pub(super) fn adopt(
    from: &Path,
    content: Content,
    runtime: &Path,
    platform: &Platform,
    request: &OpenRequest<'_>,
    dir: &Path,
) -> Result<Tree, Error> {
    let entrypoint = request.default_entrypoint(platform);
    let layout = &request.product.bundle;
    let metadata = Metadata::of(layout, request.version, platform, &entrypoint);
    let path = layout_path(runtime, &metadata.entrypoint)?;
    let to = path.in_dir(dir);
    files::place(from, &to).map_err(Error::Scratch)?;
    with_metadata(
        runtime,
        dir,
        &metadata,
        vec![TreeFile {
            path,
            executable: Some(true),
            content,
            copy_of: None,
        }],
        request,
    )
}

/// Adds a metadata file to files that lie in `dir`.
pub(super) fn with_metadata(
    runtime: &Path,
    dir: &Path,
    metadata: &Metadata,
    mut files: Vec<TreeFile>,
    request: &OpenRequest<'_>,
) -> Result<Tree, Error> {
    let path = layout_path(runtime, &request.product.bundle.metadata)?;
    let mut writer = FileWriter::create(&path.in_dir(dir))?;
    writer.write(&metadata.to_bytes())?;
    files.push(TreeFile {
        path,
        executable: Some(false),
        content: writer.finish(),
        copy_of: None,
    });
    Ok(Tree {
        dir: dir.to_owned(),
        files,
        links: Vec::new(),
    })
}

/// A path that stage.toml gives. It is wrong only in a product of somebody's own.
pub(super) fn layout_path(runtime: &Path, path: &str) -> Result<PortablePath, Error> {
    PortablePath::parse(path).map_err(|fault| Error::Path {
        runtime: runtime.to_owned(),
        name: path.as_bytes().to_owned(),
        fault,
    })
}
