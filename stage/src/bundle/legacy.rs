//! Packages from before there were metadata, as `[[bundle.legacy]]` of stage.toml describes them.

use std::path::Path;

use fs_err as fs;
use serde::Deserialize;

use super::error::Error;
use super::fault::LegacyFault;
use super::metadata::Metadata;
use super::place::{self, Wrapping};
use super::request::OpenRequest;
use super::tree::{Tree, TreeFile};
use super::{executable, metadata, program};
use crate::base::files;
use crate::product::Platform;
use crate::product::{LegacyContainer, LegacyLayout};
use native_claims::facts::Identity;
use strict_archive::PortablePath;

/// Turns a wheel or npm tarball without metadata into a bundle in `dir`; `None` if stage.toml does
/// not know its like.
pub(super) fn open(
    tree: &Tree,
    wrapping: Wrapping,
    runtime: &Path,
    request: &OpenRequest<'_>,
    dir: &Path,
) -> Result<Option<Tree>, Error> {
    let container = match wrapping {
        Wrapping::Wheel => LegacyContainer::Wheel,
        Wrapping::Npm => LegacyContainer::Npm,
        Wrapping::Directory | Wrapping::Archive => return Ok(None),
    };
    let layouts = request.product.bundle.legacy.iter();
    let mut layouts = layouts
        .filter(|layout| layout.container == container)
        .peekable();
    if layouts.peek().is_none() {
        return Ok(None);
    }
    let Some(layout) = layouts.find(|layout| *request.version < layout.before) else {
        check_any_version(tree, wrapping, runtime, request)?;
        return Ok(None);
    };
    let root = root(tree, wrapping, runtime)?;
    let mut whole = tree.clone();
    whole.resolve_links(runtime, &root, request.limits())?;
    let cut = place::cut(whole, wrapping, &root, runtime)?;
    let files = cut
        .files
        .into_iter()
        .map(|file| {
            let path = moved(&file.path, layout).map_err(|fault| Error::Path {
                runtime: runtime.to_owned(),
                name: file.path.as_str().as_bytes().to_owned(),
                fault,
            })?;
            let copy_of = file.copy_of.as_ref();
            let copy_of = copy_of.and_then(|path| moved(path, layout).ok());
            let to = path.in_dir(dir);
            files::place(&file.path.in_dir(&cut.dir), &to).map_err(Error::Scratch)?;
            Ok(TreeFile {
                path,
                copy_of,
                ..file
            })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let platform = platform(&files, runtime, request, dir)?;
    check_version(tree, wrapping, runtime, request, platform)?;
    if wrapping == Wrapping::Npm && root.rsplit('/').next() != Some(&platform.target) {
        return Err(Error::Vendor {
            runtime: runtime.to_owned(),
            folder: root,
            target: platform.target.to_string(),
        });
    }
    let entrypoint = request.default_entrypoint(platform);
    let layout = &request.product.bundle;
    let metadata = Metadata::of(layout, request.version, platform, &entrypoint);
    executable::with_metadata(runtime, dir, &metadata, files, request).map(Some)
}

/// The directory of the native files: the one import package, or the one folder in `vendor`.
fn root(tree: &Tree, wrapping: Wrapping, runtime: &Path) -> Result<String, Error> {
    let depth = if wrapping == Wrapping::Npm { 3 } else { 1 };
    let mut roots: Vec<String> = tree
        .files
        .iter()
        .filter(|file| !wrapping.has(&file.path))
        .filter_map(|file| {
            let components: Vec<&str> = file.path.as_str().split('/').collect();
            (components.len() > depth).then(|| components[..depth].join("/"))
        })
        .collect();
    roots.sort();
    roots.dedup();
    match &mut roots[..] {
        [root] => Ok(std::mem::take(root)),
        [first, second, ..] => Err(Error::TwoRuntimes {
            runtime: runtime.to_owned(),
            first: std::mem::take(first),
            second: std::mem::take(second),
        }),
        [] => Err(Error::Legacy {
            runtime: runtime.to_owned(),
            fault: LegacyFault::Empty,
        }),
    }
}

/// Where a file goes: the first of the moves whose directory it lies in.
fn moved(
    path: &PortablePath,
    layout: &LegacyLayout,
) -> Result<PortablePath, strict_archive::PortableFault> {
    for (from, to) in &layout.moves {
        if let Some(rest) = path.below(from) {
            return PortablePath::parse(&format!("{to}/{}", rest.as_str()));
        }
    }
    Ok(path.clone())
}

/// The platform of the entrypoint, by its bytes.
fn platform<'a>(
    files: &[TreeFile],
    runtime: &Path,
    request: &OpenRequest<'a>,
    dir: &Path,
) -> Result<&'a Platform, Error> {
    for file in files {
        let candidates = request.product.platforms.iter();
        let is_entrypoint =
            |platform: &&Platform| *file.path.as_str() == request.default_entrypoint(platform);
        if !candidates.clone().any(|platform| is_entrypoint(&platform)) {
            continue;
        }
        let name = file.path.display().to_string();
        return match program::identify(&file.path.in_dir(dir), runtime, Some(&name))? {
            Identity::Program(found) => program::platform(runtime, "", &found, request),
            Identity::Unfit(what) => Err(Error::Unfit {
                path: runtime.to_owned(),
                what,
            }),
            Identity::Other => Err(Error::Legacy {
                runtime: runtime.to_owned(),
                fault: LegacyFault::NoProgram(name),
            }),
        };
    }
    let entrypoint = request.product.bundle.entrypoint.as_ref();
    let entrypoint = entrypoint.map_or_else(
        || request.product.identity.commands[0].to_string(),
        ToString::to_string,
    );
    Err(Error::Legacy {
        runtime: runtime.to_owned(),
        fault: LegacyFault::NoProgram(entrypoint),
    })
}

/// Compares the version of a wheel or tarball with one that should have metadata: it may be an
/// older package, and then the metadata are not what is missing.
pub(super) fn check_any_version(
    tree: &Tree,
    wrapping: Wrapping,
    runtime: &Path,
    request: &OpenRequest<'_>,
) -> Result<(), Error> {
    let stated = stated_version(tree, wrapping)?.1;
    let (found, expected) = if wrapping == Wrapping::Wheel {
        (stated, request.version.python())
    } else {
        let platforms = request.product.platforms.iter();
        let mut bare = platforms.filter_map(|platform| bare_version(stated.as_deref()?, platform));
        (bare.next(), request.version.to_string())
    };
    match found {
        Some(found) if found != expected => Err(Error::Version {
            runtime: runtime.to_owned(),
            found,
            expected,
        }),
        _ => Ok(()),
    }
}

/// Compares the version that the wheel or tarball itself has with the one that the caller expects.
fn check_version(
    tree: &Tree,
    wrapping: Wrapping,
    runtime: &Path,
    request: &OpenRequest<'_>,
    platform: &Platform,
) -> Result<(), Error> {
    let (file, stated) = stated_version(tree, wrapping)?;
    let (found, expected) = if wrapping == Wrapping::Wheel {
        (stated, request.version.python())
    } else {
        // A tarball with the runtimes of all platforms has the version of the release itself.
        let bare = stated.map(|version| bare_version(&version, platform).unwrap_or(version));
        (bare, request.version.to_string())
    };
    match found {
        Some(found) if found == expected => Ok(()),
        Some(found) => Err(Error::Version {
            runtime: runtime.to_owned(),
            found,
            expected,
        }),
        None => Err(Error::Legacy {
            runtime: runtime.to_owned(),
            fault: LegacyFault::NoVersion(file),
        }),
    }
}

/// The file of a wheel or tarball that has its version, and that version if it is there.
fn stated_version(tree: &Tree, wrapping: Wrapping) -> Result<(String, Option<String>), Error> {
    let file = match place::dist_info(tree) {
        Some(dist_info) if wrapping == Wrapping::Wheel => format!("{dist_info}/METADATA"),
        _ => place::NPM_MANIFEST.to_owned(),
    };
    let size = tree
        .files
        .iter()
        .find(|f| f.path.as_str() == file)
        .map(|f| f.content.size);
    let Some(0..=metadata::MAX_LEN) = size else {
        return Ok((file, None));
    };
    let text = fs::read_to_string(tree.dir.join(&file)).map_err(Error::Scratch)?;
    let version = if wrapping == Wrapping::Wheel {
        python_version(&text)
    } else {
        npm_version(&text)
    };
    Ok((file, version))
}

/// The version of a release in that of a platform's npm package, which ends in the platform.
fn bare_version(version: &str, platform: &Platform) -> Option<String> {
    let bare = version.strip_suffix(&*platform.npm.name)?;
    Some(bare.strip_suffix('-')?.to_owned())
}

/// `Version` of a core metadata file, whose headers end with an empty line.
fn python_version(text: &str) -> Option<String> {
    let mut headers = text.lines().take_while(|line| !line.is_empty());
    headers.find_map(|line| Some(line.strip_prefix("Version:")?.trim().to_owned()))
}

/// `version` of a package.json.
fn npm_version(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Package {
        version: String,
    }
    serde_json::from_str::<Package>(text)
        .ok()
        .map(|package| package.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_says_its_version() {
        let metadata = "Metadata-Version: 2.4\nName: x\nVersion: 0.131.0a4\n\nVersion: 9\n";
        assert_eq!(python_version(metadata).as_deref(), Some("0.131.0a4"));
        assert_eq!(python_version("Name: x\n\nVersion: 9\n"), None);
        let manifest = r#"{"name":"@openai/codex","version":"0.116.0-linux-x64"}"#;
        assert_eq!(npm_version(manifest).as_deref(), Some("0.116.0-linux-x64"));
        assert_eq!(npm_version("{}"), None);
        assert_eq!(npm_version("\0"), None);
    }

    #[test]
    fn files_go_where_the_layout_moves_them() {
        let layout = LegacyLayout {
            container: LegacyContainer::Npm,
            before: crate::version::ReleaseVersion::parse("1.0.0", &[]).unwrap(),
            moves: [("codex".parse().unwrap(), "bin".parse().unwrap())].into(),
        };
        for (from, to) in [
            ("codex/codex", "bin/codex"),
            ("codexes/x", "codexes/x"),
            ("codex/a/b", "bin/a/b"),
        ] {
            let path = PortablePath::parse(from).unwrap();
            assert_eq!(moved(&path, &layout).unwrap().as_str(), to);
        }
    }
}
