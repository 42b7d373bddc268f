//! Everything that a RUNTIME holds, before it is known which of it is the bundle.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use fs_err as fs;

use super::error::Error;
use super::fault::BadLink;
use super::measure::{Content, Measure};
use crate::base::files;
use strict_archive::Limits;
use strict_archive::PortablePath;

/// The files below a directory, and the links that were found with them.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub(super) dir: PathBuf,
    pub(super) files: Vec<TreeFile>,
    pub(super) links: Vec<Link>,
}

/// A regular file.
#[derive(Clone, Debug)]
pub(super) struct TreeFile {
    pub(super) path: PortablePath,
    /// The owner's executable bit; `None` where nothing recorded a mode.
    pub(super) executable: Option<bool>,
    pub(super) content: Content,
    /// The file that it is a copy of, where it was a symbolic link.
    pub(super) copy_of: Option<PortablePath>,
}

/// A hard or symbolic link. It is not on disk.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) path: PortablePath,
    pub(super) target: PortablePath,
    /// A hard link is the file itself under another name.
    pub(super) symbolic: bool,
}

/// Writes a new file and takes its measure on the way.
#[derive(Debug)]
pub(super) struct FileWriter {
    file: fs::File,
    measure: Measure,
}

impl FileWriter {
    /// Creates the file, and the directories above it. It must not be there.
    pub(super) fn create(path: &Path) -> Result<Self, Error> {
        files::create_parents(path).map_err(Error::Scratch)?;
        let file = fs::File::create_new(path).map_err(Error::Scratch)?;
        Ok(Self {
            file,
            measure: Measure::default(),
        })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.measure.update(bytes);
        self.file.write_all(bytes).map_err(Error::Scratch)
    }

    pub(super) fn finish(self) -> Content {
        self.measure.finish()
    }
}

impl Tree {
    /// Replaces every link below `root` by a copy of the file that it leads to, or says which
    /// cannot be. Links elsewhere are left out.
    pub(super) fn resolve_links(
        &mut self,
        runtime: &Path,
        root: &str,
        limits: Limits,
    ) -> Result<(), Error> {
        let files: HashMap<&str, &TreeFile> = self
            .files
            .iter()
            .map(|file| (file.path.as_str(), file))
            .collect();
        let links: HashMap<&str, &PortablePath> = self
            .links
            .iter()
            .map(|link| (link.path.as_str(), &link.target))
            .collect();
        let mut unpacked: u64 = self.files.iter().map(|file| file.content.size).sum();
        let mut copies = Vec::new();
        for link in self
            .links
            .iter()
            .filter(|link| link.path.below(root).is_some())
        {
            let bad = |fault| Error::Link {
                runtime: runtime.to_owned(),
                name: link.path.as_str().to_owned(),
                fault,
            };
            let mut target = &link.target;
            // A chain that visits more links than there are visits one twice.
            for _ in 0..links.len() {
                match links.get(target.as_str()) {
                    Some(next) => target = next,
                    None => break,
                }
            }
            let shown = target.display().to_string();
            let Some(file) = files.get(target.as_str()) else {
                return Err(bad(if links.contains_key(target.as_str()) {
                    BadLink::Loops
                } else if self
                    .files
                    .iter()
                    .any(|file| file.path.below(target.as_str()).is_some())
                {
                    BadLink::Directory(shown)
                } else {
                    BadLink::Dangles(shown)
                }));
            };
            if target.below(root).is_none() {
                return Err(bad(BadLink::LeavesTree(shown)));
            }
            unpacked = limits
                .add_bytes(unpacked, file.content.size)
                .map_err(|fault| Error::Limit {
                    runtime: runtime.to_owned(),
                    fault,
                })?;
            // Through a hard link it is the file at that place.
            let copy_of = link.symbolic.then(|| target.clone());
            copies.push((*file, link.path.clone(), copy_of));
        }
        let mut added = Vec::with_capacity(copies.len());
        for (file, path, copy_of) in copies {
            let to = path.in_dir(&self.dir);
            files::create_parents(&to).map_err(Error::Scratch)?;
            fs::copy(file.path.in_dir(&self.dir), to).map_err(Error::Scratch)?;
            added.push(TreeFile {
                path,
                copy_of,
                ..file.clone()
            });
        }
        self.files.append(&mut added);
        self.links.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{names, tree};
    use super::*;
    use crate::base::digest::Digest;

    const LIMITS: Limits = Limits {
        entries: 100,
        unpacked_bytes: 100,
    };

    fn resolve(links: &[(&str, &str)], root: &str) -> Result<Vec<String>, Error> {
        let dir = tempfile::tempdir().unwrap();
        let mut tree = tree(dir.path(), &["pkg/a", "pkg/dir/b", "outside"], links);
        tree.resolve_links(Path::new("x"), root, LIMITS)?;
        for file in &tree.files {
            let content = fs::read(file.path.in_dir(dir.path())).unwrap();
            assert_eq!(file.content.sha256, Digest::of(&content));
            assert_eq!(file.content.crc32, crc32fast::hash(&content));
        }
        Ok(names(&tree)[3..].iter().map(ToString::to_string).collect())
    }

    fn fault(links: &[(&str, &str)]) -> BadLink {
        match resolve(links, "pkg") {
            Err(Error::Link { fault, .. }) => fault,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn links_become_copies_of_the_files_where_they_end() {
        let links = [
            ("pkg/l", "pkg/m"),
            ("pkg/m", "pkg/n"),
            ("pkg/n", "pkg/dir/b"),
        ];
        assert_eq!(resolve(&links, "pkg").unwrap(), ["pkg/l", "pkg/m", "pkg/n"]);
        // Those outside of the bundle are of no interest.
        assert_eq!(resolve(&[("l", "nowhere")], "pkg").unwrap(), [""; 0]);
    }

    #[test]
    fn links_that_end_at_no_file_of_the_bundle_are_refused() {
        assert_eq!(
            fault(&[("pkg/l", "pkg/x")]),
            BadLink::Dangles("pkg/x".to_owned())
        );
        assert_eq!(
            fault(&[("pkg/l", "pkg/dir")]),
            BadLink::Directory("pkg/dir".to_owned())
        );
        assert_eq!(
            fault(&[("pkg/l", "outside")]),
            BadLink::LeavesTree("outside".to_owned())
        );
        assert_eq!(fault(&[("pkg/l", "pkg/l")]), BadLink::Loops);
        assert_eq!(
            fault(&[("pkg/l", "pkg/m"), ("pkg/m", "pkg/l")]),
            BadLink::Loops
        );
    }

    #[test]
    fn copies_count_toward_the_limit() {
        let links: Vec<String> = (0..20).map(|n| format!("pkg/{n}")).collect();
        let links: Vec<(&str, &str)> = links.iter().map(|link| (&link[..], "pkg/dir/b")).collect();
        assert!(matches!(resolve(&links, "pkg"), Err(Error::Limit { .. })));
    }
}
