//! Where in an archive the bundle is, and what around it may be left out.

use std::path::Path;

use super::error::Error;
use super::tree::{Tree, TreeFile};
use strict_archive::PortablePath;

/// What an archive was made to be, which decides what may lie around the bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrapping {
    /// A directory as it is on disk. The bundle is all of it.
    Directory,
    /// A zip or tar of a package. It may have one directory around the bundle.
    Archive,
    /// A wheel. The bundle is its import package.
    Wheel,
    /// An npm tarball. The bundle is `package/vendor/<target>/`.
    Npm,
}

/// The files that a wheel adds to the bundle, in the root of its import package.
pub const WHEEL_FILES: [&str; 3] = ["__init__.py", "__main__.py", "py.typed"];

/// The directory that a wheel adds to the bundle, in the root of its import package.
pub const WHEEL_HOOKS: &str = "__pyinstaller";

/// Returns whether a wheel adds this file to the bundle. The path starts in the import package.
#[must_use]
pub fn is_wheel_file(path: &str) -> bool {
    let hooks = path.strip_prefix(WHEEL_HOOKS);
    WHEEL_FILES.contains(&path) || hooks.is_some_and(|rest| rest.starts_with('/'))
}

/// The file that makes a directory of a wheel its `.dist-info`.
const WHEEL_FILE: &str = "WHEEL";

/// Where an npm tarball has its manifest and its native files.
pub(super) const NPM_MANIFEST: &str = "package/package.json";
const NPM_VENDOR: &str = "package/vendor";

impl Wrapping {
    /// Whether a zip is a wheel.
    pub(super) fn of_zip(tree: &Tree) -> Self {
        if dist_info(tree).is_some() {
            Self::Wheel
        } else {
            Self::Archive
        }
    }

    /// Whether a tar is an npm tarball.
    pub(super) fn of_tar(tree: &Tree) -> Self {
        let paths = || tree.files.iter().map(|file| &file.path);
        let npm = paths().any(|path| path.as_str() == NPM_MANIFEST)
            && paths().all(|path| path.below("package").is_some());
        if npm { Self::Npm } else { Self::Archive }
    }

    /// Whether a file that lies outside of the bundle belongs to the wrapping.
    pub(super) fn has(self, path: &PortablePath) -> bool {
        match self {
            Self::Directory | Self::Archive => false,
            Self::Wheel => path
                .as_str()
                .split('/')
                .next()
                .is_some_and(|top| top.ends_with(".dist-info")),
            Self::Npm => path.below(NPM_VENDOR).is_none(),
        }
    }

    /// Whether a bundle may begin at `root`; if not, where it may.
    fn check_root(self, root: &str) -> Result<(), &'static str> {
        let depth = if root.is_empty() {
            0
        } else {
            root.split('/').count()
        };
        let (right, expected) = match self {
            Self::Directory => (depth == 0, "in the root of the directory"),
            Self::Archive => (
                depth <= 1,
                "in the root of the archive or of the one directory in it",
            ),
            Self::Wheel => (depth == 1, "in the root of the wheel's import package"),
            Self::Npm => (
                depth == 3 && root.starts_with(NPM_VENDOR),
                "in package/vendor/<target>/ of the npm tarball",
            ),
        };
        if right { Ok(()) } else { Err(expected) }
    }

    /// Where metadata are looked for, for a message.
    pub(super) fn expected_place(self) -> &'static str {
        match self {
            Self::Directory => "in its root",
            Self::Archive => "in its root or in one directory in it",
            Self::Wheel => "in its import package",
            Self::Npm => "in package/vendor/<target>/",
        }
    }
}

/// Leaves out the native files of other targets, if an npm tarball has those of several and of this
/// one: before there were platform packages, one tarball had them all.
pub(super) fn narrow(tree: &mut Tree, wrapping: Wrapping, target: &str) {
    let wanted = format!("{NPM_VENDOR}/{target}");
    if wrapping != Wrapping::Npm
        || tree
            .files
            .iter()
            .all(|file| file.path.below(&wanted).is_none())
    {
        return;
    }
    let stays = |path: &PortablePath| wrapping.has(path) || path.below(&wanted).is_some();
    tree.files.retain(|file| stays(&file.path));
    tree.links.retain(|link| stays(&link.path));
}

/// The `METADATA` of a wheel, if that is what the tree is.
pub(super) fn dist_info(tree: &Tree) -> Option<&str> {
    tree.files
        .iter()
        .filter(|file| file.path.file_name() == WHEEL_FILE)
        .filter_map(|file| file.path.parent())
        .find(|parent| !parent.contains('/') && parent.ends_with(".dist-info"))
}

/// The directory of the metadata, if there are any.
pub(super) fn find_root(
    tree: &Tree,
    wrapping: Wrapping,
    metadata: &str,
    runtime: &Path,
) -> Result<Option<String>, Error> {
    let files = tree.files.iter().map(|file| &file.path);
    let links = tree.links.iter().map(|link| &link.path);
    let mut found: Vec<&PortablePath> = files
        .chain(links)
        .filter(|path| path.file_name() == metadata)
        .collect();
    found.sort();
    match found[..] {
        [] => Ok(None),
        [path] => {
            let root = path.parent().unwrap_or("");
            wrapping
                .check_root(root)
                .map_err(|expected| Error::MetadataPlace {
                    runtime: runtime.to_owned(),
                    found: path.display().to_string(),
                    expected,
                })?;
            Ok(Some(root.to_owned()))
        }
        [first, second, ..] => Err(Error::TwoRuntimes {
            runtime: runtime.to_owned(),
            first: first.display().to_string(),
            second: second.display().to_string(),
        }),
    }
}

/// Cuts a tree without metadata down to what lies at `root`. What an npm tarball adds is gone.
pub(super) fn cut_plain(tree: Tree, wrapping: Wrapping, root: &str) -> Tree {
    let dir = tree.dir.join(root);
    let files = tree.files.into_iter().filter_map(|file| {
        let path = file.path.below(root)?;
        let copy_of = file.copy_of.as_ref().and_then(|path| path.below(root));
        let added = wrapping == Wrapping::Npm && file.path.as_str() == NPM_MANIFEST;
        (!added).then_some(TreeFile {
            path,
            copy_of,
            ..file
        })
    });
    let mut files = files.collect::<Vec<_>>();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Tree {
        dir,
        files,
        links: tree.links,
    }
}

/// Cuts a tree down to the bundle at `root`: paths start there, and what belongs to the wrapping is
/// gone.
pub(super) fn cut(
    mut tree: Tree,
    wrapping: Wrapping,
    root: &str,
    runtime: &Path,
) -> Result<Tree, Error> {
    let dir = if root.is_empty() {
        tree.dir.clone()
    } else {
        tree.dir.join(root)
    };
    tree.files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut files = Vec::with_capacity(tree.files.len());
    for mut file in tree.files {
        match file.path.below(root) {
            Some(path) if wrapping == Wrapping::Wheel && is_wheel_file(path.as_str()) => {
                fs_err::remove_file(path.in_dir(&dir)).map_err(Error::Scratch)?;
            }
            Some(path) => {
                file.path = path;
                file.copy_of = file.copy_of.and_then(|path| path.below(root));
                files.push(file);
            }
            None if wrapping.has(&file.path) => {}
            None => {
                return Err(Error::OutsideRoot {
                    runtime: runtime.to_owned(),
                    file: file.path.display().to_string(),
                    root: root.to_owned(),
                });
            }
        }
    }
    Ok(Tree {
        dir,
        files,
        links: tree.links,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{names, tree};
    use super::*;

    /// What a tree is, and what of it is the bundle.
    type Placed = (Wrapping, Option<Vec<String>>);

    fn place(files: &[&str]) -> Result<Placed, String> {
        let dir = tempfile::tempdir().unwrap();
        let tree = tree(dir.path(), files, &[]);
        let wrapping = match Wrapping::of_zip(&tree) {
            Wrapping::Archive => Wrapping::of_tar(&tree),
            wheel => wheel,
        };
        let runtime = Path::new("x");
        let cut = find_root(&tree, wrapping, "meta.json", runtime)
            .and_then(|root| {
                root.map(|root| cut(tree, wrapping, &root, runtime))
                    .transpose()
            })
            .map_err(|error| error.to_string())?;
        Ok((
            wrapping,
            cut.map(|tree| names(&tree).iter().map(ToString::to_string).collect()),
        ))
    }

    fn left(wrapping: Wrapping, names: &[&str]) -> Placed {
        (
            wrapping,
            Some(names.iter().map(ToString::to_string).collect()),
        )
    }

    #[test]
    fn an_archive_may_have_one_directory_around_the_bundle() {
        let bundle = left(Wrapping::Archive, &["bin/a", "meta.json"]);
        assert_eq!(place(&["meta.json", "bin/a"]).as_ref(), Ok(&bundle));
        assert_eq!(place(&["pkg/meta.json", "pkg/bin/a"]), Ok(bundle));
        assert_eq!(place(&["a", "b"]), Ok((Wrapping::Archive, None)));
    }

    #[test]
    fn a_wheel_adds_its_own_files() {
        let files = [
            "pkg/meta.json",
            "pkg/__init__.py",
            "pkg/__main__.py",
            "pkg/py.typed",
            "pkg/lib/__init__.py",
            "pkg-1.dist-info/WHEEL",
            "pkg-1.dist-info/RECORD",
        ];
        let bundle = left(Wrapping::Wheel, &["lib/__init__.py", "meta.json"]);
        assert_eq!(place(&files), Ok(bundle));
    }

    #[test]
    fn an_npm_tarball_has_the_bundle_among_its_vendored_files() {
        let files = [
            "package/package.json",
            "package/README.md",
            "package/vendor/t/meta.json",
        ];
        assert_eq!(place(&files), Ok(left(Wrapping::Npm, &["meta.json"])));
    }

    #[test]
    fn what_lies_beside_the_bundle_is_refused() {
        for (files, error) in [
            (
                &["pkg/meta.json", "a"][..],
                "x: `a` lies outside of the runtime, whose root is `pkg/`",
            ),
            (
                &["a/b/meta.json"],
                "x: `a/b/meta.json` is not in the root of the archive or of the one directory in it",
            ),
            (
                &["pkg/meta.json", "a.pth", "pkg-1.dist-info/WHEEL"],
                "x: `a.pth` lies outside of the runtime, whose root is `pkg/`",
            ),
            (
                &[
                    "package/package.json",
                    "package/vendor/t/meta.json",
                    "package/vendor/u/a",
                ],
                "x: `package/vendor/u/a` lies outside of the runtime, whose root is `package/vendor/t/`",
            ),
            (
                &["package/package.json", "package/meta.json"],
                "x: `package/meta.json` is not in package/vendor/<target>/ of the npm tarball",
            ),
            (
                &["b/meta.json", "a/meta.json"],
                "x holds two runtimes: `a/meta.json` and `b/meta.json`",
            ),
        ] {
            assert_eq!(place(files), Err(error.to_owned()));
        }
    }
}
