//! A tar: a package archive, or an npm tarball.

use std::io::Read;
use std::path::Path;

use super::error::Error;
use super::fault::BadLink;
use super::mode::OWNER_EXECUTABLE;
use super::tree::{FileWriter, Link, Tree, TreeFile};
use strict_archive::PortablePath;
use strict_archive::tar::{EntryKind, Reader};
use strict_archive::{EntryName, Limits};

/// Unpacks a tar into `dir`, which is made.
pub(super) fn unpack(
    input: impl Read,
    runtime: &Path,
    limits: Limits,
    dir: &Path,
) -> Result<Tree, Error> {
    let mut tree = Tree {
        dir: dir.to_owned(),
        files: Vec::new(),
        links: Vec::new(),
    };
    let mut reader = Reader::new(input, runtime, limits);
    while let Some(entry) = reader.next_entry()? {
        let path = bundle_path(runtime, &entry.name)?;
        match entry.kind {
            EntryKind::Directory => {}
            EntryKind::File => {
                let mut writer = FileWriter::create(&path.in_dir(dir))?;
                loop {
                    match reader.chunk()? {
                        [] => break,
                        chunk => writer.write(chunk)?,
                    }
                }
                let executable = Some(entry.mode & OWNER_EXECUTABLE != 0);
                tree.files.push(TreeFile {
                    path,
                    executable,
                    content: writer.finish(),
                    copy_of: None,
                });
            }
            EntryKind::Symlink(target) => {
                let target = target.resolve(&entry.name).map_err(|fault| Error::Link {
                    runtime: runtime.to_owned(),
                    name: path.display().to_string(),
                    fault: BadLink::Target(fault),
                })?;
                let target = bundle_path(runtime, &target)?;
                tree.links.push(Link {
                    path,
                    target,
                    symbolic: true,
                });
            }
            EntryKind::HardLink(target) => {
                let target = bundle_path(runtime, &target)?;
                tree.links.push(Link {
                    path,
                    target,
                    symbolic: false,
                });
            }
        }
    }
    Ok(tree)
}

/// Checks that every system can hold the name of an entry.
pub(super) fn bundle_path(runtime: &Path, name: &EntryName) -> Result<PortablePath, Error> {
    PortablePath::new(name.clone()).map_err(|fault| Error::Path {
        runtime: runtime.to_owned(),
        name: name.as_str().as_bytes().to_owned(),
        fault,
    })
}
