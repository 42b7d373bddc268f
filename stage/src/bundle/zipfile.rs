//! `.zip` and wheels.

use std::num::NonZeroUsize;
use std::path::Path;

use super::error::Error;
use super::fault::BadLink;
use super::mode::OWNER_EXECUTABLE;
use super::tarball::bundle_path;
use super::tree::{FileWriter, Link, Tree, TreeFile};
use crate::base::parallel;
use strict_archive::PortablePath;
use strict_archive::zip::{Archive, Entry, EntryKind};
use strict_archive::{DiskFile, Limits, LinkTarget};

/// Unpacks a zip into `dir`, which is made. Whatever is in it is read, so that a damaged entry is
/// found even in a part that is not used.
pub(super) fn unpack(
    runtime: &Path,
    limits: Limits,
    jobs: NonZeroUsize,
    dir: &Path,
) -> Result<Tree, Error> {
    let archive = Archive::open(runtime, limits)?;
    let mut entries: Vec<(&Entry, PortablePath)> = archive
        .entries()
        .iter()
        .map(|entry| Ok((entry, bundle_path(runtime, &entry.name)?)))
        .collect::<Result<_, Error>>()?;
    // The largest first: it alone may take as long as all others together.
    entries.sort_by_key(|(entry, _)| std::cmp::Reverse(entry.size));
    let unpacked = parallel::map(jobs, &entries, |(entry, path)| {
        unpack_entry(&archive, entry, path, dir)
    })?;
    let mut tree = Tree {
        dir: dir.to_owned(),
        files: Vec::new(),
        links: Vec::new(),
    };
    for unpacked in unpacked {
        match unpacked {
            Unpacked::File(file) => tree.files.push(file),
            Unpacked::Link(link) => tree.links.push(link),
            Unpacked::Directory => {}
        }
    }
    Ok(tree)
}

enum Unpacked {
    File(TreeFile),
    Link(Link),
    Directory,
}

fn unpack_entry(
    archive: &Archive<DiskFile>,
    entry: &Entry,
    path: &PortablePath,
    dir: &Path,
) -> Result<Unpacked, Error> {
    let mut content = archive.content(entry);
    match entry.kind {
        EntryKind::Directory => {
            while !content.chunk()?.is_empty() {}
            Ok(Unpacked::Directory)
        }
        EntryKind::File => {
            let mut writer = FileWriter::create(&path.in_dir(dir))?;
            loop {
                match content.chunk()? {
                    [] => break,
                    chunk => writer.write(chunk)?,
                }
            }
            // Some writers record the type of a file and no permissions.
            let mode = entry.mode.filter(|mode| mode & 0o777 != 0);
            Ok(Unpacked::File(TreeFile {
                path: path.clone(),
                executable: mode.map(|mode| mode & OWNER_EXECUTABLE != 0),
                content: writer.finish(),
                copy_of: None,
            }))
        }
        EntryKind::Symlink => {
            let bad = |fault| Error::Link {
                runtime: archive.path().to_owned(),
                name: path.display().to_string(),
                fault: BadLink::Target(fault),
            };
            let target = content.read_to_vec()?;
            let target = LinkTarget::parse(&target)
                .and_then(|target| target.resolve(&entry.name))
                .map_err(bad)?;
            Ok(Unpacked::Link(Link {
                path: path.clone(),
                target: bundle_path(archive.path(), &target)?,
                symbolic: true,
            }))
        }
    }
}
