//! One bare executable, as older releases were published. It becomes the entrypoint of a bundle of
//! its own.

use std::io::Read;
use std::path::Path;

use fs_err as fs;

use super::error::Error;
use super::metadata::Metadata;
use super::object::ObjectHeader;
use super::request::OpenRequest;
use super::tree::{Content, FileWriter, Tree, TreeFile};
use crate::product::Platform;
use strict_archive::PortablePath;

/// The platform whose executables begin like this one.
pub(super) fn platform<'a>(
    runtime: &Path,
    header: ObjectHeader,
    request: &OpenRequest<'a>,
) -> Result<&'a Platform, Error> {
    header
        .platform(&request.product.platforms)
        .ok_or_else(|| Error::NoPlatform {
            path: runtime.to_owned(),
            what: header.describe(&request.product.platforms),
            targets: request.targets(),
        })
}

/// Copies an executable into `dir`, which is made, and writes metadata for it.
pub(super) fn copy(
    mut input: impl Read,
    runtime: &Path,
    platform: &Platform,
    request: &OpenRequest<'_>,
    dir: &Path,
) -> Result<Tree, Error> {
    let metadata = Metadata::of(&request.product.bundle, request.version, platform);
    let path = entrypoint(runtime, &metadata)?;
    let mut writer = FileWriter::create(&path.in_dir(dir))?;
    let limits = request.limits();
    let mut buffer = vec![0; 256 * 1024];
    let mut total = 0;
    loop {
        let len = match input.read(&mut buffer) {
            Ok(0) => break,
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
    with_metadata(
        runtime,
        dir,
        &metadata,
        vec![TreeFile {
            path,
            executable: Some(true),
            content: writer.finish(),
        }],
        request,
    )
}

/// Makes a bundle of an executable that was unpacked to `from`.
pub(super) fn adopt(
    from: &Path,
    content: Content,
    runtime: &Path,
    platform: &Platform,
    request: &OpenRequest<'_>,
    dir: &Path,
) -> Result<Tree, Error> {
    let metadata = Metadata::of(&request.product.bundle, request.version, platform);
    let path = entrypoint(runtime, &metadata)?;
    let to = path.in_dir(dir);
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(Error::Scratch)?;
    }
    fs::rename(from, to).map_err(Error::Scratch)?;
    with_metadata(
        runtime,
        dir,
        &metadata,
        vec![TreeFile {
            path,
            executable: Some(true),
            content,
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
    });
    Ok(Tree {
        dir: dir.to_owned(),
        files,
        links: Vec::new(),
    })
}

fn entrypoint(runtime: &Path, metadata: &Metadata) -> Result<PortablePath, Error> {
    layout_path(runtime, &metadata.entrypoint)
}

/// A path that stage.toml gives. It is wrong only in a product of somebody's own.
fn layout_path(runtime: &Path, path: &str) -> Result<PortablePath, Error> {
    PortablePath::parse(path).map_err(|fault| Error::Path {
        runtime: runtime.to_owned(),
        name: path.as_bytes().to_owned(),
        fault,
    })
}
